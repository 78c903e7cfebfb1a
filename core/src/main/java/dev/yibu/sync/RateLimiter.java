package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.Timer;
import dev.yibu.lowlevel.WaitQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many through in a time, and not more. Compare {@code aiolimiter.AsyncLimiter}. A {@link Semaphore} bounds how many
 * do something at the same time, this bounds how many begin to.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=rate-limiter}
 *
 * <p><b>Rate and burst.</b> The limiter is a bucket of permits. It is full at first, holds at most {@code burst}, and gets
 * {@code permits} of them in each {@code period}, evenly: 10 in a second means one each 100 ms, not ten at each full second.
 * After a pause up to {@code burst} may go at once, so within one period at most {@code burst + permits} do. A burst of one
 * makes them go at even distances. Permits are used up, not given back.
 *
 * <p><b>Fairness.</b> First come, first served, also if the first wants many permits and those behind it few; {@link
 * #tryAcquire()} fails while others wait.
 *
 * <p><b>Cancellation.</b> {@link #acquire()} is a checkpoint. A cancelled waiter has used up nothing: those behind it move
 * up. If its time had come in the moment of the cancellation the permit is used up, and the cancellation is met at the next
 * checkpoint.
 *
 * <p><b>Time</b> is that of the caller's driver: under virtual time the limiter waits in virtual time. All callers must have
 * the same driver. Nobody is let through early.
 *
 * <p><b>Thread-safety.</b> Any thread may call any method.
 */
public final class RateLimiter {
    /*
     * The first of those who wait has the baton: it alone waits for time, with a timer of its own. When its time has come,
     * or it is cancelled, it lets through all behind it whose time has come too, and hands the baton to the next. So time
     * is asked for, and timers are set, by waiting strands only, and never under the lock.
     */
    private enum Turn {
        LET_THROUGH,
        HAS_BATON
    }

    /** What a strand waits on in the queue. */
    private final class Request {
        private final int permits;

        Request(int permits) {
            this.permits = permits;
        }

        @Override
        public String toString() {
            return RateLimiter.this.toString();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable String name;

    // Guarded by the lock.
    private final TokenBucket bucket;
    private boolean batonTaken;
    /** Those behind the one with the baton; empty if nobody has it. */
    private final WaitQueue<Turn> waiters = new WaitQueue<>();

    private RateLimiter(int permits, Duration period, int burst, @Nullable String name) {
        if (permits < 1) {
            throw new IllegalArgumentException("a rate of " + permits + " permits; one is the least");
        }
        Objects.requireNonNull(period, "period");
        if (!period.isPositive()) {
            throw new IllegalArgumentException("a period of " + period + "; it must be longer than zero");
        }
        if (burst < 1) {
            throw new IllegalArgumentException("a burst of " + burst + " permits; one is the least");
        }
        this.bucket = new TokenBucket(permits, Deadlines.saturatedNanos(period), burst);
        this.name = name;
    }

    /**
     * A limiter whose burst is what it lets through in a period.
     *
     * @param permits how many in a period; at least one
     * @param period how long a period is
     * @return the limiter
     * @throws IllegalArgumentException if {@code permits} or {@code period} is not positive, or the bucket would take more
     *     than 73 years to fill
     */
    public static RateLimiter of(int permits, Duration period) {
        return new RateLimiter(permits, period, permits, null);
    }

    /**
     * A limiter.
     *
     * @param permits how many in a period; at least one
     * @param period how long a period is
     * @param burst how many at once; at least one
     * @return the limiter
     * @throws IllegalArgumentException if {@code permits}, {@code period} or {@code burst} is not positive, or the bucket
     *     would take more than 73 years to fill
     */
    public static RateLimiter of(int permits, Duration period, int burst) {
        return new RateLimiter(permits, period, burst, null);
    }

    /**
     * A limiter with a name.
     *
     * @param permits how many in a period; at least one
     * @param period how long a period is
     * @param burst how many at once; at least one
     * @param name what listings call it
     * @return the limiter
     * @throws IllegalArgumentException if {@code permits}, {@code period} or {@code burst} is not positive, or the bucket
     *     would take more than 73 years to fill
     */
    public static RateLimiter of(int permits, Duration period, int burst, String name) {
        return new RateLimiter(permits, period, burst, Callers.named(name));
    }

    /**
     * Takes one permit; waits until there is one.
     *
     * @throws Cancelled if the caller is cancelled; no permit is used up
     */
    public void acquire() {
        acquire(1);
    }

    /**
     * Takes permits; waits until there are enough.
     *
     * @param permits how many; at least one, at most the burst
     * @throws Cancelled if the caller is cancelled; no permit is used up
     * @throws IllegalArgumentException if there are never so many
     */
    public void acquire(int permits) {
        check(permits);
        Strand strand = Strand.current();
        if (strand == null) {
            if (!Callers.isUninterrupted() || !takeIfFree(permits, Driver.real())) {
                Callers.attached(() -> acquire(permits));
            }
            return;
        }
        strand.checkpoint();
        if (!takeIfFree(permits, strand.driver())) {
            acquireInTurn(strand, permits);
        }
    }

    /**
     * Takes one permit if there is one and nobody waits for it. Never waits, and is no checkpoint.
     *
     * @return whether the caller may go on
     */
    public boolean tryAcquire() {
        return tryAcquire(1);
    }

    /**
     * Takes permits if there are enough and nobody waits for them. Never waits, and is no checkpoint.
     *
     * @param permits how many; at least one, at most the burst
     * @return whether the caller may go on
     * @throws IllegalArgumentException if there are never so many
     */
    public boolean tryAcquire(int permits) {
        check(permits);
        return takeIfFree(permits, driver());
    }

    private void check(int permits) {
        if (permits < 1 || permits > bucket.burst()) {
            throw new IllegalArgumentException(permits + " permits of " + this + "; one is the least, and its burst of "
                    + bucket.burst() + " the most");
        }
    }

    private static Driver driver() {
        Strand strand = Strand.current();
        return strand == null ? Driver.real() : strand.driver();
    }

    private boolean takeIfFree(int permits, Driver driver) {
        long now = driver.nanoTime();
        lock.lock();
        try {
            return !batonTaken && bucket.take(permits, now);
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- the queue

    private void acquireInTurn(Strand strand, int permits) {
        Suspension<Turn> suspension = new Suspension<>(strand, new Request(permits));
        boolean hasBaton;
        lock.lock();
        try {
            hasBaton = !batonTaken;
            if (hasBaton) {
                batonTaken = true;
            } else {
                waiters.add(suspension);
            }
        } finally {
            lock.unlock();
        }
        if (hasBaton || suspension.await(() -> takeBack(suspension)) == Turn.HAS_BATON) {
            takeWhenDue(strand, permits);
        }
    }

    private Abort takeBack(Suspension<Turn> suspension) {
        lock.lock();
        try {
            return waiters.remove(suspension) ? Abort.ABORTED : Abort.TOO_LATE; // it is let through, or has the baton
        } finally {
            lock.unlock();
        }
    }

    /** Called by the one with the baton. */
    private void takeWhenDue(Strand strand, int permits) {
        Driver driver = strand.driver();
        try {
            for (; ; ) {
                long now = driver.nanoTime();
                long due;
                lock.lock();
                try {
                    if (bucket.take(permits, now)) {
                        return;
                    }
                    due = bucket.dueNanos(permits);
                } finally {
                    lock.unlock();
                }
                new Pause(strand).until(due);
            }
        } finally {
            passBaton(driver.nanoTime());
        }
    }

    private void passBaton(long now) {
        List<Suspension<Turn>> letThrough = new ArrayList<>();
        Suspension<Turn> next;
        lock.lock();
        try {
            for (next = waiters.poll(); next != null; next = waiters.poll()) {
                if (!bucket.take(((Request) next.on()).permits, now)) {
                    break;
                }
                letThrough.add(next);
            }
            batonTaken = next != null;
        } finally {
            lock.unlock();
        }
        letThrough.forEach(suspension -> suspension.resume(Turn.LET_THROUGH));
        if (next != null) {
            next.resume(Turn.HAS_BATON);
        }
    }

    /** The wait of the one with the baton. */
    private final class Pause extends Timer {
        private final Driver driver;
        private final Suspension<@Nullable Void> suspension;

        Pause(Strand strand) {
            this.driver = strand.driver();
            this.suspension = new Suspension<>(strand, RateLimiter.this);
        }

        void until(long deadlineNanos) {
            driver.schedule(this, deadlineNanos);
            suspension.await(() -> {
                driver.cancel(this);
                return Abort.ABORTED;
            });
        }

        @Override
        protected void expire() {
            suspension.resume(null);
        }

        @Override
        public String toString() {
            return RateLimiter.this.toString();
        }
    }

    // ---------------------------------------------------------------- to look at

    /**
     * What it looks like now, by the clock of the caller.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        long now = driver().nanoTime();
        lock.lock();
        try {
            return new Statistics(bucket.available(now), bucket.burst(), waiters.size() + (batonTaken ? 1 : 0));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return Callers.label("rate limiter", name);
    }

    /**
     * A rate limiter at some moment.
     *
     * @param available how many permits there are
     * @param burst how many there can be
     * @param waiting how many tasks wait for some
     */
    public record Statistics(int available, int burst, int waiting) {}
}
