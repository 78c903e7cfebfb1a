package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A flag that tasks wait for: something has happened. Compare {@code asyncio.Event}; a {@link
 * java.util.concurrent.CountDownLatch} of one that can be closed again.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=event}
 *
 * <p>An event that is never cleared is the safe kind: whoever comes late does not wait. {@link #clear()} is for states that
 * come and go; by the time a waiter runs, the state may have gone again.
 *
 * <p><b>Cancellation.</b> {@link #await()} is a checkpoint. A cancelled waiter leaves the event and the others as they are.
 *
 * <p><b>Memory effects.</b> What happened before {@link #set()} is visible to who has seen that it is set. Any thread may
 * call any method.
 */
public final class Event {
    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue<@Nullable Void> waiters = new WaitQueue<>();
    private final @Nullable String name;

    /** Written under the lock; nobody queues while it is true. */
    private volatile boolean set;

    private Event(@Nullable String name) {
        this.name = name;
    }

    /**
     * An event that has not happened yet.
     *
     * @return the event
     */
    public static Event create() {
        return new Event(null);
    }

    /**
     * An event that has not happened yet, with a name.
     *
     * @param name what listings call it
     * @return the event
     */
    public static Event create(String name) {
        return new Event(Callers.named(name));
    }

    /** Says that it has happened: all who wait go on, and who comes later does not wait. Idempotent; never waits. */
    public void set() {
        if (set) {
            return;
        }
        List<Suspension<@Nullable Void>> waiting;
        lock.lock();
        try {
            set = true;
            waiting = waiters.pollAll();
        } finally {
            lock.unlock();
        }
        for (Suspension<@Nullable Void> suspension : waiting) {
            suspension.resume(null);
        }
    }

    /** Says that it has not happened: who comes from now on waits. Idempotent; never waits. */
    public void clear() {
        lock.lock();
        try {
            set = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether it has happened.
     *
     * @return whether it is set, and was not cleared since
     */
    public boolean isSet() {
        return set;
    }

    /**
     * Waits until it is set; does not wait if it is. Who has begun to wait before it was set goes on even if it is cleared
     * at once.
     *
     * @throws Cancelled if the caller is cancelled
     */
    public void await() {
        Strand strand = Strand.current();
        if (strand == null) {
            if (!set || !Callers.isUninterrupted()) {
                Callers.attached(this::await);
            }
            return;
        }
        strand.checkpoint();
        if (set) {
            return;
        }
        Suspension<@Nullable Void> suspension = new Suspension<>(strand, this);
        lock.lock();
        try {
            if (set) {
                return;
            }
            waiters.add(suspension);
        } finally {
            lock.unlock();
        }
        waiters.await(suspension);
    }

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(set, waiters.size());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return Callers.label("event", name);
    }

    /**
     * An event at some moment.
     *
     * @param set whether it has happened
     * @param waiting how many tasks wait for it
     */
    public record Statistics(boolean set, int waiting) {}
}
