package dev.yibu.http;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * What the exchanges of a session share: OkHttp's client, set up so that it does nothing by itself that the session
 * decides, and whoever is under way. Its pool has the connections that are shared, or may turn out to be, those of HTTP/2;
 * the others are in {@link Lines}.
 *
 * <p>OkHttp connects on the calling thread and tries a host's addresses one after the other. Its time-outs are off ({@link
 * Watch}), as are its redirects ({@link Redirects}) and its retries, which would send a POST twice ({@link Exchange} repeats what
 * met a stale connection, {@link Delivery} the rest).
 */
final class Engine {
    /** Finds dead connections of HTTP/2, on which one request's time-out tells nothing about the others. */
    private static final Duration PING = Duration.ofSeconds(30);

    private static final long SHORTEST_KEPT_NANOS = 1_000_000;

    private final HttpOptions options;
    private final Driver driver;
    private final KnownAddresses addresses;
    private final OkHttpClient client;
    private final Lines lines;
    private final Slots slots;
    private final Scouts scouts = new Scouts();
    private final Names names;
    private final Credentials credentials;
    private final Audience audience;
    private final AtomicLong numbers = new AtomicLong();
    private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Engine(HttpOptions options, Names.Resolver resolver, Driver driver) {
        this.options = options;
        this.driver = driver;
        this.addresses = new KnownAddresses(options.baseUrl() == null ? null : Addressing.base(options.baseUrl()));
        this.slots = new Slots(options.limits());
        this.names = new Names(resolver, driver);
        this.credentials = new Credentials(options);
        this.audience = new Audience(options.listeners());
        this.client = build();
        this.lines = new Lines(driver, client, options.limits().connections(), options.keepAlive());
    }

