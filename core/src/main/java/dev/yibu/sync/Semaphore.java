package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits, of which tasks take one and give it back: so at most so many of them are in some part of the
 * program at a time. Compare {@code asyncio.Semaphore}; {@link #bounded} makes what is a {@code BoundedSemaphore} there.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=semaphore}
 *
 * <p>To do something with each of many items, so many at a time, {@link dev.yibu.Async#mapConcurrent} needs no semaphore
 * and fewer tasks. A permit belongs to nobody: another task may release it. Use a {@link CapacityLimiter} to have it known
 * who has taken what, or to change the number later.
 *
 * <p><b>Fairness.</b> First come, first served. A released permit goes straight to the task that has waited longest; {@link
 * #tryAcquire()} fails while others wait.
 *
 * <p><b>Cancellation.</b> {@link #acquire()} is a checkpoint. A cancelled waiter has no permit and has left the queue. A
 * permit that was handed over in the moment of the cancellation is delivered, and the cancellation is met at the next
 * checkpoint; with try-with-resources it is given back on the way out.
 *
 * <p><b>Cost.</b> While a permit is free, {@code acquire} and {@code release} are one compare-and-set each and allocate
 * nothing. {@link #hold()} allocates the object that it returns.
 *
 * <p><b>Memory effects.</b> What happened before a {@code release} is visible after the {@code acquire} that takes that
 * permit. Any thread may call any method.
 */
public final class Semaphore implements Lender {
    /** The state while somebody queues; then no permit is free. Otherwise the state is the number of free permits. */
    private static final int QUEUED = -1;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Semaphore.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    /** Not empty if and only if the state is {@link #QUEUED}; both change together under the lock. */
    private final WaitQueue<@Nullable Void> waiters = new WaitQueue<>();

    private final int bound;
    private final @Nullable String name;

    private volatile int state;

    private Semaphore(int permits, int bound, @Nullable String name) {
        if (permits < 0) {
            throw new IllegalArgumentException("a semaphore of " + permits + " permits; zero is the least");
        }
        this.state = permits;
        this.bound = bound;
        this.name = name;
        if (bound != Integer.MAX_VALUE) {
            Callers.lends(this);
        }
    }

    /**
     * A semaphore that may be released more often than it was acquired, which adds permits.
     *
     * @param permits how many are free at first; zero or more
     * @return the semaphore
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public static Semaphore of(int permits) {
        return new Semaphore(permits, Integer.MAX_VALUE, null);
    }

    /**
     * {@link #of(int)} with a name.
     *
     * @param permits how many are free at first; zero or more
     * @param name what listings call it
     * @return the semaphore
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public static Semaphore of(int permits, String name) {
        return new Semaphore(permits, Integer.MAX_VALUE, Callers.named(name));
    }

    /**
     * A semaphore that never has more permits than at first: releasing too often is an error.
     *
     * @param permits how many there are; zero or more
     * @return the semaphore
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public static Semaphore bounded(int permits) {
        return new Semaphore(permits, permits, null);
    }

    /**
     * {@link #bounded(int)} with a name.
     *
     * @param permits how many there are; zero or more
     * @param name what listings call it
     * @return the semaphore
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public static Semaphore bounded(int permits, String name) {
        return new Semaphore(permits, permits, Callers.named(name));
    }

    /**
     * Takes a permit; waits until there is one.
     *
     * @throws Cancelled if the caller is cancelled; it has taken nothing
     */
    public void acquire() {
        Strand strand = Strand.current();
        if (strand == null) {
            if (!Callers.isUninterrupted() || !tryAcquire()) {
                Callers.attached(this::acquire);
            }
            return;
        }
        strand.checkpoint();
        if (!tryAcquire()) {
            acquireInTurn(strand);
        }
    }

    private void acquireInTurn(Strand strand) {
        Suspension<@Nullable Void> suspension = new Suspension<>(strand, this);
        if (enqueueUnlessFree(suspension)) {
            suspension.await(() -> takeBack(suspension));
        }
    }

    /** Returns whether it queues; if not, the caller has a permit. */
    private boolean enqueueUnlessFree(Suspension<@Nullable Void> suspension) {
        lock.lock();
        try {
            for (; ; ) {
                if (tryAcquire()) {
                    return false;
                }
                if (state == QUEUED || STATE.compareAndSet(this, 0, QUEUED)) {
                    waiters.add(suspension);
                    return true;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Abort takeBack(Suspension<@Nullable Void> suspension) {
        lock.lock();
        try {
            if (!waiters.remove(suspension)) {
                return Abort.TOO_LATE; // a permit is on its way
            }
            if (waiters.size() == 0) {
                state = 0;
            }
            return Abort.ABORTED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a permit if one is free and nobody waits for it. Never waits, and is no checkpoint.
     *
     * @return whether the caller has a permit now
     */
    public boolean tryAcquire() {
        for (int free = state; free > 0; free = state) {
            if (STATE.compareAndSet(this, free, free - 1)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes a permit for a block; waits until there is one.
     *
     * @return gives the permit back when it is closed
     * @throws Cancelled if the caller is cancelled; it has taken nothing
     */
    public Permit hold() {
        Permit permit = new Permit(this);
        acquire();
        return permit;
    }

    /**
     * Gives a permit back. Never waits, and is no checkpoint. Whoever has waited longest gets it.
     *
     * @throws IllegalStateException if the semaphore has all its permits already
     */
    public void release() {
        for (; ; ) {
            int free = state;
            if (free == QUEUED) {
                if (handOver()) {
                    return;
                }
            } else if (free >= bound) {
                throw new IllegalStateException(
                        this + " is released more often than acquired: it has all its " + bound + " permits already");
            } else if (STATE.compareAndSet(this, free, free + 1)) {
                return;
            }
        }
    }

    private boolean handOver() {
        Suspension<@Nullable Void> next;
        lock.lock();
        try {
            next = waiters.poll();
            if (next == null) {
                return false;
            }
            if (waiters.size() == 0) {
                state = 0;
            }
        } finally {
            lock.unlock();
        }
        next.resume(null);
        return true;
    }

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(Math.max(state, 0), bound, waiters.size());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Permits of a bounded semaphore that have not come back.
     *
     * @return how many are missing; nothing if none is, or if there is no bound
     */
    @Override
    public Optional<String> outstanding() {
        int free = statistics().available();
        return bound == Integer.MAX_VALUE || free == bound
                ? Optional.empty()
                : Optional.of(this + " lacks " + (bound - free) + " of " + bound + " permits");
    }

    @Override
    public String toString() {
        return Callers.label("semaphore", name);
    }

    /**
     * A semaphore at some moment.
     *
     * @param available how many permits are free
     * @param bound how many there can be; {@link Integer#MAX_VALUE} unless it is bounded
     * @param waiting how many tasks wait for one
     */
    public record Statistics(int available, int bound, int waiting) {}

    /** A permit that is given back at the end of a block. Closing it again does nothing; any thread may close it. */
    public static final class Permit implements AutoCloseable {
        private final Semaphore semaphore;
        private final AtomicBoolean closed = new AtomicBoolean();

        Permit(Semaphore semaphore) {
            this.semaphore = semaphore;
        }

        /** Gives the permit back. Never waits. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                semaphore.release();
            }
        }
    }
}
