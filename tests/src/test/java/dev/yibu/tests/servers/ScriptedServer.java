package dev.yibu.tests.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server that does what a script says, on 127.0.0.1, each connection on a thread of its own. What a script throws for a
 * connection that broke is of no interest; anything else fails {@link #close}.
 */
public final class ScriptedServer implements AutoCloseable {
    private static final int BACKLOG = 1_024;

    /** What happens on a connection, which is closed at the end. */
    public interface Script {
        void serve(Connection connection) throws Exception;
    }

    private final Script script;
    private final SSLContext tls;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final int port;
    private ServerSocket listener;

    private ScriptedServer(Script script, SSLContext tls) throws IOException {
        this.script = script;
        this.tls = tls;
        this.port = listen(0);
    }

    public static ScriptedServer start(Script script) {
        return start(script, null);
    }

    /** The same over TLS, with the certificate of {@link Certificates#local()}. */
    public static ScriptedServer startSecure(Script script) {
        return start(script, Certificates.local().server());
    }

    private static ScriptedServer start(Script script, SSLContext tls) {
        try {
            return new ScriptedServer(script, tls);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers every request in the same way, whatever it is, for as long as the peer likes. */
    public static ScriptedServer answering(Script answer) {
        return start(connection -> {
            while (connection.readRequest() != null) {
                answer.serve(connection);
            }
        });
    }

    private int listen(int onPort) throws IOException {
        ServerSocket opened = new ServerSocket();
        opened.setReuseAddress(true);
        opened.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), onPort), BACKLOG);
        listener = opened;
        startThread(() -> accept(opened));
        return opened.getLocalPort();
    }

    private void startThread(Runnable body) {
        Thread thread = Thread.ofVirtual().name("scripted-server").unstarted(() -> {
            try {
                body.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                Socket socket = from.accept();
                sockets.add(socket);
                accepted.incrementAndGet();
                startThread(() -> serve(socket));
            }
        } catch (IOException e) {
            // stopped
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.serve(new Connection(tls == null ? socket : secured(socket)));
        } catch (IOException | InterruptedException e) {
            // the peer is gone, or the server stops
        } catch (Throwable e) {
            failures.add(e);
        } finally {
            sockets.remove(socket);
        }
    }

    private Socket secured(Socket socket) throws IOException {
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, true);
        secured.startHandshake();
        return secured;
    }

    public int port() {
        return port;
    }

    public String url(String path) {
        return (tls == null ? "http" : "https") + "://127.0.0.1:" + port + path;
    }

    /** How many connections there have been so far. */
    public int accepted() {
        return accepted.get();
    }

    /** How many connections there are. */
    public int open() {
        return sockets.size();
    }

    /** Closes everything; a later {@link #restart} uses the same port. */
    public void stop() {
        closeQuietly(listener);
        // Whoever has been accepted meanwhile is in one of the two sets.
        Until.isTrue("the server's threads end", () -> {
            threads.forEach(Thread::interrupt);
            sockets.forEach(ScriptedServer::closeQuietly);
            return threads.isEmpty();
        });
    }

    /** Resets all connections, and goes on listening. */
    public void dropConnections() {
        for (Socket socket : List.copyOf(sockets)) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // closed already
            }
            closeQuietly(socket);
        }
    }

    public void restart() throws IOException {
        listen(port);
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // it is closed all the same
        }
    }

    @Override
    public void close() {
        stop();
        if (!failures.isEmpty()) {
            throw new AssertionError("the server's script failed", failures.peek());
        }
    }
}
