package dev.yibu.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
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
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** Jetty, for HTTP/2 and for very many requests at a time, which it answers later without a thread for each. */
final class JettyServer {
    private static final int BACKLOG = 4_096;
    private static final int KILOBYTE = 1_024;
    private static final byte[] SMALL = new byte[KILOBYTE];

    private JettyServer() {}

    /** Serves for ever; returns the port of HTTP/1.1 and HTTP/2 without TLS, and the one with it. */
    static int[] start(Keys keys, int streams) throws Exception {
        Server server = new Server(new VirtualThreadPool());
        HttpConfiguration plainly = new HttpConfiguration();
        HTTP2CServerConnectionFactory cleartext = new HTTP2CServerConnectionFactory(plainly);
        cleartext.setMaxConcurrentStreams(streams);
        ServerConnector plain = new ServerConnector(server, 1, 1, new HttpConnectionFactory(plainly), cleartext);

        HttpConfiguration securely = new HttpConfiguration();
        securely.addCustomizer(new SecureRequestCustomizer(false));
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStore(keys.store());
        ssl.setKeyStorePassword(Keys.PASSWORD);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(securely);
        http2.setMaxConcurrentStreams(streams);
        ServerConnector secure = new ServerConnector(
                server,
                1,
                1,
                new SslConnectionFactory(ssl, alpn.getProtocol()),
                alpn,
                http2,
                new HttpConnectionFactory(securely));
        for (ServerConnector connector : new ServerConnector[] {plain, secure}) {
            connector.setHost("127.0.0.1");
            connector.setAcceptQueueSize(BACKLOG);
            connector.setIdleTimeout(TimeUnit.MINUTES.toMillis(5));
            server.addConnector(connector);
        }
        server.setHandler(new Answers());
        server.start();
        return new int[] {plain.getLocalPort(), secure.getLocalPort()};
    }

    private static final class Answers extends Handler.Abstract.NonBlocking {
        private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String path = Request.getPathInContext(request);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, KILOBYTE);
            if (path.startsWith("/slow/")) {
                long millis = Long.parseLong(path.substring(path.lastIndexOf('/') + 1));
                later.schedule(() -> send(response, callback), millis, TimeUnit.MILLISECONDS);
            } else {
                send(response, callback);
            }
            return true;
        }

        private static void send(Response response, Callback callback) {
            response.write(true, ByteBuffer.wrap(SMALL), callback);
        }
    }
}
