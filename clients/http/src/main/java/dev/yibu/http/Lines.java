package dev.yibu.http;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The connections of HTTP/1.1 that serve one request after the other. Each has a client of OkHttp for itself, a {@link Line},
 * and this class does what a pool of OkHttp's does for all connections together: it finds one that is free, keeps so many and
 * so long, and closes the others.
 *
 * <p>For many requests at a time that pool is slow. Each request looks through the connections that are in use, one lock
 * after the other, and at its end wakes a thread that looks through all of them for one to be closed; the virtual threads
 * wait for each other's locks meanwhile. The threads of the pool took about a quarter of the client's processor time.
 *
 * <p>Any thread may call any method. The lock is held for a few writes, and never while a connection is closed.
 */
final class Lines {
    /** Origins without a free line are forgotten when there are more than these. */
    private static final int MOST_EMPTY = 256;

    /** A client for at most one connection, and so for one request at a time. */
    static final class Line {
        private final Origin origin;
        private final OkHttpClient client;

        /** Since when it is free. Guarded by the lock. */
        private long freeSince;

        Line(Origin origin, OkHttpClient client) {
            this.origin = origin;
            this.client = client;
        }

        OkHttpClient client() {
            return client;
        }

        private int connections() {
            return client.connectionPool().connectionCount();
        }

        private boolean isFree() {
            return client.connectionPool().idleConnectionCount() == 1;
        }

        private void close() {
            client.connectionPool().evictAll();
        }
    }

    private final Driver driver;
    private final OkHttpClient model;
    private final int most;
    private final long keptNanos;
    private final Set<Line> all = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Map<Origin, Deque<Line>> free = new HashMap<>(); // the latest first
    private final LinkedHashSet<Line> byAge = new LinkedHashSet<>(); // the same, the oldest first
    private boolean timed;
    private boolean closed;

    private final Timer sweeping = new Timer() {
        @Override
        protected void expire() {
            driver.interrupt(Lines.this::sweep); // to close a connection of TLS may block
        }

        @Override
        public String toString() {
            return "connections of an HTTP session that nobody uses";
        }
    };

    /**
     * No lines yet.
     *
     * @param model what the clients are like, but for their connections
     * @param most how many are kept free
     * @param kept how long
     */
    Lines(Driver driver, OkHttpClient model, int most, Duration kept) {
        this.driver = driver;
        this.model = model;
        this.most = most;
        this.keptNanos = Deadlines.saturatedNanos(kept);
    }

    /** A line for a request, to be given back. It may turn out to have lost its connection; then it makes another. */
    Line take(Origin origin) {
        lock.lock();
        try {
            Deque<Line> there = free.get(origin);
            Line latest = there == null ? null : there.pollFirst();
            if (latest != null) {
                byAge.remove(latest);
                return latest;
            }
        } finally {
            lock.unlock();
        }
        Line made = new Line(origin, client());
        all.add(made);
        return made;
    }

    /**
     * A client whose pool leaves it to this class when a connection is closed: it keeps one for the longest of all times. That
     * also spares the thread that is woken for each request. It rests on OkHttp 5.5.1, for which the moment of the next look
     * at such a pool overflows and lies in the past, so that it is taken for arranged already. Where that is not so the thread
     * is woken, and finds nothing to do: this would cost time, and nothing else.
     */
    private OkHttpClient client() {
        return model.newBuilder()
                .connectionPool(new ConnectionPool(1, Long.MAX_VALUE, TimeUnit.NANOSECONDS))
                .dispatcher(new Dispatcher(model.dispatcher().executorService()))
                .build();
    }

    /** The request is over. A line that has no connection any more, or is one too many, is given up. */
    void giveBack(Line line) {
        Line tooMany = line;
        boolean first = false;
        long now = driver.nanoTime();
        if (line.isFree()) {
            lock.lock();
            try {
                if (!closed) {
                    tooMany = keep(line, now);
                    first = !timed;
                    timed = true;
                }
            } finally {
                lock.unlock();
            }
        }
        if (tooMany != null) {
            giveUp(tooMany);
        }
        if (first) {
            driver.watch(sweeping, Deadlines.after(now, keptNanos));
        }
    }

    /** Returns the oldest, if there are too many now. */
    private @Nullable Line keep(Line line, long now) {
        line.freeSince = now;
        if (free.size() > MOST_EMPTY && !free.containsKey(line.origin)) {
            free.values().removeIf(Deque::isEmpty);
        }
        free.computeIfAbsent(line.origin, _ -> new ArrayDeque<>()).addFirst(line);
        byAge.add(line);
        return byAge.size() > most ? removeOldest() : null;
    }

    private Line removeOldest() {
        Line oldest = byAge.removeFirst();
        Objects.requireNonNull(free.get(oldest.origin)).removeLast();
        return oldest;
    }

    /** Closes all free connections to an origin. */
    void giveUp(Origin origin) {
        List<Line> there;
        lock.lock();
        try {
            Deque<Line> known = free.remove(origin);
            there = known == null ? List.of() : List.copyOf(known);
            there.forEach(byAge::remove);
        } finally {
            lock.unlock();
        }
        there.forEach(this::giveUp);
    }

    private void giveUp(Line line) {
        all.remove(line);
        line.close();
    }

    /** Closes what has been free for too long. On a thread of its own. */
    private void sweep() {
        long now = driver.nanoTime();
        List<Line> old = new ArrayList<>();
        long next;
        boolean more;
        lock.lock();
        try {
            while (!byAge.isEmpty() && Deadlines.after(byAge.getFirst().freeSince, keptNanos) - now <= 0) {
                old.add(removeOldest());
            }
            more = !byAge.isEmpty();
            next = more ? Deadlines.after(byAge.getFirst().freeSince, keptNanos) : now;
            timed = more;
        } finally {
            lock.unlock();
        }
        old.forEach(this::giveUp);
        if (more) {
            driver.watch(sweeping, next);
        }
    }

    /** How many connections there are. */
    int connections() {
        return all.stream().mapToInt(Line::connections).sum();
    }

    /** How many of them are free. */
    int free() {
        lock.lock();
        try {
            return byAge.size();
        } finally {
            lock.unlock();
        }
    }

    /** Closes those that are free, and from now on those that come back. */
    void close() {
        List<Line> last;
        lock.lock();
        try {
            closed = true;
            last = List.copyOf(byAge);
            byAge.clear();
            free.clear();
        } finally {
            lock.unlock();
        }
        driver.cancel(sweeping);
        last.forEach(this::giveUp);
    }
}
