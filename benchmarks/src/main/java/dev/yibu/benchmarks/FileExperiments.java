package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.benchmarks.Experiment.Turn;
import dev.yibu.io.AsyncFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The experiments about files, which are all in the system's cache: what is measured is the way to them. */
final class FileExperiments {
    static final List<String> NAMES = List.of("files", "files-chunks");

    private static final int FILES = 10_000;
    private static final int SIZE = 4096;
    private static final int LARGE = 64 * 1024 * 1024;

    private FileExperiments() {}

    static Experiment named(String name) throws IOException {
        return switch (name) {
            case "files" -> files(name);
            case "files-chunks" -> chunks(name);
            default -> throw new IllegalArgumentException("no experiment: " + name);
        };
    }

    // ---------------------------------------------------------------- many small files

    private static Experiment files(String name) throws IOException {
        Path folder = folder();
        List<Path> paths = IntStream.range(0, FILES)
                .mapToObj(number -> folder.resolve(Integer.toString(number)))
                .toList();
        for (Path path : paths) {
            Files.write(path, new byte[SIZE]);
        }
        List<Competitor> competitors = new ArrayList<>(List.of(
                new Competitor("one after the other", reads(() -> oneAfterTheOther(paths))),
                new Competitor("pool of 8 threads", reads(() -> onPool(paths))),
                new Competitor("10,000 virtual threads", reads(() -> onVirtualThreads(paths)))));
        competitors.add(new Competitor("Yibu, a task each", TaskExperiments.inRun(reads(() -> gather(paths)))));
        competitors.add(new Competitor("Yibu readAll", TaskExperiments.inRun(reads(() -> AsyncFiles.readAll(paths)))));
        Peers peers = new Peers();
        for (String mode : List.of("sequential", "executor", "aiofiles")) {
            String module = mode.equals("aiofiles") ? "aiofiles" : "asyncio";
            peers.python("Python, " + mode, module, "read_files.py", "read", mode, folder.toString(), "" + FILES);
        }
        return new Experiment(name, "file", 10, 21, competitors).with(peers);
    }

    private interface Reading {
        List<byte[]> read() throws Exception;
    }

    private static Turn reads(Reading reading) {
        return () -> Cost.of(FILES, () -> {
            List<byte[]> contents = reading.read();
            if (contents.size() != FILES || contents.stream().anyMatch(content -> content.length != SIZE)) {
                throw new AssertionError("a file was lost");
            }
        });
    }

    private static List<byte[]> oneAfterTheOther(List<Path> paths) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (Path path : paths) {
            contents.add(Files.readAllBytes(path));
        }
        return contents;
    }

    private static List<byte[]> onPool(List<Path> paths) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Future<byte[]>> futures = new ArrayList<>();
            for (Path path : paths) {
                futures.add(pool.submit(() -> Files.readAllBytes(path)));
            }
            List<byte[]> contents = new ArrayList<>();
            for (Future<byte[]> future : futures) {
                contents.add(future.get());
            }
            return contents;
        }
    }

    private static List<byte[]> onVirtualThreads(List<Path> paths) throws InterruptedException {
        byte[][] contents = new byte[paths.size()][];
        CountDownLatch done = new CountDownLatch(contents.length);
        for (int i = 0; i < contents.length; i++) {
            int number = i;
            Thread.startVirtualThread(() -> {
                try {
                    contents[number] = Files.readAllBytes(paths.get(number));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        return List.of(contents);
    }

    private static List<byte[]> gather(List<Path> paths) throws IOException {
        return Async.<Path, byte[], IOException>gather(paths, AsyncFiles::readBytes);
    }

    // ---------------------------------------------------------------- one large file

    /** How large the chunk has to be for a trip to the pool to disappear beside it. */
    private static Experiment chunks(String name) throws IOException {
        Path path = folder().resolve("large");
        Files.write(path, new byte[LARGE]);
        List<Competitor> competitors = new ArrayList<>();
        for (int size : new int[] {64 * 1024, 256 * 1024, 1024 * 1024}) {
            competitors.add(new Competitor(
                    size / 1024 + " KiB, read directly", () -> Cost.of(LARGE >> 20, () -> readDirectly(path, size))));
        }
        for (int size : new int[] {8 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024}) {
            competitors.add(new Competitor(
                    size / 1024 + " KiB, a trip each",
                    TaskExperiments.inRun(() -> Cost.of(LARGE >> 20, () -> readByTrips(path, size)))));
        }
        competitors.add(new Competitor(
                "Yibu chunks(64 KiB)",
                TaskExperiments.inRun(() -> Cost.of(
                        LARGE >> 20, () -> AsyncFiles.chunks(path, 64 * 1024).each(_ -> {})))));
        return new Experiment(name, "MiB", 5, 15, competitors);
    }

    private static void readDirectly(Path path, int size) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            while (channel.read(ByteBuffer.allocate(size)) > 0) {
                // go on
            }
        }
    }

    private static void readByTrips(Path path, int size) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            while (Async.<Integer, IOException>abandon(() -> channel.read(ByteBuffer.allocate(size))) > 0) {
                // go on
            }
        }
    }

    private static Path folder() throws IOException {
        Path folder = Files.createTempDirectory("yibu-benchmark");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        return folder;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
