package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.http.HttpLimits;
import dev.yibu.http.HttpOptions;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTls;
import dev.yibu.http.HttpVersion;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;

/** A client that is measured: how it gets an address, and how it has many tasks that do so. */
abstract class WebClient implements Closeable {
    /** What a task does. */
    interface Task {
        void run() throws Exception;
    }

    private static final int CHUNK = 256 * 1024;

    private final String name;

    WebClient(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Gets a small body whole. */
    abstract void get(String url) throws Exception;

    /** Reads a large body without keeping it; returns its length. */
    abstract long stream(String url) throws Exception;

    /** So many tasks that do the same, and waits for them all. On virtual threads, unless the client has its own way. */
    void all(int tasks, Task task) throws Exception {
        CountDownLatch done = new CountDownLatch(tasks);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int i = 0; i < tasks; i++) {
            Thread.startVirtualThread(() -> {
                try {
                    task.run();
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        if (failure.get() != null) {
            throw new IllegalStateException(name + " failed", failure.get());
        }
    }

    @Override
    public abstract void close();

    static WebClient yibu(int connections, Keys keys, HttpVersion version) throws Exception {
        return new Yibu(HttpSession.open(HttpOptions.DEFAULT
                .withTls(HttpTls.DEFAULT.trusting(keys.trusted()))
                .withVersion(version)
                .withLimits(HttpLimits.DEFAULT.withConnections(connections, connections))));
    }

    private static final class Yibu extends WebClient {
        private final HttpSession session;

        Yibu(HttpSession session) {
            super("Yibu");
            this.session = session;
        }

        @Override
        void get(String url) throws IOException {
            session.get(url).bytes();
        }

        @Override
        long stream(String url) throws IOException {
            long[] sum = new long[1];
            session.get(url).<Void, IOException>send(response -> {
                response.forEachChunk(CHUNK, chunk -> sum[0] += chunk.remaining());
                return null;
            });
            return sum[0];
        }

        @Override
        void all(int tasks, Task task) throws Exception {
            Async.run(() -> Async.forEach(Collections.nCopies(tasks, task), Task::run));
        }

        @Override
        public void close() {
            session.close();
        }
    }

    /** OkHttp as it is, its blocking calls on virtual threads; its dispatcher has no part in those. */
    static WebClient okHttp(int connections, Keys keys, List<Protocol> protocols) throws Exception {
        return new Bare(new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(connections, 1, TimeUnit.MINUTES))
                .sslSocketFactory(keys.client().getSocketFactory(), keys.trust())
                .protocols(protocols)
                .readTimeout(30, TimeUnit.SECONDS)
                .build());
    }

    private static final class Bare extends WebClient {
        private final OkHttpClient client;

        Bare(OkHttpClient client) {
            super("OkHttp");
            this.client = client;
        }

        @Override
        void get(String url) throws IOException {
            try (Response response =
                    client.newCall(new Request.Builder().url(url).build()).execute()) {
                response.body().bytes();
            }
        }

        @Override
        long stream(String url) throws IOException {
            try (Response response = client.newCall(
                                    new Request.Builder().url(url).build())
                            .execute();
                    ResponseBody body = response.body();
                    BufferedSource source = body.source()) {
                byte[] chunk = new byte[CHUNK];
                long sum = 0;
                for (int read = source.read(chunk); read >= 0; read = source.read(chunk)) {
                    sum += read;
                }
                return sum;
            }
        }

        @Override
        public void close() {
            client.connectionPool().evictAll();
        }
    }

    static WebClient jdk(Keys keys, HttpClient.Version version) throws Exception {
        return new Jdk(HttpClient.newBuilder()
                .sslContext(keys.client())
                .version(version)
                .build());
    }

    private static final class Jdk extends WebClient {
        private final HttpClient client;

        Jdk(HttpClient client) {
            super("JDK HttpClient");
            this.client = client;
        }

        private static HttpRequest request(String url) {
            return HttpRequest.newBuilder(URI.create(url)).build();
        }

        @Override
        void get(String url) throws Exception {
            client.send(request(url), HttpResponse.BodyHandlers.ofByteArray());
        }

        @Override
        long stream(String url) throws Exception {
            try (InputStream body = client.send(request(url), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                byte[] chunk = new byte[CHUNK];
                long sum = 0;
                for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
                    sum += read;
                }
                return sum;
            }
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    static WebClient sockets(Keys keys) throws Exception {
        return new Sockets(keys);
    }

    /** The floor: a stack of connections, and as much of HTTP as this server needs. */
    private static final class Sockets extends WebClient {
        private record Wire(Socket socket, InputStream in, OutputStream out) {}

        private final Keys keys;
        private final ConcurrentLinkedDeque<Wire> idle = new ConcurrentLinkedDeque<>();

        Sockets(Keys keys) {
            super("sockets by hand");
            this.keys = keys;
        }

        private Wire connect(URI uri) throws Exception {
            InetAddress here = InetAddress.ofLiteral(uri.getHost());
            Socket socket = uri.getScheme().equals("https")
                    ? keys.client().getSocketFactory().createSocket(here, uri.getPort())
                    : new Socket(here, uri.getPort());
            socket.setTcpNoDelay(true);
            return new Wire(socket, new BufferedInputStream(socket.getInputStream(), 16_384), socket.getOutputStream());
        }

        private Wire ask(URI uri) throws Exception {
            Wire wire = idle.pollFirst();
            if (wire == null) {
                wire = connect(uri);
            }
            wire.out.write(("GET " + uri.getPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            return wire;
        }

        private static long length(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            long length = 0;
            for (int b = in.read(); ; b = in.read()) {
                if (b < 0) {
                    throw new IOException("the server is gone");
                }
                if (b != '\n') {
                    line.append((char) b);
                    continue;
                }
                if (line.length() == 1) {
                    return length;
                }
                if (line.indexOf("Content-Length: ") == 0) {
                    length = Long.parseLong(line.substring(16).strip());
                }
                line.setLength(0);
            }
        }

        @Override
        void get(String url) throws Exception {
            Wire wire = ask(URI.create(url));
            wire.in.readNBytes((int) length(wire.in));
            idle.addFirst(wire);
        }

        @Override
        long stream(String url) throws Exception {
            Wire wire = ask(URI.create(url));
            byte[] chunk = new byte[CHUNK];
            long length = length(wire.in);
            for (long left = length; left > 0; ) {
                int read = wire.in.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (read < 0) {
                    throw new IOException("the server is gone");
                }
                left -= read;
            }
            idle.addFirst(wire);
            return length;
        }

        @Override
        public void close() {
            for (Wire wire : idle) {
                try {
                    wire.socket.close();
                } catch (IOException e) {
                    // it is closed all the same
                }
            }
        }
    }
}
