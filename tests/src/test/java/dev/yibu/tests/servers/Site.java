package dev.yibu.tests.servers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/**
 * A well-behaved site on Jetty, whose handlers run on virtual threads: plain HTTP/1.1 and HTTP/2 on one port, both over TLS on
 * another. What it does is in the path: {@code /hello}, {@code /echo}, {@code /slow?ms=}, {@code /bytes?n=},
 * {@code /gzip?n=}, {@code /status?code=}, {@code /redirect?to=}; a {@link Hold} has a path of its own.
 */
public final class Site implements AutoCloseable {
    private static final int MANY_STREAMS = 1_024;

    /** Jetty says good-bye to who cancels more than 128 streams in a second, as tests do. */
    private static final RateControl.Factory NO_RATE_CONTROL = new RateControl.Factory() {};

    /** Where in an exchange a {@link Hold} stops it. */
    public enum Point {
        BEFORE_READING,
        BEFORE_ANSWERING,
        AMID_THE_ANSWER
    }

    /** A path whose requests are echoed, but get stuck until they are released. */
    public static final class Hold {
        private final Point point;
        private final String path;
        private final AtomicInteger reached = new AtomicInteger();
        private final CountDownLatch released = new CountDownLatch(1);

        Hold(Point point, String path) {
            this.point = point;
            this.path = path;
        }

        public String path() {
            return path;
        }

        /** How many requests have come to the point. */
        public int reached() {
            return reached.get();
        }

        public void release() {
            released.countDown();
        }

        private void pass(Point at) throws InterruptedException {
            if (at == point) {
                reached.incrementAndGet();
                released.await();
            }
        }

        private void serve(Request request, Response response) throws Exception {
            pass(Point.BEFORE_READING);
            byte[] body = Content.Source.asInputStream(request).readAllBytes();
            pass(Point.BEFORE_ANSWERING);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            try (OutputStream out = Content.Sink.asOutputStream(response)) {
                out.write(body, 0, body.length / 2);
                out.flush();
                pass(Point.AMID_THE_ANSWER);
                out.write(body, body.length / 2, body.length - body.length / 2);
            }
        }
    }

    private final Server server = new Server(new VirtualThreadPool());
    private final ServerConnector plain;
    private final ServerConnector secure;
    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();

    private Site(Certificates certificates) {
        HttpConfiguration configuration = new HttpConfiguration();
        HTTP2CServerConnectionFactory cleartext = new HTTP2CServerConnectionFactory(configuration);
        cleartext.setMaxConcurrentStreams(MANY_STREAMS);
        cleartext.setRateControlFactory(NO_RATE_CONTROL);
        plain = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration), cleartext);

        HttpConfiguration secured = new HttpConfiguration();
        secured.addCustomizer(new SecureRequestCustomizer(false));
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStore(certificates.keyStore());
        ssl.setKeyStorePassword(certificates.password());
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(secured);
        http2.setMaxConcurrentStreams(MANY_STREAMS);
        http2.setRateControlFactory(NO_RATE_CONTROL);
        secure = new ServerConnector(
                server,
                1,
                1,
                new SslConnectionFactory(ssl, alpn.getProtocol()),
                alpn,
                http2,
                new HttpConnectionFactory(secured));
        for (ServerConnector connector : new ServerConnector[] {plain, secure}) {
            connector.setHost("127.0.0.1");
            connector.setAcceptQueueSize(MANY_STREAMS);
            server.addConnector(connector);
        }
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                try {
                    answer(request, response);
                    callback.succeeded();
                } catch (IOException e) {
                    callback.failed(e); // the client is gone
                }
                return true;
            }
        });
    }

    public static Site start() {
        return start(Certificates.local());
    }

    public static Site start(Certificates certificates) {
        Site site = new Site(certificates);
        try {
            site.server.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return site;
    }

    private void answer(Request request, Response response) throws Exception {
        Fields query = Request.extractQueryParameters(request);
        response.getHeaders().put("X-Protocol", request.getConnectionMetaData().getProtocol());
        switch (Request.getPathInContext(request)) {
            case "/hello" -> send(response, "hello".getBytes());
            case "/echo" -> send(response, Content.Source.asInputStream(request).readAllBytes());
            case "/slow" -> {
                Thread.sleep(number(query, "ms"));
                send(response, "at last".getBytes());
            }
            case "/bytes" -> bytes(response, number(query, "n"));
            case "/gzip" -> {
                response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
                send(response, gzip(number(query, "n")));
            }
            case "/status" -> {
                response.setStatus(number(query, "code"));
                send(response, ("status " + number(query, "code")).getBytes());
            }
            case "/redirect" -> {
                response.setStatus(302);
                response.getHeaders().put(HttpHeader.LOCATION, query.getValue("to"));
            }
            default -> {
                Hold hold = holds.get(Request.getPathInContext(request));
                if (hold == null) {
                    response.setStatus(404);
                } else {
                    hold.serve(request, response);
                }
            }
        }
        answered.incrementAndGet();
    }

    private static int number(Fields query, String name) {
        return Integer.parseInt(query.getValue(name));
    }

    private static void send(Response response, byte[] body) throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            out.write(body);
        }
    }

    private static void bytes(Response response, long count) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, count);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            for (long left = count; left > 0; left -= chunk.length) {
                out.write(chunk, 0, (int) Math.min(left, chunk.length));
            }
        }
    }

    /** So many zeros, compressed. */
    public static byte[] gzip(int count) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            byte[] chunk = new byte[64 * 1024];
            for (int left = count; left > 0; left -= chunk.length) {
                out.write(chunk, 0, Math.min(left, chunk.length));
            }
        }
        return bytes.toByteArray();
    }

    public String http(String path) {
        return "http://127.0.0.1:" + plain.getLocalPort() + path;
    }

    public String https(String path) {
        return "https://localhost:" + secure.getLocalPort() + path;
    }

    public int port() {
        return plain.getLocalPort();
    }

    public int securePort() {
        return secure.getLocalPort();
    }

    public Hold hold(Point point) {
        Hold hold = new Hold(point, "/hold/" + holds.size());
        holds.put(hold.path(), hold);
        return hold;
    }

    /** How many requests were answered. */
    public int answered() {
        return answered.get();
    }

    @Override
    public void close() {
        holds.values().forEach(Hold::release);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
