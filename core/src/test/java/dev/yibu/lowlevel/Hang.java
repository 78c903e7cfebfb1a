package dev.yibu.lowlevel;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A call of the JDK that blocks for ever on a virtual thread, unless it is interrupted. */
public final class Hang implements AutoCloseable {
    /** Blocks. */
    public interface Call {
        void run() throws Exception;
    }

    private interface Opening {
        Call open(Hang hang) throws Exception;
    }

    private final String name;
    private final Opening opening;
    private final Deque<Closeable> resources = new ArrayDeque<>();

    private Hang(String name, Opening opening) {
        this.name = name;
        this.opening = opening;
    }

    /** Opens what it needs, and returns the call that blocks. */
    public Call open() {
        try {
            return opening.open(this);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private <C extends Closeable> C opened(C resource) {
        resources.push(resource);
        return resource;
    }

    @Override
    public void close() {
        for (Closeable resource : resources) {
            try {
                resource.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }

    public static Stream<Hang> inMemory() {
        return Stream.of(
                new Hang("Thread.sleep", _ -> () -> Thread.sleep(Duration.ofHours(1))),
                new Hang("Object.wait", _ -> {
                    Object monitor = new Object();
                    return () -> {
                        synchronized (monitor) {
                            monitor.wait();
                        }
                    };
                }),
                new Hang("BlockingQueue.take", _ -> new LinkedBlockingQueue<String>()::take),
                new Hang("Semaphore.acquire", _ -> new Semaphore(0)::acquire),
                new Hang("CountDownLatch.await", _ -> new CountDownLatch(1)::await),
                new Hang("CompletableFuture.get", _ -> new CompletableFuture<String>()::get),
                new Hang("Thread.join", _ -> Thread.ofVirtual().start(LockSupport::park)::join));
    }

    /** These lose their socket or channel, and leave the flag set. */
    public static Stream<Hang> onSockets() {
        InetAddress here = InetAddress.getLoopbackAddress();
        return Stream.of(
                new Hang("Socket.read", hang -> {
                    ServerSocket server = hang.opened(new ServerSocket(0, 1, here));
                    Socket socket = hang.opened(new Socket(here, server.getLocalPort()));
                    return () -> socket.getInputStream().read();
                }),
                new Hang("Socket.write", hang -> {
                    ServerSocket server = hang.opened(new ServerSocket(0, 1, here));
                    Socket socket = hang.opened(new Socket(here, server.getLocalPort()));
                    return () -> socket.getOutputStream().write(new byte[64 << 20]);
                }),
                new Hang("ServerSocket.accept", hang -> hang.opened(new ServerSocket(0, 1, here))::accept),
                new Hang("DatagramSocket.receive", hang -> {
                    DatagramSocket socket = hang.opened(new DatagramSocket(0, here));
                    return () -> socket.receive(new DatagramPacket(new byte[1], 1));
                }),
                new Hang("SocketChannel.read", hang -> {
                    ServerSocket server = hang.opened(new ServerSocket(0, 1, here));
                    SocketChannel channel =
                            hang.opened(SocketChannel.open(new InetSocketAddress(here, server.getLocalPort())));
                    return () -> channel.read(ByteBuffer.allocate(1));
                }),
                new Hang("ServerSocketChannel.accept", hang -> {
                    ServerSocketChannel channel = hang.opened(ServerSocketChannel.open());
                    channel.bind(new InetSocketAddress(here, 0));
                    return channel::accept;
                }),
                new Hang("DatagramChannel.receive", hang -> {
                    DatagramChannel channel = hang.opened(DatagramChannel.open());
                    channel.bind(new InetSocketAddress(here, 0));
                    return () -> channel.receive(ByteBuffer.allocate(1));
                }),
                new Hang("Pipe.read", hang -> {
                    Pipe pipe = Pipe.open();
                    hang.opened(pipe.sink());
                    return () -> hang.opened(pipe.source()).read(ByteBuffer.allocate(1));
                }));
    }

    public static Stream<Hang> all() {
        return Stream.concat(inMemory(), onSockets());
    }
}