    private OkHttpClient build() {
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(
                        options.limits().connections(),
                        Math.max(SHORTEST_KEPT_NANOS, Deadlines.saturatedNanos(options.keepAlive())),
                        TimeUnit.NANOSECONDS))
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .fastFallback(false)
                .connectTimeout(0, TimeUnit.MILLISECONDS)
                .readTimeout(0, TimeUnit.MILLISECONDS)
                .writeTimeout(0, TimeUnit.MILLISECONDS)
                .callTimeout(0, TimeUnit.MILLISECONDS)
                .pingInterval(PING)
                .addNetworkInterceptor(new AnswerBounds())
                .dns(this::lookUp)
                .socketFactory(new Sockets())
                .eventListenerFactory(call -> {
                    Exchange exchange = call.request().tag(Exchange.class);
                    return exchange == null ? EventListener.NONE : exchange;
                })
                .protocols(
                        switch (options.version()) {
                            case BEST -> List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);
                            case HTTP_1_1 -> List.of(Protocol.HTTP_1_1);
                            case HTTP_2_CLEARTEXT -> List.of(Protocol.H2_PRIOR_KNOWLEDGE);
                        });
        HttpProxy proxy = options.proxy();
        builder.proxy(
                proxy == null
                        ? Proxy.NO_PROXY
                        : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.host(), proxy.port())));
        builder.proxyAuthenticator(credentials::forTunnel);
        setUp(builder, options.tls(), driver);
        return builder.build();
    }

    private static void setUp(OkHttpClient.Builder builder, HttpTls tls, Driver driver) {
        TlsSetup setup = tls.setUp();
        builder.sslSocketFactory(new SecureSockets(setup.sockets(), driver), setup.trust());
        if (tls.isInsecure()) {
            builder.hostnameVerifier((_, _) -> true);
        }
        CertificatePinner.Builder pinner = new CertificatePinner.Builder();
        for (HttpTls.Pin pin : tls.pins()) {
            pinner.add(pin.host(), pin.sha256());
        }
        builder.certificatePinner(pinner.build());
    }

    HttpOptions options() {
        return options;
    }

    KnownAddresses addresses() {
        return addresses;
    }

    OkHttpClient client() {
        return client;
    }

    Slots slots() {
        return slots;
    }

    Lines lines() {
        return lines;
    }

    /** How many connections are open. */
    int connections() {
        return client.connectionPool().connectionCount() + lines.connections();
    }

    /** How many of them serve nobody. */
    int idleConnections() {
        return client.connectionPool().idleConnectionCount() + lines.free();
    }

    /** Those who connect first, if requests to this address may share a connection. */
    @Nullable
    Scouts scouts(HttpUrl url) {
        return switch (options.version()) {
            case BEST -> url.isHttps() ? scouts : null;
            case HTTP_1_1 -> null;
            case HTTP_2_CLEARTEXT -> scouts;
        };
    }

    Names names() {
        return names;
    }

    Credentials credentials() {
        return credentials;
    }

    JsonCodec codec() {
        JsonCodec codec = options.json();
        if (codec == null) {
            throw new IllegalStateException("the session has no codec for JSON: open it with"
                    + " HttpOptions.DEFAULT.withJson(JacksonCodec.create()), or a codec of your own");
        }
        return codec;
    }

    @Nullable
    Trace trace(Driver driver, Hop hop) {
        if (audience.isEmpty()) {
            return null;
        }
        HttpException.Target target = hop.target();
        HttpEvent.Id id = new HttpEvent.Id(numbers.incrementAndGet(), target.method(), target.url());
        return new Trace(audience, driver, id);
    }

    // ---------------------------------------------------------------- addresses

    /** OkHttp's hook, on the thread of the exchange that has just said that it is going to ask. */
    private List<InetAddress> lookUp(String host) throws UnknownHostException {
        Exchange exchange = Exchange.CONNECTING.get();
        List<InetAddress> found = exchange == null ? List.of(InetAddress.getAllByName(host)) : exchange.lookUp(host);
        AddressGuard guard = options.guard();
        if (guard != null) {
            for (InetAddress address : found) {
                if (!guard.allows(address)) {
                    throw refused(host, address);
                }
            }
        }
        return found;
    }

    private static UnknownHostException refused(String host, InetAddress address) {
        UnknownHostException refused = new UnknownHostException(host);
        refused.initCause(new ForbiddenAddress(host, address));
        return refused;
    }

    /** Makes the sockets of all connections, and so sees each address that one is really connected to. */
    private final class Sockets extends SocketFactory {
        @Override
        public Socket createSocket() {
            return new Guarded();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Guarded extends Socket implements AnswerInput.Source {
        private @Nullable AnswerInput input;

        @Override
        public AnswerInput answers() throws IOException {
            AnswerInput made = input;
            if (made == null) {
                made = new AnswerInput(super.getInputStream(), driver);
                input = made;
            }
            return made;
        }

        @Override
        public AnswerInput getInputStream() throws IOException {
            return answers();
        }

        /** OkHttp asks before it takes a connection from the pool. */
        @Override
        public boolean isInputShutdown() {
            AnswerInput made = input;
            return super.isInputShutdown() || (made != null && made.isOver() && hasSurplus(made));
        }

        private boolean hasSurplus(AnswerInput answers) {
            return answers.hasSurplus() || (answers.isWorthASecondLook() && answers.hasSurplusAtSecondLook(this));
        }

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            AddressGuard guard = options.guard();
            if (guard != null && endpoint instanceof InetSocketAddress to) {
                InetAddress address = to.getAddress();
                if (address != null && !guard.allows(address)) {
                    throw new ForbiddenAddress(to.getHostString(), address);
                }
            }
            Exchange exchange = Exchange.CONNECTING.get();
            super.connect(endpoint, exchange == null ? timeout : exchange.connectShareMillis());
        }
    }

    // ---------------------------------------------------------------- who is under way

    /** Called by an exchange that has got its place. */
    void enter(Exchange exchange) {
        underWay.add(exchange);
        if (closed) {
            throw closedAlready();
        }
    }

    /** Called by an exchange that has ended. */
    void leave(Exchange exchange) {
        underWay.remove(exchange);
        if (closed) {
            client.connectionPool().evictAll(); // its connection may have come back after close() had looked
        }
    }

    void checkOpen() {
        if (closed) {
            throw closedAlready();
        }
    }

    private static IllegalStateException closedAlready() {
        return new IllegalStateException("the HTTP session is closed");
    }

    /** How many exchanges have a place. */
    int underWay() {
        return underWay.size();
    }

    void close() {
        closed = true;
        for (Exchange exchange : underWay) {
            exchange.abort("the session was closed");
        }
        client.connectionPool().evictAll();
        lines.close();
        names.close();
    }
}
