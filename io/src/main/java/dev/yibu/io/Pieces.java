package dev.yibu.io;

import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** What is read piece by piece, once. */
abstract class Pieces<T> implements Iterable<T>, AutoCloseable {
    private @Nullable T upcoming;
    private boolean over;

    /** The next piece, or null at the end. If it throws Cancelled, it has taken nothing. */
    abstract @Nullable T read() throws IOException;

    @Override
    public abstract void close() throws IOException;

    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return upcoming() != null;
            }

            @Override
            public T next() {
                T piece = upcoming();
                if (piece == null) {
                    throw new NoSuchElementException();
                }
                upcoming = null;
                return piece;
            }
        };
    }

    private @Nullable T upcoming() {
        if (upcoming == null && !over) {
            try {
                upcoming = read();
            } catch (IOException e) {
                throw Throwing.<RuntimeException>any(e);
            }
            over = upcoming == null;
        }
        return upcoming;
    }
}
