package dev.yibu;

import dev.yibu.lowlevel.Suspension;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/*
 * A stage can't be told to forget a listener: one that lives long, as "the server stops", would keep all who have ever
 * waited for it and were cancelled. So a listener whose waiter has left is kept for the next one who waits for that stage.
 * There are never more of them than have waited at a time, and a stage that nobody waits for twice costs nothing.
 */

/** What wakes the one who waits for a stage, and, if that one was cancelled, the next one. */
final class StageListener<T extends @Nullable Object> implements BiConsumer<T, @Nullable Throwable> {
    /** How a stage ended; one object for both, so that a suspension can carry it. */
    record Ended<T extends @Nullable Object>(
            T value, @Nullable Throwable thrown) {}

    private static final ReentrantLock LOCK = new ReentrantLock();

    /** Listeners without a waiter. Guarded by the lock; a listener does not keep its stage alive. */
    private static final Map<CompletionStage<?>, Deque<StageListener<?>>> IDLE = new WeakHashMap<>();

    /** Whether there may be any. */
    private static volatile boolean someIdle;

    private final WeakReference<CompletionStage<?>> stage;

    /** Null while nobody waits; then who waits; {@link Ended} for ever. */
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    private StageListener(CompletionStage<?> stage) {
        this.stage = new WeakReference<>(stage);
    }

    /** Lets the end of the stage end a wait. */
    static <T extends @Nullable Object> StageListener<T> listen(
            CompletionStage<? extends T> stage, Suspension<Ended<T>> waiter) {
        StageListener<T> idle = someIdle ? takeIdle(stage) : null;
        if (idle != null) {
            idle.begin(waiter);
            return idle;
        }
        StageListener<T> added = new StageListener<>(stage);
        added.begin(waiter);
        CompletionStage<?> _ = stage.whenComplete(added);
        return added;
    }

    @SuppressWarnings("unchecked") // listeners of one stage have one type
    private static <T extends @Nullable Object> @Nullable StageListener<T> takeIdle(CompletionStage<?> stage) {
        LOCK.lock();
        try {
            Deque<StageListener<?>> idle = IDLE.get(stage);
            if (idle == null || !idle.element().stage.refersTo(stage)) { // equal, but another one
                someIdle = !IDLE.isEmpty();
                return null;
            }
            StageListener<?> taken = idle.element();
            taken.remove(stage, idle);
            return (StageListener<T>) taken;
        } finally {
            LOCK.unlock();
        }
    }

    /** With the lock. */
    private void remove(CompletionStage<?> listenedTo, Deque<StageListener<?>> idle) {
        if (idle.remove(this) && idle.isEmpty()) {
            IDLE.remove(listenedTo);
        }
        someIdle = !IDLE.isEmpty();
    }

    private void begin(Suspension<Ended<T>> waiter) {
        if (!state.compareAndSet(null, waiter)) {
            waiter.resume(ended());
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // it is never anything else again
    private Ended<T> ended() {
        return (Ended<T>) state.get();
    }

    /** The waiter has been cancelled. */
    void leave(Suspension<Ended<T>> waiter) {
        CompletionStage<?> listenedTo = stage.get();
        if (!state.compareAndSet(waiter, null) || listenedTo == null) {
            return;
        }
        LOCK.lock();
        try {
            Deque<StageListener<?>> idle = IDLE.computeIfAbsent(listenedTo, _ -> new ArrayDeque<>(1));
            if (idle.isEmpty() || idle.element().stage.refersTo(listenedTo)) {
                idle.add(this);
            }
            someIdle = true;
            if (state.get() != null) { // it has ended meanwhile
                remove(listenedTo, idle);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** Forgets an ended stage: its value may lead back to it, and keep it here for ever. */
    private void leaveForGood() {
        CompletionStage<?> ended = stage.get();
        LOCK.lock();
        try {
            Deque<StageListener<?>> idle = ended == null ? null : IDLE.get(ended);
            if (ended != null && idle != null) {
                remove(ended, idle);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** The stage has ended; called by the stage. */
    @Override
    @SuppressWarnings("unchecked") // begin() lets in nothing else
    public void accept(T value, @Nullable Throwable thrown) {
        Ended<T> ended = new Ended<>(value, thrown);
        Object waiter = state.getAndSet(ended);
        if (waiter == null) {
            leaveForGood();
        } else {
            boolean _ = ((Suspension<Ended<T>>) waiter).resume(ended);
        }
    }
}
