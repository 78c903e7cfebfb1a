package dev.yibu.tests.adapters;

import dev.yibu.tests.adapters.LineClient.Fault;
import dev.yibu.tests.servers.DeadHost;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Sockets;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A {@link LineClient} under the contract. */
final class LineSubject implements Subject {
    private static final int SIZE = 3;
    private static final byte[] SMALL = "a few bytes".getBytes();

    /** More than the kernel takes before the peer reads. */
    private static final byte[] LARGE = new byte[16 << 20];

    private final LinePeer peer = new LinePeer();
    private final LineClient client;
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

    LineSubject(Fault fault) {
        client = new LineClient(SIZE, fault);
        ports.add(peer.port());
    }

    @Override
    public Stage stage(Phase phase) {
        return switch (phase) {
            case CONNECTING -> new DeadStage();
            case TLS_HANDSHAKE -> new SilentStage();
            default -> new HeldStage(peer.hold(phase));
        };
    }

    private final class DeadStage implements Stage {
        private final DeadHost host = DeadHost.start();

        DeadStage() {
            ports.add(host.port());
        }

        @Override
        public void operate() throws IOException {
            client.ask(host.port(), false, "echo", SMALL);
        }

        @Override
        public int reached() {
            return (int) Sockets.connecting(host.port());
        }

        @Override
        public void release() {
            // it stays dead
        }

        @Override
        public void close() throws IOException {
            host.close();
            ports.remove(host.port());
        }
    }

    /** The peer reads the first byte of the handshake and no more. */
    private final class SilentStage implements Stage {
        private final Hold hold = new Hold(Phase.TLS_HANDSHAKE);
        private final ScriptedServer server = ScriptedServer.start(connection -> {
            connection.read();
            hold.pass();
        });

        SilentStage() {
            ports.add(server.port());
        }

        @Override
        public void operate() throws IOException {
            client.ask(server.port(), true, "echo", SMALL);
        }

        @Override
        public int reached() {
            return hold.reached();
        }

        @Override
        public void release() {
            hold.release();
        }

        @Override
        public void close() {
            server.close();
            ports.remove(server.port());
        }
    }

    private final class HeldStage implements Stage {
        private final Hold hold;

        HeldStage(Hold hold) {
            this.hold = hold;
        }

        @Override
        public void operate() throws IOException {
            byte[] body = hold.phase() == Phase.WRITING_THE_BODY ? LARGE : SMALL;
            check(client.ask(peer.port(), false, hold.name(), body), body);
        }

        @Override
        public int reached() {
            return hold.reached();
        }

        @Override
        public OptionalInt gone() {
            return hold.phase() == Phase.WRITING_THE_BODY ? OptionalInt.empty() : OptionalInt.of(hold.gone());
        }

        @Override
        public void release() {
            hold.release();
        }

        @Override
        public void close() {
            hold.release();
        }
    }

    @Override
    public void operate() throws IOException {
        check(client.ask(peer.port(), false, "echo", SMALL), SMALL);
    }

    private static void check(byte[] answer, byte[] body) {
        if (!Arrays.equals(answer, body)) {
            throw new AssertionError("this is the answer to another question");
        }
    }

    @Override
    public Pool pool() {
        return client.pool();
    }

    @Override
    public int connections() {
        return client.connections();
    }

    @Override
    public long sockets() {
        return ports.stream().mapToLong(Sockets::to).sum();
    }

    @Override
    public void close() throws IOException {
        client.close();
        peer.close();
    }
}
