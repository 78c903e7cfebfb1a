package dev.yibu.benchmarks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;

/**
 * A server of HTTP/1.1 that costs as little as it can, so that the clients are what is measured. {@code /small} is a
 * kilobyte, {@code /bytes/N} so many, {@code /slow/N} takes so many milliseconds.
 */
final class PlainServer {
    private static final int BACKLOG = 4_096;
    private static final int KILOBYTE = 1_024;
    private static final byte[] SMALL = answer(new byte[KILOBYTE]);
    private static final byte[] CHUNK = new byte[256 * KILOBYTE];

    private PlainServer() {}

    /** Serves for ever; returns the port. */
    static int start(SSLContext tls) throws IOException {
        InetAddress here = InetAddress.ofLiteral("127.0.0.1");
        ServerSocket listener = tls == null
                ? new ServerSocket(0, BACKLOG, here)
                : tls.getServerSocketFactory().createServerSocket(0, BACKLOG, here);
        Thread.ofPlatform().start(() -> accept(listener));
        return listener.getLocalPort();
    }

    private static void accept(ServerSocket listener) {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.startVirtualThread(() -> serve(socket));
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (String path = path(in); path != null; path = path(in)) {
                if (path.startsWith("/slow/")) {
                    Thread.sleep(number(path));
                }
                if (path.startsWith("/bytes/")) {
                    sendBytes(out, number(path));
                } else {
                    out.write(SMALL);
                }
            }
        } catch (IOException | InterruptedException e) {
            // the client is gone
        }
    }

    private static long number(String path) {
        return Long.parseLong(path.substring(path.lastIndexOf('/') + 1));
    }

    /** Reads a request without a body. */
    private static String path(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int end = 0;
        String path = null;
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (path == null) {
                if (b == '\n') {
                    path = line.substring(line.indexOf(" ") + 1, line.lastIndexOf(" "));
                } else {
                    line.append((char) b);
                }
            }
            end = b == '\n' ? end + 1 : b == '\r' ? end : 0;
            if (end == 2) {
                return path;
            }
        }
        return null;
    }

    private static byte[] answer(byte[] body) {
        byte[] head = head(body.length);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        return all;
    }

    private static byte[] head(long length) {
        return ("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void sendBytes(OutputStream out, long count) throws IOException {
        out.write(head(count));
        for (long left = count; left > 0; left -= CHUNK.length) {
            out.write(CHUNK, 0, (int) Math.min(left, CHUNK.length));
        }
    }
}
