package dev.yibu.crawler;

import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;

import dev.yibu.Coroutine;
import dev.yibu.sync.CapacityLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one way to a host: so many requests at a time, with a pause after each if somebody wants one, and none before the
 * time at which the host has asked to be left alone until. Where there are pauses, there is one request at a time, from all
 * crawlers that share a store, so a pause is between the end of one and the start of the next.
 */
final class HostGate {
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

    /** The host has asked to be left alone for longer than anybody waits. */
    static final class Closed extends Exception {
        private static final long serialVersionUID = 1L;

        final Duration left;

        Closed(Duration left) {
            super("the host asks to be left alone for " + left);
            this.left = left;
        }
    }

    private static final Duration SHORTEST_LOOK = Duration.ofMillis(20);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);
    private static final Duration LEAVING = Duration.ofSeconds(5);

    /** The door that all crawlers have in common. */
    interface Door {
        /** How long others have the host at most; zero if it is this crawler's now. */
        Duration enter();

        /** Gives the host to others, after a delay. */
        void leave(Duration delay);
    }

    /** For a crawler that is alone. */
    static final Door OPEN = new Door() {
        @Override
        public Duration enter() {
            return Duration.ZERO;
        }

        @Override
        public void leave(Duration delay) {}
    };

    private final CapacityLimiter limiter;
    private final AtomicLong quietUntil = new AtomicLong(Crawl.now());
    private final Door door;
    private volatile int capacity;
    private volatile long pauseNanos;

    HostGate(String site, int perHost, Duration delay, Door door) {
        this.limiter = CapacityLimiter.of(perHost, "the requests to " + site);
        this.capacity = perHost;
        this.door = door;
        pause(nanos(delay));
    }

    /** Makes pauses at least this long. One begins now: a request has just been answered that asks for them. */
    void slowDown(Duration delay) {
        long nanos = nanos(delay);
        if (nanos > pauseNanos) {
            pause(nanos);
            leaveAlone(delay);
        }
    }

    private void pause(long nanos) {
        if (nanos > 0) {
            pauseNanos = nanos;
            capacity = 1;
            limiter.totalTokens(1);
        }
    }

    /** Lets nobody begin for a while. */
    void leaveAlone(Duration time) {
        long until = Crawl.now() + nanos(time);
        quietUntil.accumulateAndGet(until, (a, b) -> a - b > 0 ? a : b);
    }

    private static long nanos(Duration time) {
        return time.compareTo(LONGEST_PAUSE) < 0 ? time.toNanos() : LONGEST_PAUSE.toNanos();
    }

    /** How many requests may be under way. */
    int capacity() {
        return capacity;
    }

    /** Makes a request when it is its turn. */
    <T, X extends Throwable> T pass(Coroutine<? extends T, ? extends X> request) throws X, Closed {
        try (CapacityLimiter.Hold _ = limiter.hold()) {
            awaitQuiet();
            boolean entered = pauseNanos > 0;
            if (entered) {
                enter();
            }
            try {
                return request.run();
            } finally {
                Duration pause = Duration.ofNanos(pauseNanos);
                if (pause.isPositive()) {
                    leaveAlone(pause);
                }
                if (entered) {
                    shield(LEAVING, () -> door.leave(pause));
                }
            }
        }
    }

    /** Others may leave the host earlier than they must. */
    private void enter() throws Closed {
        for (Duration left = door.enter(); left.isPositive(); left = door.enter()) {
            sleep(shorter(left, shorter(LONGEST_LOOK, longer(SHORTEST_LOOK, Duration.ofNanos(pauseNanos / 2)))));
            awaitQuiet();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private void awaitQuiet() throws Closed {
        for (Duration left = left(); left.isPositive(); left = left()) {
            // A pause that is usual here is waited for, however long it is.
            if (left.compareTo(longer(Duration.ofNanos(pauseNanos), Backoff.LONGEST_WAIT)) > 0) {
                throw new Closed(left);
            }
            sleep(left);
        }
    }

    private Duration left() {
        return Duration.ofNanos(quietUntil.get() - Crawl.now());
    }
}
