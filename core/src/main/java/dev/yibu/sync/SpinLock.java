package dev.yibu.sync;

import java.util.concurrent.atomic.AtomicBoolean;

/*
 * A ReentrantLock costs two atomic operations with full fences, and on a virtual thread a contended one costs a park:
 * fifty times what is done under this lock. Nothing is done under it but a few writes, so whoever finds it taken spins;
 * and yields, should the system have taken the processor from the owner.
 */

/** A lock for a few writes. Not reentrant. Nothing waits and nobody else's code runs while it is held. */
final class SpinLock {
    private static final int SPINS = 32;

    private final AtomicBoolean taken = new AtomicBoolean();

    void lock() {
        if (!taken.compareAndSet(false, true)) {
            lockContended();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the holder may have lost its processor
    private void lockContended() {
        for (int attempt = 0; ; attempt++) {
            if (!taken.getOpaque() && taken.compareAndSet(false, true)) {
                return;
            }
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    void unlock() {
        taken.setRelease(false);
    }
}
