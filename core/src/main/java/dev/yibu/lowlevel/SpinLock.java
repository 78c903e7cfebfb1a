package dev.yibu.lowlevel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/*
 * A ReentrantLock costs two atomic operations with full fences, and on a virtual thread a contended one costs a park:
 * fifty times what is done under this lock. Nothing is done under it but a few writes, so whoever finds it taken spins;
 * and yields, should the system have taken the processor from the owner.
 */

/**
 * A lock for a few writes. Not reentrant. Nothing waits, nothing throws and nobody else's code runs while it is held. Its
 * state has a cache line of its own, so that those who need another lock are not held up by this one.
 *
 * <p><b>Memory effects.</b> What happened before {@link #unlock} is visible after the next {@link #lock}.
 */
public final class SpinLock {
    private static final int SPINS = 32;
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int LENGTH = 32;
    private static final int MIDDLE = LENGTH / 2;
    private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] line = new int[LENGTH];

    /** A lock that is free. */
    public SpinLock() {}

    /** Takes the lock; spins while another thread has it. */
    public void lock() {
        if (!STATE.compareAndSet(line, MIDDLE, FREE, TAKEN)) {
            lockContended();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the holder may have lost its processor
    private void lockContended() {
        for (int attempt = 0; ; attempt++) {
            if ((int) STATE.getOpaque(line, MIDDLE) == FREE && STATE.compareAndSet(line, MIDDLE, FREE, TAKEN)) {
                return;
            }
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** Releases the lock. Called by who has it. */
    public void unlock() {
        STATE.setRelease(line, MIDDLE, FREE);
    }
}
