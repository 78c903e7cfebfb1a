package dev.yibu.tests.servers;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The server's end of a connection, for scripts that speak HTTP, or something like it, by hand. */
public final class Connection {
    private static final int LOOK_MILLIS = 2;

    /** The head of a request: its first line and its headers. */
    public record Request(String line, List<String> headers) {
        public String method() {
            return line.substring(0, line.indexOf(' '));
        }

        /** Path and query, or an absolute address if it was sent to a proxy. */
        public String target() {
            return line.split(" ", -1)[1];
        }

        public Optional<String> header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(header -> header.substring(start.length()).strip())
                    .findFirst();
        }
    }

    private final Socket socket;
    private final InputStream in;

    Connection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    public Socket socket() {
        return socket;
    }

    public int read() throws IOException {
        return in.read();
    }

    public byte[] read(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** A line without its end; null if the peer has none left. */
    public String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** The next request up to its body; null if the peer has no more. */
    public Request readHead() throws IOException {
        String first = readLine();
        if (first == null) {
            return null;
        }
        List<String> headers = new ArrayList<>();
        for (String line = readLine(); line == null || !line.isEmpty(); line = readLine()) {
            if (line == null) {
                return null;
            }
            headers.add(line);
        }
        return new Request(first, headers);
    }

    /** The next request and all of its body, which is thrown away; null if the peer has no more. */
    public Request readRequest() throws IOException {
        Request request = readHead();
        if (request != null) {
            skipBody(request);
        }
        return request;
    }

    public void skipBody(Request request) throws IOException {
        Optional<String> length = request.header("Content-Length");
        if (length.isPresent()) {
            in.skipNBytes(Long.parseLong(length.get()));
        } else if (request.header("Transfer-Encoding").isPresent()) {
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                in.skipNBytes(size);
                readLine();
            }
            readLine();
        }
    }

    private int chunkSize() throws IOException {
        String size = readLine();
        if (size == null) {
            throw new EOFException();
        }
        return Integer.parseInt(size, 16);
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** An answer of HTTP/1.1 whose connection lives on. */
    public void answer(String body) throws IOException {
        send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Sends byte by byte, slowly, and for ever if the peer lets it. */
    public void drip(byte[] bytes, Duration pause) throws IOException, InterruptedException {
        for (int i = 0; ; i = (i + 1) % bytes.length) {
            socket.getOutputStream().write(bytes[i]);
            Thread.sleep(pause);
        }
    }

    /** Reads until the peer has closed the connection, one way or the other. */
    public void awaitEnd() {
        byte[] buffer = new byte[8192];
        try {
            while (in.read(buffer) >= 0) {
                // what it still sends is of no interest
            }
        } catch (IOException e) {
            // a reset, which is an end too
        }
    }

    /** Whether the peer, which has nothing to send now, closes the connection while a condition holds. */
    public boolean endsWhile(BooleanSupplier condition) throws IOException {
        socket.setSoTimeout(LOOK_MILLIS);
        try {
            while (condition.getAsBoolean()) {
                try {
                    if (in.read() >= 0) {
                        throw new IllegalStateException("the peer goes on talking");
                    }
                    return true;
                } catch (SocketTimeoutException e) {
                    // it is silent
                } catch (SocketException e) {
                    return true;
                }
            }
            return false;
        } finally {
            if (!socket.isClosed()) {
                socket.setSoTimeout(0);
            }
        }
    }

    /** Closes the connection so that the peer gets a reset instead of an orderly end. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
