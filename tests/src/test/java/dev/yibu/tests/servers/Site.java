package dev.yibu.tests.servers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
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
 * {@code /gzip?n=}, {@code /status?code=}, {@code /redirect?to=}, {@code /hold} (until {@link #release}).
 */
public final class Site implements AutoCloseable {
    private static final int MANY_STREAMS = 1_024;

    private final Server server = new Server(new VirtualThreadPool());
    private final ServerConnector plain;
    private final ServerConnector secure;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);

    private Site(Certificates certificates) {
        HttpConfiguration configuration = new HttpConfiguration();
        HTTP2CServerConnectionFactory cleartext = new HTTP2CServerConnectionFactory(configuration);
        cleartext.setMaxConcurrentStreams(MANY_STREAMS);
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
                answer(request, response);
                callback.succeeded();
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
            case "/hold" -> {
                held.incrementAndGet();
                released.await();
                send(response, "held".getBytes());
            }
            default -> response.setStatus(404);
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

    /** How many requests have come to {@code /hold}. */
    public int held() {
        return held.get();
    }

    /** How many requests were answered. */
    public int answered() {
        return answered.get();
    }

    public void release() {
        released.countDown();
    }

    @Override
    public void close() {
        release();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
