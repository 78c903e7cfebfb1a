package dev.yibu.lowlevel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/*
 * A hierarchical timing wheel, after Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 7.
 *
 * Time is counted in ticks. Level 0 has a slot for each of the 64 ticks of the current block, level 1 a slot for each of
 * the 64 blocks of the current superblock, and so on. A timer goes to the level of the highest group of six bits in which
 * its tick differs from the current one. So a slot's range starts strictly after the current tick, the first occupied
 * slot of the lowest occupied level is the next thing to happen, and one 64-bit word a level finds it. When time reaches
 * a slot of a higher level, its timers are distributed over the levels below.
 *
 * Setting and cancelling are a few writes under the lock of a stripe; the timer's thread is not involved unless the new
 * timer is due before that thread wants to wake. It sleeps until the next occupied slot, and for ever if there is none.
 *
 * Stripes only spread contention. Their locks are held for a few writes and never while anything waits, so they spin.
 */
final class TimerWheel {
    private static final int LEVEL_BITS = 6;
    private static final int SLOTS = 1 << LEVEL_BITS;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int LEVELS = 8;

    /** A tick is 2^18 ns, about 0.26 ms: finer than what a parked thread can keep, coarse enough to share wake-ups. */
    private static final int TICK_SHIFT = 18;

    /** So many timers are worth a virtual thread. */
    private static final int PART = 256;

