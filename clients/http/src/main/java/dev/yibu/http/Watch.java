package dev.yibu.http;

import dev.yibu.http.HttpTimeoutException.Phase;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Measures the phases of one exchange, and aborts it when one takes too long.
 *
 * <p>One timer serves them all, and is not touched at each step: it expires no later than the phase at hand could, looks
 * what that phase is by then, and is set again if there is time left. So a step costs a reading of the clock and a write, a
 * chunk of a body too; OkHttp's own time-outs, which set and take back a timer for each read, are off.
 */
final class Watch extends Timer {
    private static final long FOREVER = Long.MAX_VALUE;

    private final Driver driver;
    private final HttpTimeouts timeouts;
    private final Runnable abort;
    private final long totalDeadline;
    private final long shortest;

    // Written by the exchange's strand, read by the timer's thread; the start is written first.
    private volatile long phaseStart;
    private volatile @Nullable Phase phase;
    private volatile boolean ended;

    /** Written by the timer's thread, once. */
    private volatile @Nullable Phase expired;

    /**
     * A watch that has not begun.
     *
     * @param totalDeadline when the whole operation is to be over, or {@link Long#MAX_VALUE}
     * @param abort may block; runs on a thread of its own
     */
    Watch(Driver driver, HttpTimeouts timeouts, long totalDeadline, Runnable abort) {
        this.driver = driver;
        this.timeouts = timeouts;
        this.totalDeadline = totalDeadline;
        this.abort = abort;
        this.shortest = Math.min(nanos(Phase.CONNECT), Math.min(nanos(Phase.FIRST_BYTE), nanos(Phase.BETWEEN_BYTES)));
    }

    HttpTimeouts timeouts() {
        return timeouts;
    }

    private Duration length(Phase of) {
        return switch (of) {
            case CONNECT -> timeouts.connect();
            case FIRST_BYTE -> timeouts.firstByte();
            case BETWEEN_BYTES -> timeouts.betweenBytes();
            case TOTAL -> timeouts.total();
        };
    }

    private long nanos(Phase of) {
        return Deadlines.saturatedNanos(length(of));
    }

    /** Begins with the phase of connecting. */
    void begin() {
        long now = driver.nanoTime();
        phaseStart = now;
        phase = Phase.CONNECT;
        long next = nextLook(now);
        if (next != FOREVER) {
            driver.schedule(this, next);
        }
    }

    /** Another phase begins, or the same once more; null is for none, while the other side owes nothing. */
    void enter(@Nullable Phase next) {
        if (next != null) {
            phaseStart = driver.nanoTime();
        }
        phase = next;
    }

    /** When to look again, seen from {@code now}. */
    private long nextLook(long now) {
        long soonest = shortest == FOREVER ? FOREVER : Deadlines.after(now, shortest);
        Phase current = phase;
        if (current != null && nanos(current) != FOREVER) {
            soonest = earlier(soonest, Deadlines.after(phaseStart, nanos(current)));
        }
        return earlier(soonest, totalDeadline);
    }

    private static long earlier(long a, long b) {
        return a == FOREVER ? b : b == FOREVER ? a : b - a < 0 ? b : a;
    }

    @Override
    protected void expire() {
        if (ended) {
            return;
        }
        long now = driver.nanoTime();
        Phase current = phase;
        long start = phaseStart;
        if (totalDeadline != FOREVER && totalDeadline - now <= 0) {
            expired = Phase.TOTAL;
        } else if (current != null && nanos(current) != FOREVER && Deadlines.after(start, nanos(current)) - now <= 0) {
            expired = current;
        } else {
            driver.schedule(this, nextLook(now));
            if (ended) { // meanwhile; whoever ended it may have missed this
                driver.cancel(this);
            }
            return;
        }
        driver.interrupt(abort);
    }

    /** Which phase has taken too long, or null. */
    @Nullable
    Phase expired() {
        return expired;
    }

    HttpTimeoutException exception(HttpException.Target target, Phase of, @Nullable Throwable cause) {
        return new HttpTimeoutException(target, of, length(of), cause);
    }

    /** From here on it aborts nothing. */
    void end() {
        ended = true;
        driver.cancel(this);
    }

    @Override
    public String toString() {
        return "time-outs of an HTTP request";
    }
}
