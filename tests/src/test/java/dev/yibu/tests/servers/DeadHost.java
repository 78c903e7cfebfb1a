package dev.yibu.tests.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A host that does not answer, and needs no network for it: a listener that accepts nobody and whose backlog is full. The
 * kernel drops the packets of whoever wants to connect, who tries again and again.
 */
public final class DeadHost implements AutoCloseable {
    /** More than the kernel lets in beyond the backlog. */
    private static final int ATTEMPTS = 16;

    private final ServerSocket listener;
    private final List<SocketChannel> fillers = new ArrayList<>();

    private DeadHost() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    }

    public static DeadHost start() {
        try {
            DeadHost host = new DeadHost();
            host.fill();
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void fill() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            SocketChannel filler = SocketChannel.open();
            fillers.add(filler);
            filler.configureBlocking(false);
            filler.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()));
        }
        Until.isTrue("the backlog is full", () -> Sockets.connecting(port()) > 0);
        for (SocketChannel filler : List.copyOf(fillers)) {
            if (!filler.finishConnect()) {
                filler.close();
                fillers.remove(filler);
            }
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Waits until somebody tries to connect. */
    public void awaitAttempt() {
        Until.isTrue("somebody tries to connect to the dead host", () -> Sockets.connecting(port()) > 0);
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel filler : fillers) {
            filler.close();
        }
        listener.close();
    }
}
