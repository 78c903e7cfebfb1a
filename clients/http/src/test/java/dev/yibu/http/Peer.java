package dev.yibu.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server made of bare sockets that does exactly what its script says, so that it can misbehave. */
final class Peer implements AutoCloseable {
    /** What is done with a connection; it is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void run(Talk talk) throws Exception;
    }

    /** The server's end of a connection. */
    static final class Talk {
        final Socket socket;

        /** What TLS is over, or the same. */
        final Socket raw;

        /** Which connection it is, from 1. */
        final int number;

        private final InputStream in;
        private final OutputStream out;

        Talk(Socket socket, Socket raw, int number) throws IOException {
            this.socket = socket;
            this.raw = raw;
            this.number = number;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** Reads a request up to the end of its headers; null at the end of the stream. */
        String head() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            int matched = 0;
            while (matched < 4) {
                int b = in.read();
                if (b < 0) {
                    return null;
                }
                head.write(b);
                matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
            }
            return head.toString(StandardCharsets.ISO_8859_1);
        }

        byte[] body(int length) throws IOException {
            return in.readNBytes(length);
        }

        void skip(long length) throws IOException {
            in.skipNBytes(length);
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        void answer(String body) throws IOException {
            send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }

        /** Waits until the client closes the connection. */
        void awaitClose() throws IOException {
            try {
                while (in.read() >= 0) {
                    continue;
                }
            } catch (IOException reset) {
                return; // it is closed, if not in a friendly way
            }
        }

        /** Passes on what the client sends, until it sends no more. */
        void pass(OutputStream to) throws IOException {
            byte[] chunk = new byte[8192];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                to.write(chunk, 0, read);
                to.flush();
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private final ServerSocket listening;
    private final SSLContext tls;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    Peer(Script script) throws IOException {
        this(0, script);
    }

    Peer(int port, Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), port, script);
    }

    Peer(InetAddress address, int port, Script script) throws IOException {
        this(address, port, null, script);
    }

    /** One that speaks TLS. */
    Peer(SSLContext tls, Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), 0, tls, script);
    }

    private Peer(InetAddress address, int port, SSLContext tls, Script script) throws IOException {
        this.tls = tls;
        this.script = script;
        listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(address, port), 1024);
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        try {
            for (; ; ) {
                Socket socket = listening.accept();
                open.add(socket);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException closed) {
            return; // by close()
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            script.run(new Talk(tls == null ? socket : secured(socket), socket, number));
        } catch (Throwable t) {
            failures.add(t);
        } finally {
            open.remove(socket);
        }
    }

    private Socket secured(Socket raw) throws IOException {
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(raw, null, true);
        secured.startHandshake();
        return secured;
    }

    int connections() {
        return connections.get();
    }

    /** Connections that are open as this end knows. */
    int open() {
        return open.size();
    }

    int port() {
        return listening.getLocalPort();
    }

    String url(String path) {
        return (tls == null ? "http" : "https") + "://127.0.0.1:" + port() + path;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
