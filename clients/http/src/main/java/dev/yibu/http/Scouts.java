package dev.yibu.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps many requests to a host of HTTP/2, or to one that may be, from making a connection each because there is none yet:
 * one of them connects, the scout, and those who come meanwhile wait for what it finds. If it finds HTTP/1.1, nobody waits
 * there any more; if it fails, one of the others is the next.
 *
 * <p>Any thread may call any method. Nothing waits here: who is to wait gets a future.
 */
final class Scouts {
    /** What is known is forgotten when there are more hosts than these. */
    private static final int MOST_KNOWN = 256;

    private sealed interface Route {}

    private enum Known implements Route {
        /** Requests share a connection there. */
        SHARED,
        /** Each has one of its own. */
        ALONE
    }

    private record Connecting(Exchange scout, CompletableFuture<@Nullable Void> over) implements Route {}

    private final ConcurrentMap<Origin, Route> routes = new ConcurrentHashMap<>();

    /** Called before an exchange asks for a connection. Returns what it has to wait for before it asks again, or null. */
    @Nullable
    CompletableFuture<@Nullable Void> before(Origin origin, Exchange exchange) {
        Route route = routes.get(origin);
        if (route == null) {
            if (routes.size() >= MOST_KNOWN) {
                routes.values().removeIf(Known.class::isInstance);
            }
            route = routes.putIfAbsent(origin, connecting(exchange));
        }
        return route instanceof Connecting(Exchange scout, CompletableFuture<@Nullable Void> over) && scout != exchange
                ? over
                : null;
    }

    private static Connecting connecting(Exchange exchange) {
        return new Connecting(exchange, new CompletableFuture<>());
    }

    /** An exchange found no connection that it could use, and makes one. */
    void connects(Origin origin, Exchange exchange) {
        if (routes.get(origin) == Known.SHARED) {
            routes.replace(origin, Known.SHARED, connecting(exchange));
        }
    }

    /** An exchange has a connection. */
    void connected(Origin origin, Exchange exchange, boolean shared) {
        Route route = routes.get(origin);
        if (route instanceof Connecting(Exchange scout, CompletableFuture<@Nullable Void> over) && scout == exchange) {
            routes.replace(origin, route, shared ? Known.SHARED : Known.ALONE);
            over.complete(null);
        }
    }

    /** An exchange has ended its attempt; if it was the scout and has no connection, another has to be. */
    void gaveUp(Origin origin, Exchange exchange) {
        Route route = routes.get(origin);
        if (route instanceof Connecting(Exchange scout, CompletableFuture<@Nullable Void> over) && scout == exchange) {
            routes.remove(origin, route);
            over.complete(null);
        }
    }
}
