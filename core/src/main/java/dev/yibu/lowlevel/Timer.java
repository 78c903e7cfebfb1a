package dev.yibu.lowlevel;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens once at a time to come, unless it is cancelled first. The object is its own entry in the
 * driver's timer queue, so that setting a timer allocates nothing more.
 *
 * <p>A timer belongs to one driver, is scheduled at most once at a time, and may be scheduled again when it has expired
 * or was cancelled.
 */
public abstract class Timer {
    // Owned by the wheel: guarded by the lock of its stripe.
    TimerWheel.@Nullable Stripe stripe;

    @Nullable
    Timer previous;

    @Nullable
    Timer next;

    long tick;

    /** A short, so that a timer with two fields of its own is no larger than it must be: there may be millions. */
    short slot;

    /** Whether it only watches, and does not count as pending; written before it is scheduled. */
    boolean watches;

    /** For subclasses. */
    protected Timer() {}

    /** Called once, on the driver's timer thread, when the time has come. Must not block and must not throw. */
    protected abstract void expire();

    /**
     * Whether all that {@link #expire()} does is to wake a virtual thread. Of many such timers that expire at once a driver
     * may leave some to virtual threads, which wake others for less; what has to happen although all carriers are busy
     * is not of this kind.
     *
     * @return false, unless a subclass knows better
     */
    protected boolean wakesVirtualThread() {
        return false;
    }

    /** Runs {@link #expire()}; for drivers. */
    public final void fire() {
        expire();
    }
}
