package dev.yibu.io;

import dev.yibu.Async;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many files at once. A few tasks go to the pool again and again. Each trip takes files, one after the other, until it has
 * moved about a chunk: so small files don't cost a trip each, a large one keeps nobody's place for longer than it takes,
 * and the work is shared out evenly whatever the sizes.
 */
final class ManyFiles {
    /** So many files are a trip, if they are small: a trip costs as much as opening one or two. */
    private static final int FILES = 64;

    private ManyFiles() {}

    /** Handles a file on the pool; returns how many bytes that moved. */
    private interface Handling {
        long handle(int index) throws IOException;
    }

    static List<byte[]> read(Collection<? extends Path> paths, int concurrency) throws IOException {
        Path[] all = paths.toArray(new Path[0]);
        byte[][] contents = new byte[all.length][];
        readEach(all, concurrency, (index, bytes) -> contents[index] = bytes);
        return new ArrayList<>(Arrays.asList(contents));
    }

    static List<String> readStrings(Collection<? extends Path> paths, Charset charset, int concurrency)
            throws IOException {
        Path[] all = paths.toArray(new Path[0]);
        @Nullable String[] texts = new String[all.length];
        readEach(all, concurrency, (index, bytes) -> texts[index] = Text.decode(all[index], bytes, charset));
        List<String> list = new ArrayList<>();
        Collections.addAll(list, texts);
        return list;
    }

    /** Takes what a file has. */
    private interface Keeping {
        void keep(int index, byte[] bytes) throws IOException;
    }

    private static void readEach(Path[] paths, int concurrency, Keeping keeping) throws IOException {
        AtomicBoolean unwanted = new AtomicBoolean();
        AtomicInteger next = new AtomicInteger();
        Handling read = index -> {
            byte[] bytes = WholeFile.readNow(paths[index], unwanted);
            if (!unwanted.get()) {
                keeping.keep(index, bytes);
            }
            return bytes.length;
        };
        try {
            atOnce(
                    paths.length,
                    concurrency,
                    next,
                    () -> Async.<Integer, IOException>abandon(() -> trip(paths, next, unwanted, read)));
        } finally {
            unwanted.set(true);
        }
    }

    static void write(Map<? extends Path, ByteBuffer> contents, Set<? extends OpenOption> options, int concurrency)
            throws IOException {
        Path[] paths = contents.keySet().toArray(new Path[0]);
        ByteBuffer[] bytes = contents.values().toArray(new ByteBuffer[0]);
        AtomicBoolean unwanted = new AtomicBoolean();
        AtomicInteger next = new AtomicInteger();
        Handling write = index -> {
            Async.checkpoint();
            WholeFile.writeNow(paths[index], bytes[index], options);
            return bytes[index].remaining();
        };
        atOnce(
                paths.length,
                concurrency,
                next,
                () -> Async.<Integer, IOException>blocking(() -> trip(paths, next, unwanted, write)));
    }

    private interface Trip {
        int go() throws IOException;
    }

    private static void atOnce(int files, int concurrency, AtomicInteger next, Trip trip) throws IOException {
        if (concurrency < 1) {
            throw new IllegalArgumentException("the concurrency is " + concurrency + "; one is the smallest");
        }
        List<Integer> workers = Collections.nCopies(Math.min(files, concurrency), 0);
        Async.<Integer, IOException>forEach(workers, _ -> {
            while (next.get() < files) {
                trip.go();
            }
        });
    }

    /** On the pool. Returns how many files it has handled. */
    private static int trip(Path[] paths, AtomicInteger next, AtomicBoolean unwanted, Handling handling)
            throws IOException {
        long moved = 0;
        int handled = 0;
        while (handled < FILES && moved < Disk.CHUNK && !unwanted.get()) {
            int index = next.getAndIncrement();
            if (index >= paths.length) {
                break;
            }
            try {
                moved += handling.handle(index);
            } catch (IOException e) {
                throw Disk.named(paths[index], e);
            }
            handled++;
        }
        return handled;
    }
}
