package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Holding;
import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock that one task has at a time, and may keep while it waits for other things. Compare {@code asyncio.Lock} and
 * {@code trio.Lock}; unlike {@link ReentrantLock} it belongs to a task, its waiters can be cancelled, and it is not
 * reentrant.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=mutex}
 *
 * <p><b>Owner.</b> The owner is the task that acquires the mutex; inside {@code blocking} or {@code runInExecutor} that is
 * the task that has called them. On a thread from outside it is the thread. Only the owner may release. An owner that
 * acquires again would wait for itself: that is an {@link IllegalStateException}.
 *
 * <p><b>Broken.</b> A task that ends without releasing the mutex may have left what the mutex guards half done. The mutex is
 * broken then, for good: whoever waits for it, and whoever comes later, gets a {@link BrokenException} that names the task.
 * (A thread from outside that ends so is not noticed.)
 *
 * <p><b>Fairness.</b> First come, first served. A released mutex goes straight to the task that has waited longest; {@link
 * #tryAcquire()} fails while others wait.
 *
 * <p><b>Cancellation.</b> {@link #acquire()} is a checkpoint. A cancelled waiter does not have the mutex and has left the
 * queue. If the mutex was handed over in the moment of the cancellation the caller has it, and the cancellation is met at
 * the next checkpoint.
 *
 * <p><b>Cost.</b> A free mutex is acquired, and released while nobody waits, by one compare-and-set, without allocation.
 * {@link #hold()} allocates the object that it returns.
 *
 * <p><b>Memory effects.</b> What happened before a {@code release} is visible after the next {@code acquire}.
 */
public final class Mutex implements Lender {
    /*
     * The state is null while the mutex is free, the owner while nobody queues, or one of the two marks below. While it
     * is QUEUED, `owner` names the owner, and somebody queues or has queued: who is cancelled just leaves. All changes
     * from and to a mark, and of `owner`, are made under the lock; the two short cuts, null to owner and back, are not.
     */
    private static final Object QUEUED = new Object();
    private static final Object BROKEN = new Object();

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Mutex.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The mutex in its owner's list, and what its waiters wait on. */
    private final class Grip extends Holding implements Held {
        @Override
        public Collection<Strand> holders() {
            return owner() instanceof Strand strand ? List.of(strand) : List.of();
        }

        @Override
        protected void abandoned(Strand holder) {
            breakDown(holder);
        }

        @Override
        public String toString() {
            return Mutex.this.toString();
        }
    }

    private final Grip grip = new Grip();
    private final ReentrantLock lock = new ReentrantLock();

    /** A wait yields whether the waiter has the mutex; if not, it is broken. */
    private final WaitQueue<Boolean> waiters = new WaitQueue<>();

    private final @Nullable String name;

    private volatile @Nullable Object state;
    private volatile @Nullable Object owner;

    // Guarded by the lock.
    private @Nullable String brokenBy;
    private boolean breachNoticed;
    private final Set<Condition> conditionsInUse = new LinkedHashSet<>(2);

    private Mutex(@Nullable String name) {
        this.name = name;
        Callers.lends(this);
    }

    /**
     * A free mutex.
     *
     * @return the mutex
     */
    public static Mutex create() {
        return new Mutex(null);
    }

    /**
     * A free mutex with a name.
     *
     * @param name what listings and messages call it
     * @return the mutex
     */
    public static Mutex create(String name) {
        return new Mutex(Callers.named(name));
    }

    /**
     * A condition for tasks that have this mutex.
     *
     * @return the condition
     */
    public Condition newCondition() {
        return new Condition(this, null);
    }

    /**
     * A condition with a name.
     *
     * @param name what listings call it
     * @return the condition
     */
    public Condition newCondition(String name) {
        return new Condition(this, Callers.named(name));
    }

    // ---------------------------------------------------------------- acquire

    /**
     * Acquires the mutex; waits until the caller can have it.
     *
     * @throws Cancelled if the caller is cancelled; it does not have the mutex
     * @throws IllegalStateException if the caller has it already
     * @throws BrokenException if a task has ended without releasing it
     */
    public void acquire() {
        Strand strand = Strand.current();
        if (strand == null) {
            if (!Callers.isUninterrupted() || !takeIfFree(Thread.currentThread())) {
                Callers.attached(this::acquire);
            }
            return;
        }
        strand.checkpoint();
        Object caller = strand.holder();
        if (!takeIfFree(caller)) {
            acquireInTurn(strand, caller);
        }
        taken(caller);
    }

    private boolean takeIfFree(Object caller) {
        return STATE.compareAndSet(this, (Object) null, caller);
    }

    /** To be called by the new owner. */
    void taken(Object caller) {
        if (caller instanceof Strand strand) {
            strand.hold(grip);
        }
    }

    private void acquireInTurn(Strand strand, Object caller) {
        refuseToReenter(caller);
        Suspension<Boolean> suspension = new Suspension<>(strand, grip);
        if (enqueueUnlessFree(suspension, caller) && !suspension.await(() -> takeBack(suspension))) {
            strand.checkpoint(); // its own cancellation matters more
            throw broken();
        }
    }

    /** Returns whether it queues; if not, the caller has the mutex. The wait for a broken one is over at once. */
    private boolean enqueueUnlessFree(Suspension<Boolean> suspension, Object caller) {
        lock.lock();
        try {
            for (; ; ) {
                Object now = state;
                if (now == BROKEN) {
                    return suspension.claim(false);
                }
                if (now == null) {
                    if (takeIfFree(caller)) {
                        return false;
                    }
                } else if (now == QUEUED || markQueued(now)) {
                    waiters.add(suspension);
                    return true;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock. */
    private boolean markQueued(Object now) {
        owner = now;
        if (STATE.compareAndSet(this, now, QUEUED)) {
            return true;
        }
        owner = null;
        return false;
    }

    private Abort takeBack(Suspension<Boolean> suspension) {
        return waiters.remove(suspension) ? Abort.ABORTED : Abort.TOO_LATE; // somebody is handing the mutex over
    }

    /**
     * Acquires the mutex if it is free. Never waits, and is no checkpoint.
     *
     * @return whether the caller has it now
     * @throws IllegalStateException if the caller has it already
     * @throws BrokenException if a task has ended without releasing it
     */
    public boolean tryAcquire() {
        Object caller = Callers.holder(Strand.current());
        if (takeIfFree(caller)) {
            taken(caller);
            return true;
        }
        refuseToReenter(caller);
        if (state == BROKEN) {
            throw broken();
        }
        return false;
    }

    /**
     * Acquires the mutex for a block; waits until the caller can have it.
     *
     * @return releases the mutex when it is closed
     * @throws Cancelled if the caller is cancelled; it does not have the mutex
     * @throws IllegalStateException if the caller has it already
     * @throws BrokenException if a task has ended without releasing it
     */
    public Hold hold() {
        Hold hold = new Hold(this);
        acquire();
        return hold;
    }

    // ---------------------------------------------------------------- release

    /**
     * Gives the mutex back. Never waits, and is no checkpoint. Whoever has waited longest gets it.
     *
     * @throws IllegalStateException if the caller does not have it
     */
    public void release() {
        giveUp(owned(Strand.current()));
    }

    /** The caller, who must be the owner. */
    Object owned(@Nullable Strand strand) {
        Object caller = Callers.holder(strand);
        Object actual = owner();
        if (actual != caller) {
            throw new IllegalStateException(Callers.describe(caller) + " does not have " + this + "; "
                    + (actual == null
                            ? state == BROKEN ? "it is broken" : "nobody has"
                            : Callers.describe(actual) + " has, and only the owner may do this"));
        }
        return caller;
    }

    /** The release by its owner. */
    void giveUp(Object caller) {
        if (caller instanceof Strand strand) {
            strand.letGo(grip);
        }
        if (!STATE.compareAndSet(this, caller, (Object) null)) {
            handOver();
        }
    }

    private void handOver() {
        Suspension<Boolean> next;
        lock.lock();
        try {
            next = waiters.poll();
            if (next == null) { // the last waiter has left
                state = null;
                owner = null;
                return;
            }
            Object heir = next.strand().holder();
            if (waiters.size() == 0) {
                state = heir;
                owner = null;
            } else {
                owner = heir;
            }
        } finally {
            lock.unlock();
        }
        next.resume(true);
    }

    /** Lets a suspension wait for this mutex that has waited for something else; any thread. */
    void waitOn(Suspension<Boolean> suspension) {
        Object heir = suspension.strand().holder();
        boolean queued;
        boolean taken;
        lock.lock();
        try {
            queued = state != BROKEN && enqueueUnlessFree(suspension, heir);
            taken = state != BROKEN;
        } finally {
            lock.unlock();
        }
        if (!queued) {
            suspension.resume(taken);
        }
    }

    // ---------------------------------------------------------------- broken

    /** The owner has ended. */
    private void breakDown(Strand holder) {
        List<Suspension<Boolean>> left = new ArrayList<>();
        lock.lock();
        try {
            brokenBy = holder.toString();
            left.addAll(waiters.pollAll());
            for (Condition condition : conditionsInUse) {
                left.addAll(condition.waiters.pollAll());
            }
            conditionsInUse.clear();
            state = BROKEN;
            owner = null;
        } finally {
            lock.unlock();
        }
        for (Suspension<Boolean> suspension : left) {
            suspension.resume(false);
        }
    }

    BrokenException broken() {
        lock.lock();
        try {
            breachNoticed = true;
            return new BrokenException(this + " is broken: " + brokenBy + " has ended without releasing it");
        } finally {
            lock.unlock();
        }
    }

    private void refuseToReenter(Object caller) {
        if (owner() == caller) {
            throw new IllegalStateException(Callers.describe(caller) + " has " + this
                    + " already, and would wait for itself: a mutex is not reentrant");
        }
    }

    /** A {@link Strand}, a {@link Thread}, or null. */
    private @Nullable Object owner() {
        for (; ; ) {
            Object now = state;
            if (now != QUEUED) {
                return now == BROKEN ? null : now;
            }
            Object named = owner;
            if (named != null) {
                return named;
            }
        }
    }

    // ---------------------------------------------------------------- for conditions, called by the owner

    /** A condition is going to have waiters. */
    void use(Condition condition) {
        lock.lock();
        try {
            conditionsInUse.add(condition);
        } finally {
            lock.unlock();
        }
    }

    /** A condition has no waiters. */
    void forget(Condition condition) {
        lock.lock();
        try {
            conditionsInUse.remove(condition);
        } finally {
            lock.unlock();
        }
    }

    Held asHeld() {
        return grip;
    }

    // ---------------------------------------------------------------- to look at

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(Optional.ofNullable(owner()).map(Callers::describe), state == BROKEN, waiters.size());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether somebody still has it, or has ended with it and nobody has met the {@link BrokenException} yet.
     *
     * @return who, or nothing
     */
    @Override
    public Optional<String> outstanding() {
        lock.lock();
        try {
            Object who = owner();
            if (who != null) {
                return Optional.of(this + " is held by " + Callers.describe(who));
            }
            return state == BROKEN && !breachNoticed
                    ? Optional.of(this + " was not released by " + brokenBy + ", which has ended")
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return Callers.label("mutex", name);
    }

    /**
     * A mutex at some moment.
     *
     * @param owner who has it, such as {@code task "a"}; empty if it is free or broken
     * @param broken whether a task has ended without releasing it
     * @param waiting how many tasks wait for it
     */
    public record Statistics(Optional<String> owner, boolean broken, int waiting) {}

    /** A mutex that is released at the end of a block. Closing it again does nothing; only the owner may close it. */
    public static final class Hold implements AutoCloseable {
        private final Mutex mutex;
        private final AtomicBoolean closed = new AtomicBoolean();

        Hold(Mutex mutex) {
            this.mutex = mutex;
        }

        /**
         * Releases the mutex. Never waits.
         *
         * @throws IllegalStateException if the caller does not have the mutex
         */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                mutex.release();
            }
        }
    }
}
