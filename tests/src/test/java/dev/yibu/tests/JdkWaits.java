package dev.yibu.tests;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Waits of the JDK, which Yibu knows nothing of: those that end soon, and those that only an interrupt ends. */
final class JdkWaits {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private final Ledger ledger;

    JdkWaits(Ledger ledger) {
        this.ledger = ledger;
    }

    void nap(int variant, int micros) throws InterruptedException {
        long nanos = Math.max(1, micros) * 1000L; // a wait of 0 is one for ever
        switch (variant % 7) {
            case 0 -> Thread.sleep(Duration.ofNanos(nanos));
            case 1 -> new Semaphore(0).tryAcquire(nanos, TimeUnit.NANOSECONDS);
            case 2 -> new LinkedBlockingQueue<String>().poll(nanos, TimeUnit.NANOSECONDS);
            case 3 -> new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS);
            case 4 -> {
                ReentrantLock lock = new ReentrantLock();
                Condition condition = lock.newCondition();
                lock.lockInterruptibly();
                try {
                    condition.awaitNanos(nanos);
                } finally {
                    lock.unlock();
                }
            }
            case 5 -> {
                Object monitor = new Object();
                synchronized (monitor) {
                    monitor.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
                }
            }
            default -> LockSupport.parkNanos(nanos);
        }
    }

    void hang(int variant) throws Exception {
        switch (variant % 8) {
            case 0 -> Thread.sleep(Duration.ofHours(1));
            case 1 -> new Semaphore(0).acquire();
            case 2 -> new LinkedBlockingQueue<String>().take();
            case 3 -> new CountDownLatch(1).await();
            case 4 -> {
                ReentrantLock lock = new ReentrantLock();
                Condition condition = lock.newCondition();
                lock.lockInterruptibly();
                try {
                    condition.await();
                } finally {
                    lock.unlock();
                }
            }
            case 5 -> {
                Object monitor = new Object();
                synchronized (monitor) {
                    monitor.wait();
                }
            }
            case 6 -> new CompletableFuture<String>().get();
            default -> {
                Thread held = Thread.ofVirtual().start(LockSupport::park);
                try {
                    held.join();
                } finally {
                    LockSupport.unpark(held);
                }
            }
        }
    }

    /** A byte there and back. */
    void echo(int variant) throws IOException {
        if (variant % 2 == 0) {
            try (ServerSocket server = ledger.opened(new ServerSocket(0, 5, HERE));
                    Socket client = ledger.opened(new Socket())) {
                client.connect(server.getLocalSocketAddress());
                try (Socket accepted = ledger.opened(server.accept())) {
                    accepted.setSoLinger(true, 0);
                    accepted.getOutputStream().write(7);
                    same(7, client.getInputStream().read());
                    client.getOutputStream().write(8);
                    same(8, accepted.getInputStream().read());
                }
            }
        } else {
            // The server is no channel: the accept of one, interrupted just when it succeeds, loses the connection
            // (JDK).
            try (ServerSocket server = ledger.opened(new ServerSocket(0, 5, HERE));
                    SocketChannel client = ledger.opened(SocketChannel.open())) {
                client.connect(server.getLocalSocketAddress());
                try (Socket accepted = ledger.opened(server.accept())) {
                    accepted.setSoLinger(true, 0);
                    accepted.getOutputStream().write(7);
                    ByteBuffer read = ByteBuffer.allocate(1);
                    client.read(read);
                    same(7, read.get(0));
                    client.write(ByteBuffer.wrap(new byte[] {8}));
                    same(8, accepted.getInputStream().read());
                }
            }
        }
    }

    private static void same(int expected, int actual) {
        if (actual != expected) {
            throw new AssertionError("read " + actual + " instead of " + expected);
        }
    }

    void hangInSocket(int variant) throws IOException {
        try (ServerSocket server = ledger.opened(new ServerSocket(0, 1, HERE))) {
            InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
            switch (variant % 7) {
                case 0 -> server.accept();
                case 1 -> {
                    try (Socket socket = connected(address)) {
                        socket.getInputStream().read();
                    }
                }
                case 2 -> {
                    try (Socket socket = connected(address)) {
                        socket.getOutputStream().write(new byte[64 << 20]);
                    }
                }
                case 3 -> connectInVain(address);
                case 4 -> {
                    try (SocketChannel channel = ledger.opened(SocketChannel.open())) {
                        channel.connect(address);
                        channel.read(ByteBuffer.allocate(1));
                    }
                }
                case 5 -> {
                    try (ServerSocketChannel channel = ledger.opened(ServerSocketChannel.open())) {
                        channel.bind(new InetSocketAddress(HERE, 0));
                        channel.accept();
                    }
                }
                default -> {
                    try (DatagramSocket socket = ledger.opened(new DatagramSocket(0, HERE))) {
                        socket.receive(new DatagramPacket(new byte[1], 1));
                    }
                }
            }
        }
        throw new AssertionError("a hang has ended by itself");
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = ledger.opened(new Socket());
        try {
            socket.setSoLinger(true, 0);
            socket.connect(address);
            return socket;
        } catch (Throwable t) {
            socket.close();
            throw t;
        }
    }

    /** Fills the queue of a server that accepts nobody, and then hangs in a connect. */
    private void connectInVain(InetSocketAddress address) throws IOException {
        try (Socket first = connected(address);
                Socket second = ledger.opened(new Socket());
                Socket third = ledger.opened(new Socket());
                Socket fourth = ledger.opened(new Socket())) {
            for (Socket socket : new Socket[] {second, third}) {
                try {
                    socket.connect(address, 5);
                } catch (SocketTimeoutException e) {
                    // the queue is full
                }
            }
            fourth.connect(address);
            first.getInputStream().read(); // where a queue is longer than asked for
        }
    }

    /** A socket that nobody writes to; to be closed. */
    Socket silent(ServerSocket server) throws IOException {
        return connected((InetSocketAddress) server.getLocalSocketAddress());
    }

    ServerSocket server() throws IOException {
        return ledger.opened(new ServerSocket(0, 1, HERE));
    }
}
