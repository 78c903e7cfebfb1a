package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Objects;
import okhttp3.OkHttpClient;

/**
 * A client for HTTP with a pool of connections. Compare {@code aiohttp.ClientSession}. Make one and keep it: each has
 * connections of its own.
 *
 * {@snippet file="dev/yibu/http/Snippets.java" region=session}
 *
 * <p><b>Usage.</b> {@link #get}, {@link #post} and the others begin an {@link HttpRequest}; its last call sends it on the
 * calling task's own thread, which waits; a thousand tasks are a thousand requests at a time, as far as {@link
 * HttpLimits} and the servers allow. Those who have to wait for a connection are served in the order of their coming.
 *
 * <p><b>Connections</b> are used again, but for those on which a server has sent more than its answers: what is too much could
 * be taken for the answer to another request. It is thrown away, and the connection with it.
 *
 * <p><b>Closing.</b> A session belongs to no scope: whoever opens it closes it. {@link #close()} ends requests that are still under way with an {@link HttpTransferException}, closes the
 * connections, and refuses further requests, with an {@link IllegalStateException}. It does not wait. OkHttp's own threads are daemons and end within a minute.
 *
 * <p><b>Thread-safety.</b> Any thread may call any method.
 */
public final class HttpSession implements AutoCloseable {
    private final Engine engine;

    private HttpSession(Engine engine) {
        this.engine = engine;
    }

    /**
     * Opens a session with {@link HttpOptions#DEFAULT}.
     *
     * @return the session
     */
    public static HttpSession open() {
        return open(HttpOptions.DEFAULT);
    }

    /**
     * Opens a session. Connects to nobody yet.
     *
     * @param options how it behaves
     * @return the session
     * @throws IllegalArgumentException if the TLS options can't be used
     */
    public static HttpSession open(HttpOptions options) {
        return open(options, InetAddress::getAllByName);
    }

    static HttpSession open(HttpOptions options, Names.Resolver resolver) {
        Objects.requireNonNull(options, "options");
        Strand strand = Strand.current();
        return open(options, resolver, strand == null ? Driver.real() : strand.driver());
    }

    static HttpSession open(HttpOptions options, Names.Resolver resolver, Driver driver) {
        return new HttpSession(new Engine(options, resolver, driver));
    }

    /**
     * Begins a GET.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest get(String url) {
        return begin("GET", url);
    }

    /**
     * Begins a HEAD: as a GET, but without a body in the answer.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest head(String url) {
        return begin("HEAD", url);
    }

    /**
     * Begins a POST.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest post(String url) {
        return begin("POST", url);
    }

    /**
     * Begins a PUT.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest put(String url) {
        return begin("PUT", url);
    }

    /**
     * Begins a PATCH.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest patch(String url) {
        return begin("PATCH", url);
    }

    /**
     * Begins a DELETE.
     *
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no web address
     */
    public HttpRequest delete(String url) {
        return begin("DELETE", url);
    }

    /**
     * Begins a request with any method.
     *
     * @param method the method
     * @param url where to; relative to the session's base address if it has one
     * @return the request
     * @throws IllegalArgumentException if it is no method, or no web address
     * @throws IllegalStateException if the session is closed
     */
    public HttpRequest request(String method, String url) {
        Objects.requireNonNull(method, "method");
        String upper = method.toUpperCase(Locale.ROOT);
        if (!upper.matches("[A-Z][A-Z-]*") || upper.equals("CONNECT")) {
            throw new IllegalArgumentException("\"" + method + "\" is no method that can be sent");
        }
        return begin(upper, url);
    }

    private HttpRequest begin(String method, String url) {
        engine.checkOpen();
        return new HttpRequest(engine, method, engine.addresses().resolve(url));
    }

    /**
     * What the session is doing now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        return new Statistics(
                engine.underWay(), engine.slots().waiting(), engine.connections(), engine.idleConnections());
    }

    /**
     * A session at some moment.
     *
     * @param underWay requests that have a place in the pool, until their answers have been read or closed
     * @param waiting requests that wait for a place
     * @param connections open connections
     * @param idle those of them that serve no request
     */
    public record Statistics(int underWay, int waiting, int connections, int idle) {}

    /**
     * The door to the client underneath, an {@code okhttp3.OkHttpClient}: for what this class doesn't offer. Requests sent
     * through it share the connections of HTTP/2, and none of HTTP/1.1, nor the session's limits, time-outs, redirects and
     * traces; the guard's rules count for them too.
     *
     * @param type {@code OkHttpClient.class}
     * @param <C> the type
     * @return the client
     * @throws IllegalArgumentException if the client is of another type
     */
    public <C> C unwrap(Class<C> type) {
        OkHttpClient client = engine.client();
        if (!type.isInstance(client)) {
            throw new IllegalArgumentException(
                    "the client underneath is an " + OkHttpClient.class.getName() + ", not a " + type.getName());
        }
        return type.cast(client);
    }

    /** Ends what is under way, closes the connections, and refuses further requests. Idempotent; does not wait. */
    @Override
    public void close() {
        engine.close();
    }

    @Override
    public String toString() {
        return "HTTP session: " + statistics();
    }
}
