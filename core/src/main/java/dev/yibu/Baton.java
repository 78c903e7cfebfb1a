package dev.yibu;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * Direct hand-over, as that of a Semaphore, is fair, and slow where the work is short: once somebody waits, whoever comes back
 * finds the baton given away and waits too, and from then on each turn costs a wake-up. So here a release leaves the baton
 * free, for whoever is there first, and wakes one of those who wait, unless one is on its way already. That one competes
 * like anybody else; if it comes too late, it waits again.
 *
 * If the baton is free, then either nobody waits, or somebody is COMING who will take it, release it, and so wake the next.
 * Whoever queues sets QUEUED by a compare-and-set that finds the baton HELD, so the release sees it. Whoever was woken
 * clears COMING by the compare-and-set with which it takes the baton or queues again, even if it was cancelled meanwhile:
 * it looks at its cancel state when it has the baton.
 */

/** What one strand at a time may have, for a few writes or for a wait. Not fair. */
final class Baton {
    private static final int HELD = 1;
    private static final int QUEUED = 2;
    private static final int COMING = 4;
    private static final int SPINS = 16;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Baton.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue<@Nullable Void> waiters = new WaitQueue<>();
    private final String label;

    /** A combination of the flags above. QUEUED is set and cleared under the lock. */
    private volatile int state;

    Baton(String label) {
        this.label = label;
    }

    /** A checkpoint; a cancelled waiter has taken nothing. */
    void acquire(Strand strand) {
        strand.checkpoint();
        if (!STATE.compareAndSet(this, 0, HELD)) {
            acquireLate(strand);
        }
    }

    /** Takes it if it is free soon; {@code mine} is what the caller has to take back then. */
    private boolean spin(int mine) {
        for (int i = 0; i < SPINS; i++) {
            int now = state;
            if ((now & HELD) == 0 && STATE.compareAndSet(this, now, (now | HELD) & ~mine)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    private void acquireLate(Strand strand) {
        int mine = 0;
        while (!spin(mine)) {
            Suspension<@Nullable Void> suspension = new Suspension<>(strand, label);
            if (!queueUnlessFree(suspension, mine)) {
                break;
            }
            waiters.await(suspension);
            mine = COMING;
        }
        if (mine == COMING) {
            lookAgain(strand);
        }
    }

    /** It may have been cancelled on its way. */
    private void lookAgain(Strand strand) {
        try {
            strand.checkpoint();
        } catch (Cancelled cancelled) {
            release();
            throw cancelled;
        }
    }

    /** Returns whether it queues; if not, the caller has the baton. */
    private boolean queueUnlessFree(Suspension<@Nullable Void> suspension, int mine) {
        lock.lock();
        try {
            for (; ; ) {
                int now = state;
                int next = (now | ((now & HELD) == 0 ? HELD : QUEUED)) & ~mine;
                if (STATE.compareAndSet(this, now, next)) {
                    if ((now & HELD) == 0) {
                        return false;
                    }
                    waiters.add(suspension);
                    return true;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void release() {
        for (; ; ) {
            int now = state;
            boolean wakes = (now & (QUEUED | COMING)) == QUEUED;
            if (STATE.compareAndSet(this, now, (now & ~HELD) | (wakes ? COMING : 0))) {
                if (wakes) {
                    wakeOne();
                }
                return;
            }
        }
    }

    /** Wakes somebody who is coming then; if nobody waits, nobody is coming. */
    private void wakeOne() {
        Suspension<@Nullable Void> next;
        do {
            lock.lock();
            try {
                next = waiters.poll();
                if (next == null) {
                    STATE.getAndBitwiseAnd(this, ~(QUEUED | COMING));
                    return;
                }
            } finally {
                lock.unlock();
            }
        } while (!next.resume(null)); // one that was cancelled meanwhile does not come
    }
}
