package dev.yibu.tests.adapters;

import dev.yibu.tests.servers.Sockets;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Files that keep their readers in a phase: named pipes, one for each reader. When they are released each gives what it has
 * and ends, and whoever comes later finds a file in its place.
 */
final class HeldFiles {
    private final Phase phase;
    private final Path folder;
    private final List<Path> pipes;

    /** What keeps the pipes open for those that write; none as long as opening is to wait. */
    private final List<FileChannel> ends = new ArrayList<>();

    private final AtomicInteger taken = new AtomicInteger();
    private boolean released;

    HeldFiles(Phase phase, Path folder, int count) throws IOException {
        this.phase = phase;
        this.folder = folder;
        this.pipes = IntStream.range(0, count)
                .mapToObj(i -> folder.resolve("pipe-" + i))
                .toList();
        makePipes();
        if (phase != Phase.CONNECTING) {
            openEnds(pipes);
        }
        if (phase == Phase.READING_THE_BODY) {
            for (int i = 0; i < count; i++) {
                write(i, firstPart(i));
            }
        }
    }

    private void makePipes() throws IOException {
        List<String> command = new ArrayList<>(List.of("mkfifo"));
        pipes.forEach(pipe -> command.add(pipe.toString()));
        try {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw new IOException("mkfifo failed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void openEnds(List<Path> paths) throws IOException {
        for (Path path : paths) {
            ends.add(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        }
    }

    private void write(int number, String text) throws IOException {
        ends.get(number).write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A file for one more reader. */
    int take() {
        return taken.getAndIncrement();
    }

    Path path(int number) {
        return pipes.get(number);
    }

    /** What a reader must get. */
    static String content(int number) {
        return firstPart(number) + "and its end";
    }

    private static String firstPart(int number) {
        return "the beginning of " + number + ' ';
    }

    /** How many readers hang, or are about to: in open, or with a file that is open, or after its first part. */
    int reached() throws IOException {
        if (phase == Phase.CONNECTING) {
            return opening();
        }
        int reached = 0;
        List<String> open = open();
        for (int i = 0; i < Math.min(taken.get(), pipes.size()); i++) {
            String path = pipes.get(i).toString();
            boolean isOpen = open.stream().filter(path::equals).count() > 1;
            if (isOpen && (phase != Phase.READING_THE_BODY || isEmpty(i))) {
                reached++;
            }
        }
        return reached;
    }

    private boolean isEmpty(int number) throws IOException {
        try (FileInputStream look = new FileInputStream(path(number).toFile())) {
            return look.available() == 0;
        }
    }

    /** How many threads of the library hang while they open a file. */
    static int opening() {
        return (int) Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("yibu-blocking-"))
                .map(thread -> thread.getValue())
                .filter(stack -> stack.length > 0 && stack[0].getMethodName().equals("open0"))
                .count();
    }

    /** How many threads of the library have not come back to their pool. */
    static long busyThreads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("yibu-blocking-"))
                .filter(thread -> Arrays.stream(thread.getValue())
                        .noneMatch(frame -> frame.getMethodName().equals("getTask")))
                .count();
    }

    private List<String> open() {
        return Sockets.descriptors().stream()
                .filter(target -> target.startsWith(folder + "/"))
                .toList();
    }

    /** How many files the readers have open. */
    long openToReaders() {
        return open().size() - ends.stream().filter(FileChannel::isOpen).count();
    }

    void release() {
        if (released) {
            return;
        }
        released = true;
        try {
            List<Path> unlinked = new ArrayList<>();
            for (int i = 0; i < pipes.size(); i++) {
                Path pipe = folder.resolve("old-" + i);
                Files.createLink(pipe, path(i));
                unlinked.add(pipe);
                Path file = Files.writeString(folder.resolve("new-" + i), content(i));
                Files.move(file, path(i), StandardCopyOption.ATOMIC_MOVE);
            }
            if (phase == Phase.CONNECTING) {
                openEnds(unlinked);
            }
            for (int i = 0; i < pipes.size(); i++) {
                write(i, phase == Phase.READING_THE_BODY ? "and its end" : content(i));
                ends.get(i).close();
                Files.delete(unlinked.get(i));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Once they are released. */
    void delete() throws IOException {
        for (Path pipe : pipes) {
            Files.delete(pipe);
        }
        Files.delete(folder);
    }
}
