package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Somebody else's iterable. If there is something to close, it is closed at the latest when the enclosing scope ends. */
final class IterableSource<T extends @Nullable Object> extends Source<T> {
    private final Supplier<? extends Iterator<? extends T>> begin;
    private final @Nullable Closing closing;
    private @Nullable Iterator<? extends T> iterator;

    IterableSource(Supplier<? extends Iterator<? extends T>> begin, @Nullable AutoCloseable closeable) {
        this.begin = begin;
        this.closing = closeable == null ? null : new Closing(Objects.requireNonNull(Strand.current()), closeable);
    }

    @Override
    @Nullable
    Object next() {
        Objects.requireNonNull(Strand.current()).checkpoint();
        Iterator<? extends T> items = iterator;
        if (items == null) {
            items = begin.get();
            iterator = items;
        }
        return items.hasNext() ? items.next() : END;
    }

    @Override
    void cancel(CancelReason reason) {}

    @Override
    void close() {
        Throwable failure = closing == null ? null : closing.close();
        if (failure != null) {
            throw Throwing.<RuntimeException>any(failure);
        }
    }

    /** Nothing to cancel, only something to end. */
    private static final class Closing extends CancelScope {
        private final CancelScope enclosing;
        private final AutoCloseable closeable;
        private boolean closed;

        Closing(Strand strand, AutoCloseable closeable) {
            super(strand);
            this.enclosing = strand.scope();
            this.closeable = closeable;
            enclosing.adopt(this);
        }

        @Nullable
        Throwable close() {
            if (closed) {
                return null;
            }
            closed = true;
            enclosing.release(this);
            try {
                closeable.close();
                return null;
            } catch (Throwable t) {
                return t;
            }
        }

        @Override
        protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
            Throwable failure = close();
            if (thrown == null || failure == null || failure == thrown) {
                return thrown == null ? failure : thrown;
            }
            if (thrown instanceof Cancelled && !(failure instanceof Cancelled)) {
                strand().cancellationDropped();
                return failure;
            }
            suppress(thrown, failure);
            return thrown;
        }
    }
}
