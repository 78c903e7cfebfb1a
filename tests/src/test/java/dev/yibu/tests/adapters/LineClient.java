package dev.yibu.tests.adapters;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.sync.Semaphore;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLSocketFactory;

/**
 * The least that an adapter can be: a pool of connections, a bracket around the exchange, a hook that closes the socket. It
 * asks a {@link LinePeer}. With a fault it is wrong in one way that the contract has to notice.
 */
final class LineClient implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** What somebody could have got wrong. */
    enum Fault {
        NONE,
        /** The socket of an exchange that failed stays open. */
        LEAKS_A_SOCKET,
        /** A place of the pool comes back only after a success. */
        FORGETS_A_PERMIT,
        /** A cancelled operation returns as if it had an answer. */
        SWALLOWS_A_CANCEL,
        /** A cancelled operation fails as if the peer had broken down. */
        CALLS_A_CANCEL_A_FAILURE,
        /** A connection goes back to the pool, whatever has happened to it. */
        KEEPS_A_BROKEN_CONNECTION,
        /** So does one that the abort hit after the last byte of the answer. */
        KEEPS_WHAT_WAS_ABORTED_TOO_LATE,
        /** The abort hits all connections. */
        ABORTS_EVERYBODY,
        /** A cancellation does not end the exchange. */
        IS_DEAF,
        /** A cancellation does not end the wait for a place in the pool. */
        IS_DEAF_AT_THE_POOL,
        /** A thread of the operation's own outlives it. */
        LEAVES_A_THREAD,
        /** A temporary file of the operation stays open. */
        LEAVES_A_FILE,
        /** A cancelled operation opens a connection first, and looks then. */
        BEGINS_THOUGH_CANCELLED,
    }

    /** A connection, from before it is connected. */
    private final class Wire implements AutoCloseable {
        private final int port;
        private final Socket socket = new Socket();
        private DataInputStream in;
        private DataOutputStream out;

        Wire(int port) {
            this.port = port;
            wires.add(this);
        }

        boolean isOpen() {
            return in != null;
        }

        void open(boolean tls) throws IOException {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            Socket talk = socket;
            if (tls) {
                talk = ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, "127.0.0.1", port, true);
            }
            out = new DataOutputStream(talk.getOutputStream());
            in = new DataInputStream(talk.getInputStream());
        }

        byte[] exchange(String question, byte[] body) throws IOException {
            out.writeUTF(question);
            out.writeInt(body.length);
            out.write(body);
            out.flush();
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return answer;
        }

        @Override
        public void close() throws IOException {
            wires.remove(this);
            socket.close();
        }
    }

    private final Fault fault;
    private final Semaphore places;
    private final Deque<Wire> idle = new ConcurrentLinkedDeque<>();
    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();

    LineClient(int size, Fault fault) {
        this.places = Semaphore.bounded(size, "line client");
        this.fault = fault;
    }

    byte[] ask(int port, boolean tls, String question, byte[] body) throws IOException {
        if (fault == Fault.BEGINS_THOUGH_CANCELLED) {
            new Wire(port).open(tls);
        }
        if (fault == Fault.IS_DEAF_AT_THE_POOL) {
            Async.shield(Duration.ofHours(1), places::acquire);
        } else {
            places.acquire();
        }
        boolean answered = false;
        try {
            byte[] answer = asked(port, tls, question, body);
            answered = true;
            return answer;
        } finally {
            if (answered || fault != Fault.FORGETS_A_PERMIT) {
                places.release();
            }
        }
    }

    private byte[] asked(int port, boolean tls, String question, byte[] body) throws IOException {
        try {
            if (fault == Fault.IS_DEAF) {
                return Async.shield(Duration.ofHours(1), () -> answered(port, tls, question, body));
            }
            return answered(port, tls, question, body);
        } catch (Cancelled cancelled) {
            switch (fault) {
                case SWALLOWS_A_CANCEL -> {
                    return body;
                }
                case CALLS_A_CANCEL_A_FAILURE -> throw new IOException("broken", cancelled);
                default -> throw cancelled;
            }
        }
    }

    private byte[] answered(int port, boolean tls, String question, byte[] body) throws IOException {
        Path file = fault == Fault.LEAVES_A_FILE ? Files.createTempFile("yibu", "line") : null;
        InputStream open = file == null ? null : Files.newInputStream(file);
        Wire wire = wireTo(port);
        Thread watch = fault == Fault.LEAVES_A_THREAD ? watch(wire) : null;
        boolean whole = false;
        try {
            byte[] answer = ForeignCall.named("ask " + port)
                    .onCancel(() -> abort(wire), GRACE)
                    .call(() -> {
                        if (!wire.isOpen()) {
                            wire.open(tls);
                        }
                        return wire.exchange(question, body);
                    });
            whole = true;
            if (watch != null) {
                watch.interrupt();
            }
            if (open != null) {
                open.close();
            }
            return answer;
        } finally {
            // A hook may have come too late to keep the body from its value, but never later than the end of the
            // bracket.
            boolean sound = whole && (!wire.socket.isClosed() || fault == Fault.KEEPS_WHAT_WAS_ABORTED_TOO_LATE);
            if (sound || fault == Fault.KEEPS_A_BROKEN_CONNECTION) {
                idle.addFirst(wire);
            } else if (fault == Fault.LEAKS_A_SOCKET) {
                wires.remove(wire);
            } else {
                wire.close();
            }
            if (file != null) {
                Files.delete(file);
            }
        }
    }

    private Wire wireTo(int port) {
        for (Wire wire : idle) {
            if (wire.port == port && idle.remove(wire)) {
                return wire;
            }
        }
        return new Wire(port);
    }

    private void abort(Wire wire) throws IOException {
        switch (fault) {
            case LEAKS_A_SOCKET -> {
                // leaves it to the interrupt, which closes the socket only where it blocks
                if (wire.isOpen()) {
                    wire.socket.shutdownInput();
                }
            }
            case ABORTS_EVERYBODY -> {
                for (Wire one : wires) {
                    one.socket.close();
                }
            }
            default -> wire.socket.close();
        }
    }

    private static Thread watch(Wire wire) {
        return Thread.ofVirtual().name("watch of " + wire.port).start(() -> {
            try {
                Thread.sleep(Duration.ofHours(1));
            } catch (InterruptedException e) {
                // the exchange is over
            }
        });
    }

    Subject.Pool pool() {
        Semaphore.Statistics statistics = places.statistics();
        return new Subject.Pool(statistics.bound(), statistics.available(), statistics.waiting());
    }

    int connections() {
        return wires.size();
    }

    @Override
    public void close() throws IOException {
        for (Wire wire : wires) {
            wire.close();
        }
    }
}
