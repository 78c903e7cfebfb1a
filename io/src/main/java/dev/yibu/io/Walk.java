package dev.yibu.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The entries of a tree of folders, some at a time: first a few, so that they come soon, then more. */
final class Walk extends Pieces<Path> {
    private static final int FIRST = 16;
    private static final int MOST = 256;

    private final Path start;
    private final Stream<Path> tree;
    private final Iterator<Path> entries;
    private final Feed<List<Path>> feed;
    private List<Path> batch = List.of();
    private int next;

    // Owned by the call on the pool.
    private int size = FIRST;
    private @Nullable IOException failure;

    private Walk(Path start, Stream<Path> tree) {
        this.start = start;
        this.tree = tree;
        this.entries = tree.iterator();
        this.feed = new Feed<>(tree::close);
    }

    @SuppressWarnings("StreamResourceLeak") // closing the walk closes it
    static Walk begin(Path start, int depth, FileVisitOption... options) throws IOException {
        return Disk.read(start, () -> new Walk(start, Files.walk(start, depth, options)), Walk::closeNow);
    }

    @Override
    @Nullable
    Path read() throws IOException {
        if (next == batch.size()) {
            try {
                batch = feed.next(this::step);
            } catch (IOException e) {
                throw Disk.named(start, e);
            }
            next = 0;
        }
        return batch.isEmpty() ? null : batch.get(next++);
    }

    /** What was found before a failure comes before it. */
    private List<Path> step() throws IOException {
        if (failure != null) {
            throw failure;
        }
        List<Path> found = new ArrayList<>();
        try {
            while (found.size() < size && entries.hasNext()) {
                found.add(entries.next());
            }
        } catch (UncheckedIOException e) {
            failure = e.getCause();
            if (found.isEmpty()) {
                throw failure;
            }
        }
        size = Math.min(MOST, 2 * size);
        return found;
    }

    private void closeNow() {
        tree.close();
    }

    @Override
    public void close() {
        if (!feed.closesBehind()) {
            closeNow();
        }
    }
}
