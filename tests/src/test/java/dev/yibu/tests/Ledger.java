package dev.yibu.tests;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What was opened, acquired and begun while a tree ran: at the end all of it must be over. */
final class Ledger {

    /** Something that must be given back exactly once. */
    static final class Resource {
        private final String name;
        private final AtomicInteger released = new AtomicInteger();

        Resource(String name) {
            this.name = name;
        }

        void release() {
            released.incrementAndGet();
        }
    }

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Queue<AutoCloseable> sockets = new ConcurrentLinkedQueue<>();
    private final Queue<Resource> resources = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final AtomicInteger begun = new AtomicInteger();

    <S extends AutoCloseable> S opened(S socket) {
        sockets.add(socket);
        return socket;
    }

    Resource acquire(String name) {
        Resource resource = new Resource(name);
        resources.add(resource);
        return resource;
    }

    /** The calling thread runs a task that is not to outlive the tree. */
    void runsHere() {
        threads.add(Thread.currentThread());
    }

    List<Thread> threads() {
        return List.copyOf(threads);
    }

    /** A body begins; {@link #end} follows. */
    void begin() {
        begun.incrementAndGet();
    }

    void end() {
        begun.decrementAndGet();
    }

    /** What must hold as soon as {@code run} has returned. */
    List<String> leftAtOnce() {
        List<String> left = new ArrayList<>();
        if (begun.get() != 0) {
            left.add(begun + " bodies have not ended");
        }
        for (Resource resource : resources) {
            if (resource.released.get() != 1) {
                left.add(resource.name + " was released " + resource.released + " times");
            }
        }
        for (AutoCloseable socket : sockets) {
            if (isOpen(socket)) {
                left.add(socket + " is open");
            }
        }
        return left;
    }

    private static boolean isOpen(AutoCloseable socket) {
        return switch (socket) {
            case Socket s -> !s.isClosed();
            case ServerSocket s -> !s.isClosed();
            case DatagramSocket s -> !s.isClosed();
            case Channel c -> c.isOpen();
            default -> throw new IllegalArgumentException("what is " + socket + "?");
        };
    }

    /** How many sockets the process has open; 0 where that can't be known. */
    static int openSockets() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        int count = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                if (isSocket(descriptor)) {
                    count++;
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return count;
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
