package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds addresses of hosts. The system's resolver blocks, holds its thread and can't be interrupted; so it runs on a few
 * threads of the session, one lookup for all who ask for the same name, and whoever is cancelled only stops waiting. What
 * was found is kept for a short while.
 */
final class Names {
    /** The system's resolver, or what a test puts in its place. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] lookUp(String host) throws UnknownHostException;
    }

    private static final int THREADS = 16;
    private static final int MOST_KEPT = 1000;
    private static final long KEPT_NANOS = Duration.ofSeconds(30).toNanos();

    private record Lookup(CompletableFuture<List<InetAddress>> answer, long startNanos) {
        /** Whether somebody who asks now can have this answer, or wait for it. */
        boolean isFresh(long nowNanos) {
            return !answer.isDone() || (!answer.isCompletedExceptionally() && nowNanos - startNanos < KEPT_NANOS);
        }
    }

    private final Resolver resolver;
    private final Driver driver;
    private final ConcurrentMap<String, Lookup> lookups = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;

    Names(Resolver resolver, Driver driver) {
        this.resolver = resolver;
        this.driver = driver;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("yibu-http-dns-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** A stage of the caller's own, which it may complete otherwise. */
    @SuppressWarnings("ReferenceEquality") // this very object
    CompletableFuture<List<InetAddress>> find(String host) {
        long now = driver.nanoTime();
        Lookup lookup = lookups.get(host);
        if (lookup == null || !lookup.isFresh(now)) {
            Lookup begun = new Lookup(new CompletableFuture<>(), now);
            lookup = lookups.compute(host, (_, found) -> found != null && found.isFresh(now) ? found : begun);
            if (lookup.answer() == begun.answer()) {
                begin(host, begun);
            }
        }
        return lookup.answer().copy();
    }

    private void begin(String host, Lookup lookup) {
        if (lookups.size() > MOST_KEPT) {
            lookups.values().removeIf(old -> !old.isFresh(lookup.startNanos()));
        }
        try {
            threads.execute(() -> lookUp(host, lookup));
        } catch (RejectedExecutionException closed) {
            lookup.answer().completeExceptionally(new UnknownHostException("the session is closed"));
        }
    }

    private void lookUp(String host, Lookup lookup) {
        try {
            lookup.answer().complete(List.of(resolver.lookUp(host)));
        } catch (Throwable thrown) {
            lookups.remove(host, lookup);
            lookup.answer().completeExceptionally(thrown);
        }
    }

    /** Lookups under way end by themselves, on daemon threads; nobody waits for them. */
    void close() {
        threads.shutdownNow();
    }
}
