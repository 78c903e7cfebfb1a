package dev.yibu.http;

import dev.yibu.Async;
import dev.yibu.Retry;
import dev.yibu.http.HttpTimeoutException.Phase;
import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** One use of a request: its attempts, of each the hops, of each an {@link Exchange}, under one limit of time. */
final class Delivery {
    private static final int MOST_DRAINED = 16 * 1024;

    private final Engine engine;
    private final HttpRequest request;
    private final Strand strand;
    private final HttpTimeouts timeouts;
    private final boolean idempotent;
    private final HttpUrl start;
    private final long totalDeadline;

    Delivery(Engine engine, HttpRequest request, Strand strand) {
        this.engine = engine;
        this.request = request;
        this.strand = strand;
        this.timeouts = request.timeouts();
        this.idempotent = request.isIdempotent();
        this.start = request.url();
        this.totalDeadline = timeouts.total().equals(HttpTimeouts.NONE)
                ? Long.MAX_VALUE
                : Deadlines.after(strand.driver().nanoTime(), Deadlines.saturatedNanos(timeouts.total()));
    }

    /**
     * Sends the request until there is an answer to be read, and reads it.
     *
     * @param reader is called inside the bracket of the last exchange
     * @param keepsOpen whether the answer is read further afterwards
     */
    <T extends @Nullable Object> T run(Exchange.Reader<? extends T> reader, boolean keepsOpen) throws IOException {
        engine.checkOpen();
        return totalDeadline == Long.MAX_VALUE
                ? attempts(reader, keepsOpen)
                : Delivery.<T>within(strand, timeouts, request, () -> attempts(reader, keepsOpen));
    }

    @FunctionalInterface
    private interface Body<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private static <T extends @Nullable Object> T within(
            Strand strand, HttpTimeouts timeouts, HttpRequest request, Body<? extends T> body) throws IOException {
        DeadlineScope scope = new DeadlineScope(strand, Deadlines.saturatedNanos(timeouts.total()), null);
        scope.enter();
        T value = null;
        Throwable thrown = null;
        try {
            value = body.run();
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = scope.leave(thrown);
        if (thrown == null) {
            return Delivery.<T>cast(value);
        }
        if (scope.isOwnTimeout(thrown)) {
            HttpTimeoutException timeout =
                    new HttpTimeoutException(request.target(), Phase.TOTAL, timeouts.total(), thrown.getCause());
            for (Throwable suppressed : thrown.getSuppressed()) {
                timeout.addSuppressed(suppressed);
            }
            throw timeout;
        }
        throw Throwing.<IOException>any(thrown);
    }

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"}) // null was a T
    private static <T extends @Nullable Object> T cast(@Nullable Object value) {
        return (T) value;
    }

    private <T extends @Nullable Object> T attempts(Exchange.Reader<? extends T> reader, boolean keepsOpen)
            throws IOException {
        Retry retry = request.retry();
        if (retry == null) {
            return hops(reader, keepsOpen);
        }
        RetryRule rule = new RetryRule(retry, request, strand, idempotent);
        return Async.<T, IOException>retry(rule.adapted(), () -> {
            rule.awaitTurn();
            return hops(reader, keepsOpen);
        });
    }

    private <T extends @Nullable Object> T hops(Exchange.Reader<? extends T> reader, boolean keepsOpen)
            throws IOException {
        Redirects redirects = new Redirects(request.redirects());
        Redirects.Next at =
                new Redirects.Next(request.method(), start, request.headers().build(), request.body());
        for (; ; ) {
            Redirects.Next here = at;
            Hop hop = new Hop(here.method(), here.url(), complete(here), here.body(), idempotent);
            Exchange exchange = new Exchange(engine, strand, hop, timeouts, totalDeadline);
            Hopped<T> hopped = exchange.<Hopped<T>>run(
                    response -> {
                        receiveCookies(hop.url(), response);
                        if (!redirects.isOne(response)) {
                            return new Arrived<T>(reader.read(response));
                        }
                        Redirects.Next next = redirects.next(hop, here.headers(), response);
                        response.content().drainTo(MOST_DRAINED);
                        exchange.end(null);
                        return new Redirected<T>(next);
                    },
                    keepsOpen);
            switch (hopped) {
                case Arrived<T>(T value) -> {
                    return value;
                }
                case Redirected<T>(Redirects.Next next) -> at = next;
            }
        }
    }

    private sealed interface Hopped<T extends @Nullable Object> {}

    private record Arrived<T extends @Nullable Object>(T value) implements Hopped<T> {}

    private record Redirected<T extends @Nullable Object>(Redirects.Next next) implements Hopped<T> {}

    /** The caller's headers, and what the session adds for this very place. */
    private Headers complete(Redirects.Next next) {
        Headers own = next.headers();
        HttpUrl url = next.url();
        Headers.Builder all = own.newBuilder();
        HttpBody body = next.body();
        if (body != null && body.contentType() != null && own.get("Content-Type") == null) {
            all.add("Content-Type", body.contentType());
        }
        if (own.get("User-Agent") == null) {
            all.add("User-Agent", "yibu-http");
        }
        if (own.get("Accept-Encoding") == null) {
            boolean whole = own.get("Range") == null;
            all.add("Accept-Encoding", engine.options().compression() && whole ? "gzip" : "identity");
        }
        if (own.get("Authorization") == null) {
            HttpAuth auth = Origin.of(start).isOf(url) ? request.auth() : null;
            HttpAuth known = auth == null ? engine.credentials().of(url) : auth;
            if (known != null) {
                all.add("Authorization", known.header());
            }
        }
        CookieJar jar = engine.options().cookies();
        if (jar != null) {
            String ours = jar.headerFor(url, strand.driver().instant().toEpochMilli());
            if (ours != null) {
                String callers = own.get("Cookie");
                all.set("Cookie", callers == null ? ours : callers + "; " + ours);
            }
        }
        String forProxy = engine.credentials().proxyHeaderFor(url);
        if (forProxy != null) {
            all.set("Proxy-Authorization", forProxy);
        }
        return all.build();
    }

    private void receiveCookies(HttpUrl url, HttpResponse response) {
        CookieJar jar = engine.options().cookies();
        if (jar != null) {
            jar.receive(
                    url, response.headers().fields(), strand.driver().instant().toEpochMilli());
        }
    }
}
