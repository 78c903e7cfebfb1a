package dev.yibu.crawler;

import static dev.yibu.Async.sleep;

import dev.yibu.Coroutine;
import dev.yibu.sync.CapacityLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * The one way to a host: so many requests at a time, with a pause after each if somebody wants one, and none before the
 * time at which the host has asked to be left alone until. Where there are pauses, there is one request at a time, so a
 * pause is between the end of one and the start of the next.
 */
final class HostGate {
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

    private final CapacityLimiter limiter;
    private final AtomicLong quietUntil = new AtomicLong(Crawl.now());
    private final UnaryOperator<Duration> reserve;
    private volatile int capacity;
    private volatile long pauseNanos;

    /**
     * A gate.
     *
     * @param reserve told the delay, answers how long to wait for others who keep it too
     */
    HostGate(String site, int perHost, Duration delay, UnaryOperator<Duration> reserve) {
        this.limiter = CapacityLimiter.of(perHost, "the requests to " + site);
        this.capacity = perHost;
        this.reserve = reserve;
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
    <T, X extends Throwable> T pass(Coroutine<? extends T, ? extends X> request) throws X {
        try (CapacityLimiter.Hold _ = limiter.hold()) {
            awaitQuiet();
            if (pauseNanos > 0) {
                sleep(reserve.apply(Duration.ofNanos(pauseNanos)));
                awaitQuiet();
            }
            try {
                return request.run();
            } finally {
                if (pauseNanos > 0) {
                    leaveAlone(Duration.ofNanos(pauseNanos));
                }
            }
        }
    }

    private void awaitQuiet() {
        for (long left = left(); left > 0; left = left()) {
            sleep(Duration.ofNanos(left));
        }
    }

    private long left() {
        return quietUntil.get() - Crawl.now();
    }
}
