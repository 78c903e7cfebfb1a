package dev.yibu.http;

import dev.yibu.Retry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a session behaves. Immutable; begin with {@link #DEFAULT} and say what is to be different.
 *
 * {@snippet file="dev/yibu/http/Snippets.java" region=options}
 *
 * @param baseUrl what relative addresses of requests are relative to, or null
 * @param headers what every request has, unless it says otherwise itself
 * @param timeouts how long requests may take
 * @param limits connections and sizes
 * @param redirects which redirects are followed
 * @param retry how failed requests are tried again, or null if they are not: see {@link HttpRequest#retry}
 * @param auth credentials by origin, such as {@code https://api.example}; each is sent to its origin only
 * @param cookies where cookies are kept, or null if the session has none
 * @param json turns objects into JSON and back, or null
 * @param proxy where requests go through, or null
 * @param tls whom to trust
 * @param guard which addresses may be connected to, or null for all
 * @param version which versions of HTTP are spoken
 * @param compression whether to ask for compressed answers
 * @param keepAlive how long an idle connection is kept for the next request
 * @param listeners are told what becomes of requests
 */
public record HttpOptions(
        @Nullable URI baseUrl,
        HttpHeaders headers,
        HttpTimeouts timeouts,
        HttpLimits limits,
        RedirectPolicy redirects,
        @Nullable Retry retry,
        Map<String, HttpAuth> auth,
        @Nullable CookieJar cookies,
        @Nullable JsonCodec json,
        @Nullable HttpProxy proxy,
        HttpTls tls,
        @Nullable AddressGuard guard,
        HttpVersion version,
        boolean compression,
        Duration keepAlive,
        List<HttpListener> listeners) {

    /** Tells no secrets. */
    @Override
    public String toString() {
        return "HttpOptions[" + (baseUrl == null ? "" : Redacted.of(baseUrl.toString()) + ", ") + timeouts + ", "
                + limits + ", " + redirects + ", " + version + "]";
    }

    /** No base address, headers, retry, credentials, cookies, proxy or guard; the other types' defaults. */
    public static final HttpOptions DEFAULT = new HttpOptions(
            null,
            HttpHeaders.EMPTY,
            HttpTimeouts.DEFAULT,
            HttpLimits.DEFAULT,
            RedirectPolicy.DEFAULT,
            null,
            Map.of(),
            null,
            null,
            null,
            HttpTls.DEFAULT,
            null,
            HttpVersion.BEST,
            true,
            Duration.ofMinutes(1),
            List.of());

    /**
     * Checks its arguments and copies what could change.
     *
     * @throws IllegalArgumentException if an address is none or a header is one that the client sets itself, the time for
     *     idle connections is not more than zero, or there are both
     *     a proxy and a guard, which could not see what the proxy connects to
     */
    public HttpOptions {
        Objects.requireNonNull(headers, "headers");
        Objects.requireNonNull(timeouts, "timeouts");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(redirects, "redirects");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(keepAlive, "keepAlive");
        Framing.check(headers.fields());
        auth = Map.copyOf(Objects.requireNonNull(auth, "auth"));
        auth.keySet().forEach(Origin::parse);
        listeners = List.copyOf(Objects.requireNonNull(listeners, "listeners"));
        if (keepAlive.isNegative() || keepAlive.isZero()) {
            throw new IllegalArgumentException(
                    "idle connections are kept for " + keepAlive + "; it must be more than 0");
        }
        if (proxy != null && guard != null) {
            throw new IllegalArgumentException("a guard can't see what a proxy connects to: let the proxy itself"
                    + " refuse addresses, or use no proxy");
        }
        if (baseUrl != null) {
            Addressing.base(baseUrl);
        }
    }

    /**
     * These with a base address.
     *
     * @param baseUrl what relative addresses are relative to, as links on that page would be; usually ends with a slash
     * @return the options
     */
    public HttpOptions withBaseUrl(String baseUrl) {
        return withBaseUrl(URI.create(Objects.requireNonNull(baseUrl, "baseUrl")));
    }

    /**
     * {@link #withBaseUrl(String)} for a {@code URI}.
     *
     * @param baseUrl what relative addresses are relative to
     * @return the options
     */
    public HttpOptions withBaseUrl(@Nullable URI baseUrl) {
        return with(draft -> draft.baseUrl = baseUrl);
    }

    /**
     * These with one more header on every request. To the base address's origin, or wherever the requests themselves go:
     * not across a redirect to another origin.
     *
     * @param name the name
     * @param value the value
     * @return the options
     */
    public HttpOptions withHeader(String name, String value) {
        return with(draft -> draft.headers = headers.with(name, value));
    }

    /**
     * These with other time-outs.
     *
     * @param timeouts how long requests may take
     * @return the options
     */
    public HttpOptions withTimeouts(HttpTimeouts timeouts) {
        return with(draft -> draft.timeouts = timeouts);
    }

    /**
     * These with other limits.
     *
     * @param limits connections and sizes
     * @return the options
     */
    public HttpOptions withLimits(HttpLimits limits) {
        return with(draft -> draft.limits = limits);
    }

    /**
     * These with another way to follow redirects.
     *
     * @param redirects which are followed
     * @return the options
     */
    public HttpOptions withRedirects(RedirectPolicy redirects) {
        return with(draft -> draft.redirects = redirects);
    }

    /**
     * These with retries.
     *
     * @param retry how failed requests are tried again: see {@link HttpRequest#retry}
     * @return the options
     */
    public HttpOptions withRetry(@Nullable Retry retry) {
        return with(draft -> draft.retry = retry);
    }

    /**
     * These with credentials for an origin.
     *
     * @param origin scheme, host and port if it is not the usual one, such as {@code https://api.example}
     * @param auth what is sent there, and nowhere else
     * @return the options
     */
    public HttpOptions withAuth(String origin, HttpAuth auth) {
        Map<String, HttpAuth> all = new HashMap<>(this.auth);
        all.put(Objects.requireNonNull(origin, "origin"), Objects.requireNonNull(auth, "auth"));
        return with(draft -> draft.auth = all);
    }

    /**
     * These with cookies.
     *
     * @param cookies where they are kept
     * @return the options
     */
    public HttpOptions withCookies(@Nullable CookieJar cookies) {
        return with(draft -> draft.cookies = cookies);
    }

    /**
     * These with a codec.
     *
     * @param json turns objects into JSON and back
     * @return the options
     */
    public HttpOptions withJson(@Nullable JsonCodec json) {
        return with(draft -> draft.json = json);
    }

    /**
     * These with a proxy.
     *
     * @param proxy where requests go through
     * @return the options
     */
    public HttpOptions withProxy(@Nullable HttpProxy proxy) {
        return with(draft -> draft.proxy = proxy);
    }

    /**
     * These with other trust.
     *
     * @param tls whom to trust
     * @return the options
     */
    public HttpOptions withTls(HttpTls tls) {
        return with(draft -> draft.tls = tls);
    }

    /**
     * These with a guard.
     *
     * @param guard which addresses may be connected to
     * @return the options
     */
    public HttpOptions withGuard(@Nullable AddressGuard guard) {
        return with(draft -> draft.guard = guard);
    }

    /**
     * These with another choice of versions.
     *
     * @param version which versions of HTTP are spoken
     * @return the options
     */
    public HttpOptions withVersion(HttpVersion version) {
        return with(draft -> draft.version = version);
    }

    /**
     * These with or without compression of answers.
     *
     * @param compression whether to ask for it; what comes compressed unasked is decompressed all the same
     * @return the options
     */
    public HttpOptions withCompression(boolean compression) {
        return with(draft -> draft.compression = compression);
    }

    /**
     * These with another time for idle connections.
     *
     * @param keepAlive how long one is kept
     * @return the options
     */
    public HttpOptions withKeepAlive(Duration keepAlive) {
        return with(draft -> draft.keepAlive = keepAlive);
    }

    /**
     * These with one more listener.
     *
     * @param listener is told what becomes of requests
     * @return the options
     */
    public HttpOptions withListener(HttpListener listener) {
        List<HttpListener> all = new ArrayList<>(listeners);
        all.add(Objects.requireNonNull(listener, "listener"));
        return with(draft -> draft.listeners = all);
    }

    private HttpOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The components, open to a change. */
    private static final class Draft {
        @Nullable
        URI baseUrl;

        HttpHeaders headers;
        HttpTimeouts timeouts;
        HttpLimits limits;
        RedirectPolicy redirects;

        @Nullable
        Retry retry;

        Map<String, HttpAuth> auth;

        @Nullable
        CookieJar cookies;

        @Nullable
        JsonCodec json;

        @Nullable
        HttpProxy proxy;

        HttpTls tls;

        @Nullable
        AddressGuard guard;

        HttpVersion version;
        boolean compression;
        Duration keepAlive;
        List<HttpListener> listeners;

        Draft(HttpOptions from) {
            baseUrl = from.baseUrl;
            headers = from.headers;
            timeouts = from.timeouts;
            limits = from.limits;
            redirects = from.redirects;
            retry = from.retry;
            auth = from.auth;
            cookies = from.cookies;
            json = from.json;
            proxy = from.proxy;
            tls = from.tls;
            guard = from.guard;
            version = from.version;
            compression = from.compression;
            keepAlive = from.keepAlive;
            listeners = from.listeners;
        }

        HttpOptions options() {
            return new HttpOptions(
                    baseUrl,
                    headers,
                    timeouts,
                    limits,
                    redirects,
                    retry,
                    auth,
                    cookies,
                    json,
                    proxy,
                    tls,
                    guard,
                    version,
                    compression,
                    keepAlive,
                    listeners);
        }
    }
}
