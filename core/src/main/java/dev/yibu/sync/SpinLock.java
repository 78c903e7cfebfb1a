package dev.yibu.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/*
 * A ReentrantLock costs two atomic operations with full fences, and on a virtual thread a contended one costs a park:
 * fifty times what is done under this lock. Nothing is done under it but a few writes, so whoever finds it taken spins;
 * and yields, should the system have taken the processor from the owner.
 */

/** A lock for a few writes. Not reentrant. Nothing waits and nobody else's code runs while it is held. */
class SpinLock {
    private static final int SPINS = 32;
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(SpinLock.class, "taken", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("UnusedVariable") // through TAKEN
    private volatile boolean taken;

    final void lock() {
        if (!TAKEN.compareAndSet(this, false, true)) {
            lockContended();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the holder may have lost its processor
    private void lockContended() {
        for (int attempt = 0; ; attempt++) {
            if (!(boolean) TAKEN.getOpaque(this) && TAKEN.compareAndSet(this, false, true)) {
                return;
            }
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    final void unlock() {
        TAKEN.setRelease(this, false);
    }
}
