package dev.yibu.tests.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP proxy: tunnels for CONNECT, forwarding for everything else, for those who know its password if it has one. */
public final class ProxyServer implements AutoCloseable {
    private final String authorization;
    private final AtomicInteger tunnels = new AtomicInteger();
    private final AtomicInteger forwarded = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final ScriptedServer server = ScriptedServer.start(this::serve);

    private ProxyServer(String authorization) {
        this.authorization = authorization;
    }

    public static ProxyServer start() {
        return new ProxyServer(null);
    }

    public static ProxyServer start(String user, String password) {
        return new ProxyServer("Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    public int port() {
        return server.port();
    }

    public int tunnels() {
        return tunnels.get();
    }

    public int forwarded() {
        return forwarded.get();
    }

    public int refused() {
        return refused.get();
    }

    private void serve(Connection connection) throws Exception {
        for (Connection.Request request = connection.readHead(); request != null; request = connection.readHead()) {
            if (authorization != null
                    && !authorization.equals(
                            request.header("Proxy-Authorization").orElse(""))) {
                refused.incrementAndGet();
                connection.skipBody(request);
                connection.send("HTTP/1.1 407 Proxy Authentication Required\r\n"
                        + "Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n");
            } else if (request.method().equals("CONNECT")) {
                tunnels.incrementAndGet();
                tunnel(connection, request.target());
                return;
            } else {
                forwarded.incrementAndGet();
                forward(connection, request);
                return;
            }
        }
    }

    private static void tunnel(Connection connection, String to) throws Exception {
        int colon = to.lastIndexOf(':');
        try (Socket target = connect(to.substring(0, colon), Integer.parseInt(to.substring(colon + 1)))) {
            connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
            relay(connection.socket(), target);
        }
    }

    private static void forward(Connection connection, Connection.Request request) throws Exception {
        URI uri = URI.create(request.target());
        try (Socket target = connect(uri.getHost(), uri.getPort())) {
            StringBuilder head = new StringBuilder(request.method() + " "
                    + (uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()))
                    + " HTTP/1.1\r\nVia: 1.1 test\r\nConnection: close\r\n");
            for (String header : request.headers()) {
                String name = header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT);
                if (!name.startsWith("proxy-") && !name.equals("connection")) {
                    head.append(header).append("\r\n");
                }
            }
            target.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            relay(connection.socket(), target);
        }
    }

    private static Socket connect(String host, int port) throws IOException {
        return new Socket(
                host.equals("localhost") ? InetAddress.ofLiteral("127.0.0.1") : InetAddress.getByName(host), port);
    }

    /** Copies both ways until the target has no more to say; a client that goes away ends it too. */
    private static void relay(Socket client, Socket target) throws Exception {
        Thread there = Thread.ofVirtual().name("proxy").start(() -> {
            try (target) {
                copy(client.getInputStream(), target.getOutputStream());
            } catch (IOException e) {
                // one of the two is gone
            }
        });
        try {
            copy(target.getInputStream(), client.getOutputStream());
        } finally {
            client.close();
            there.join();
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[16_384];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
