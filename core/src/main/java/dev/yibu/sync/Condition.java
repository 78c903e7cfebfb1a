package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A place to wait until what a {@link Mutex} guards has changed. Compare {@code asyncio.Condition}; the methods have the
 * names of {@link java.util.concurrent.locks.Condition}, since {@code wait} and {@code notify} are taken in Java.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=condition}
 *
 * <p>Made by {@link Mutex#newCondition()}. Whoever waits or signals must have the mutex. {@link #await()} releases it while
 * it waits, and has it again when it returns or throws. A task that was signalled goes to the end of the mutex's queue
 * without waking up, so signalling a thousand tasks does not let them run into each other. Something else may have changed
 * the state before it gets the mutex: wait in a loop, or with {@link #awaitUntil}.
 *
 * <p><b>Fairness.</b> {@link #signal()} reaches the task that has waited longest.
 *
 * <p><b>Cancellation.</b> {@link #await()} is a checkpoint. If it throws {@link Cancelled} the caller has the mutex again,
 * for which it has waited although it is cancelled. It has not consumed a signal: one that had reached it before went to
 * the next in line.
 *
 * <p><b>Broken.</b> If the mutex breaks, {@code await} throws {@link BrokenException}, and the caller does not have it.
 * That goes before a cancellation, which the next checkpoint meets: after {@code Cancelled} the mutex would have to be
 * the caller's.
 *
 * <p><b>Memory effects.</b> Those of the mutex. Any thread may call any method.
 */
public final class Condition {
    /** What a strand waits on: first the condition, then the mutex. */
    private final class Wait implements Held {
        /** Whether the mutex is all that it waits for. */
        volatile boolean over;

        /** Whether it is over because of a cancellation and not of a signal; owned by the waiting strand. */
        boolean cancelled;

        @Override
        public Collection<Strand> holders() {
            return over ? mutex.asHeld().holders() : List.of();
        }

        @Override
        public String toString() {
            return over ? mutex + " after its wait for " + Condition.this : Condition.this.toString();
        }
    }

    private final Mutex mutex;
    private final @Nullable String name;

    /** A wait yields whether the waiter has the mutex; if not, it is broken. Only the owner of the mutex adds. */
    final WaitQueue<Boolean> waiters = new WaitQueue<>();

    Condition(Mutex mutex, @Nullable String name) {
        this.mutex = mutex;
        this.name = name;
    }

    /**
     * Releases the mutex, waits for a signal, and acquires the mutex again.
     *
     * @throws Cancelled if the caller is cancelled; it has the mutex all the same, and no signal is lost
     * @throws IllegalStateException if the caller does not have the mutex
     * @throws BrokenException if a task has ended without releasing the mutex; the caller does not have it
     */
    public void await() {
        Strand strand = Strand.current();
        Object caller = mutex.owned(strand);
        if (strand == null) {
            Callers.attached(this::await);
            return;
        }
        strand.checkpoint();
        Wait wait = new Wait();
        Suspension<Boolean> suspension = new Suspension<>(strand, wait);
        mutex.use(this);
        waiters.add(suspension);
        mutex.giveUp(caller);
        boolean owned = suspension.await(() -> {
            if (waiters.remove(suspension)) {
                wait.cancelled = true;
                waitForMutex(suspension);
            }
            return Abort.TOO_LATE; // the mutex comes, and then the cancellation is met
        });
        if (!owned) {
            throw mutex.broken();
        }
        mutex.taken(caller);
        if (strand.scope().isCancelled()) {
            if (!wait.cancelled) {
                signalUpTo(1); // the signal was for somebody who makes use of it
            }
            forgetIfIdle();
            throw strand.unwind(null);
        }
        forgetIfIdle();
    }

    private void forgetIfIdle() {
        if (waiters.size() == 0) {
            mutex.forget(this);
        }
    }

    /**
     * Waits until the state is as wanted; does not wait if it is already. Compare {@code asyncio.Condition.wait_for}.
     *
     * @param predicate whether the state is as wanted; called with the mutex, must not wait
     * @throws Cancelled if the caller is cancelled; it has the mutex all the same, and no signal is lost
     * @throws IllegalStateException if the caller does not have the mutex
     * @throws BrokenException if a task has ended without releasing the mutex; the caller does not have it
     */
    public void awaitUntil(BooleanSupplier predicate) {
        Objects.requireNonNull(predicate, "predicate");
        Strand strand = Strand.current();
        mutex.owned(strand);
        if (strand == null) {
            Callers.attached(() -> awaitUntil(predicate));
            return;
        }
        strand.checkpoint();
        while (!predicate.getAsBoolean()) {
            await();
        }
    }

    /**
     * Ends the wait of the task that has waited longest, if one waits. It goes on when it has got the mutex.
     *
     * @throws IllegalStateException if the caller does not have the mutex
     */
    public void signal() {
        signal(1);
    }

    /**
     * Ends the waits of the tasks that have waited longest.
     *
     * @param count of how many, if there are so many; zero or more
     * @throws IllegalStateException if the caller does not have the mutex
     * @throws IllegalArgumentException if {@code count} is negative
     */
    public void signal(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("can't signal " + count + " tasks");
        }
        mutex.owned(Strand.current());
        signalUpTo(count);
    }

    /**
     * Ends the waits of all that wait now.
     *
     * @throws IllegalStateException if the caller does not have the mutex
     */
    public void signalAll() {
        signal(Integer.MAX_VALUE);
    }

    /** Called by the owner of the mutex, so nobody is added meanwhile. */
    private void signalUpTo(int count) {
        for (int i = 0; i < count; i++) {
            Suspension<Boolean> next = waiters.poll();
            if (next == null) {
                return;
            }
            waitForMutex(next);
        }
    }

    private void waitForMutex(Suspension<Boolean> suspension) {
        ((Wait) suspension.on()).over = true;
        mutex.waitOn(suspension);
    }

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        return new Statistics(waiters.size());
    }

    @Override
    public String toString() {
        return Callers.label("condition", name);
    }

    /**
     * A condition at some moment.
     *
     * @param waiting how many tasks wait for a signal
     */
    public record Statistics(int waiting) {}
}