    private static final long AWAKE = Long.MIN_VALUE;
    private static final long NEVER = Long.MAX_VALUE;

    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(Stripe.class, "lock", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long origin = System.nanoTime();
    private final Stripe[] stripes;

    /** The tick at which the thread wants to wake, or {@link #AWAKE}; written by the timer's thread. */
    private volatile long wakeTick = AWAKE;

    private final Thread thread;

    /** Runs parts of long lists of timers. */
    private final Executor parts;

    TimerWheel() {
        this(Thread::startVirtualThread);
    }

    TimerWheel(Executor parts) {
        this.parts = parts;
        int count = Math.max(4, Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 2);
        stripes = new Stripe[count];
        for (int i = 0; i < count; i++) {
            stripes[i] = new Stripe();
        }
        thread = Thread.ofPlatform().daemon().name("yibu-timer").unstarted(this::keepTime);
        thread.start();
    }

    void schedule(Timer timer, long deadlineNanos) {
        long tick = tickAtOrAfter(deadlineNanos);
        Stripe stripe = stripes[(int) Thread.currentThread().threadId() & (stripes.length - 1)];
        stripe.lock();
        try {
            if (timer.stripe != null) {
                throw new IllegalStateException("the timer is scheduled already");
            }
            timer.stripe = stripe;
            timer.tick = Math.max(tick, stripe.now + 1);
            stripe.insert(timer);
            stripe.count(timer, 1);
        } finally {
            stripe.unlock();
        }
        if (tick < wakeTick) {
            LockSupport.unpark(thread);
        }
    }

    boolean cancel(Timer timer) {
        Stripe stripe = timer.stripe;
        if (stripe == null) {
            return false;
        }
        stripe.lock();
        try {
            if (timer.stripe != stripe) {
                return false;
            }
            stripe.remove(timer);
            stripe.count(timer, -1);
            return true;
        } finally {
            stripe.unlockQuietly();
        }
    }

    /** How many timers are scheduled, without those that only watch. */
    int pending() {
        int sum = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                sum += stripe.pending;
            } finally {
                stripe.unlock();
            }
        }
        return sum;
    }

    private long tickAtOrAfter(long deadlineNanos) {
        long since = deadlineNanos - origin;
        return since <= 0 ? 0 : ((since - 1) >>> TICK_SHIFT) + 1;
    }

    private long currentTick() {
        return (System.nanoTime() - origin) >>> TICK_SHIFT;
    }

    private void keepTime() {
        for (; ; ) {
            wakeTick = AWAKE;
            for (Stripe stripe : stripes) {
                fireAll(stripe.takeExpired(currentTick()));
            }
            long wake = nextTick();
            wakeTick = wake;
            // Whoever schedules after this line sees wakeTick; what was scheduled before it is seen here.
            if (nextTick() < wake) {
                continue;
            }
            if (wake == NEVER) {
                LockSupport.park(this);
            } else {
                long nanos = origin + (wake << TICK_SHIFT) - System.nanoTime();
                if (nanos > 0) {
                    LockSupport.parkNanos(this, nanos);
                }
            }
        }
    }

    /** Fires a list of timers; if it is long, whole parts of it that only wake virtual threads are left to such threads. */
    private void fireAll(@Nullable Timer first) {
        Timer part = null;
        Timer last = null;
        int size = 0;
        for (Timer timer = first; timer != null; ) {
            Timer following = timer.next;
            timer.next = null;
            if (!timer.wakesVirtualThread()) {
                fire(timer);
            } else {
                if (last == null) {
                    part = timer;
                } else {
                    last.next = timer;
                }
                last = timer;
                if (++size == PART) {
                    fireApart(Objects.requireNonNull(part));
                    part = null;
                    last = null;
                    size = 0;
                }
            }
            timer = following;
        }
        fireEach(part);
    }

    /** On a virtual thread; here, if there is none: these timers only wake others, and the timer's thread must go on. */
    private void fireApart(Timer first) {
        try {
            parts.execute(() -> fireEach(first));
        } catch (Throwable e) {
            fireEach(first);
            Reporting.log(System.Logger.Level.WARNING, () -> "there is no virtual thread for timers", e);
        }
    }

    private static void fireEach(@Nullable Timer first) {
        for (Timer timer = first; timer != null; ) {
            Timer following = timer.next;
            timer.next = null;
            fire(timer);
            timer = following;
        }
    }

    private static void fire(Timer timer) {
        try {
            timer.fire();
        } catch (Throwable e) { // the thread has other timers
            Reporting.log(System.Logger.Level.ERROR, () -> "a timer failed: " + timer, e);
        }
    }

    private long nextTick() {
        long next = NEVER;
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                next = Math.min(next, stripe.next());
            } finally {
                stripe.unlock();
            }
        }
        return next;
    }

    /** One wheel; all its fields are guarded by its lock. */
    static final class Stripe {
        @SuppressWarnings("UnusedVariable") // through LOCK
        private volatile int lock;

        private long now;

        /** The scheduled timers, without those that only watch. */
        private int pending;

        private final long[] occupied = new long[LEVELS];
        private final @Nullable Timer[] heads = new @Nullable Timer[LEVELS * SLOTS];

        @SuppressWarnings("ThreadPriorityCheck") // a spin lock that yields
        private void lock() {
            for (int spins = 0; !LOCK.compareAndSet(this, 0, 1); spins++) {
                if ((spins & 63) == 63) {
                    Thread.yield(); // the holder may have lost its processor
                } else {
                    Thread.onSpinWait();
                }
            }
        }

        /** A full fence, since schedule() reads the time of the next wake-up after it. */
        private void unlock() {
            LOCK.setVolatile(this, 0);
        }

        private void unlockQuietly() {
            LOCK.setRelease(this, 0);
        }

        private void insert(Timer timer) {
            long tick = timer.tick;
            int highestDifference = 63 - Long.numberOfLeadingZeros((tick ^ now) | SLOT_MASK);
            int level = Math.min(highestDifference / LEVEL_BITS, LEVELS - 1);
            int index = (int) (tick >>> (LEVEL_BITS * level)) & SLOT_MASK;
            int slot = level * SLOTS + index;
            Timer head = heads[slot];
            timer.slot = (short) slot;
            timer.previous = null;
            timer.next = head;
            if (head != null) {
                head.previous = timer;
            }
            heads[slot] = timer;
            occupied[level] |= 1L << index;
        }

        private void remove(Timer timer) {
            Timer previous = timer.previous;
            Timer next = timer.next;
            if (previous != null) {
                previous.next = next;
            } else {
                heads[timer.slot] = next;
                if (next == null) {
                    occupied[timer.slot / SLOTS] &= ~(1L << (timer.slot & SLOT_MASK));
                }
            }
            if (next != null) {
                next.previous = previous;
            }
            timer.previous = null;
            timer.next = null;
            timer.stripe = null;
        }

        private void count(Timer timer, int change) {
            if (!timer.watches) {
                pending += change;
            }
        }

        /** The first tick of the first occupied slot. */
        private long next() {
            for (int level = 0; level < LEVELS; level++) {
                if (occupied[level] != 0) {
                    int index = Long.numberOfTrailingZeros(occupied[level]);
                    int shift = LEVEL_BITS * level;
                    long blockStart = (now >>> (shift + LEVEL_BITS)) << (shift + LEVEL_BITS);
                    return blockStart | ((long) index << shift);
                }
            }
            return NEVER;
        }

        /** Advances to the given tick and takes what is due by then out of the wheel, as a list in order of time. */
        @Nullable
        Timer takeExpired(long tick) {
            Timer first = null;
            Timer last = null;
            lock();
            try {
                for (long next = next(); next <= tick; next = next()) {
                    now = next;
                    Timer due = takeFirstSlot();
                    while (due != null) {
                        Timer following = due.next;
                        if (due.tick <= now) {
                            count(due, -1);
                            due.stripe = null;
                            due.previous = null;
                            due.next = null;
                            if (last == null) {
                                first = due;
                            } else {
                                last.next = due;
                            }
                            last = due;
                        } else {
                            insert(due);
                        }
                        due = following;
                    }
                }
                now = Math.max(now, tick);
                return first;
            } finally {
                unlock();
            }
        }

        private @Nullable Timer takeFirstSlot() {
            int level = 0;
            while (occupied[level] == 0) {
                level++;
            }
            int index = Long.numberOfTrailingZeros(occupied[level]);
            occupied[level] &= ~(1L << index);
            int slot = level * SLOTS + index;
            Timer head = heads[slot];
            heads[slot] = null;
            return head;
        }
    }
}
