package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Strand;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A group that keeps the results of its children in the order of their start: what {@code gather} and its relatives need.
 *
 * <p>Each child has a slot, with a place for the child, written by whoever starts it, and one for its result, written by the
 * child. The starter forgets those that have ended a chunk of slots behind where it starts new ones: so a million children
 * that end soon don't stay in memory. Starting costs no lock; only one strand at a time may start children.
 */
class Batch<T extends @Nullable Object> extends GroupScope {
    static final int USUAL_SIZE = 16;
    private static final int LARGEST_CHUNK = 1024;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    /** The result of a child that yielded null. */
    private static final Object NULL = new Object();

    /** Some slots; those in use come first. */
    static final class Chunk {
        private final @Nullable Object[] running;
        private final @Nullable Object[] results;
        private volatile @Nullable Chunk next;

        private Chunk(int size) {
            running = new @Nullable Object[size];
            results = new @Nullable Object[size];
        }
    }

    /**
     * Where the next child goes; owned by whoever starts children. An object of its own, since it is written at each start
     * while the children read the group's cancel state.
     */
    private static final class Cursor {
        Chunk chunk;

        @Nullable
        Chunk before;

        int used;
        int admitted;

        Cursor(Chunk first) {
            chunk = first;
        }
    }

    private final String label;
    private final Chunk first;
    private final Cursor cursor;

    /** Whether some result is not the plain value that it stands for; written by children before they count down. */
    private boolean someCoded;

    Batch(Strand strand, String label) {
        this(strand, label, USUAL_SIZE);
    }

    /** A batch of as many children as the hint says, or fewer, or more. */
    Batch(Strand strand, String label, int sizeHint) {
        super(strand);
        this.label = label;
        this.first = new Chunk(Math.clamp(sizeHint, 1, LARGEST_CHUNK));
        this.cursor = new Cursor(first);
    }

    @Override
    String label() {
        return label;
    }

    @Override
    void link(TaskStrand<?> child) {
        Chunk chunk = cursor.chunk;
        if (cursor.used == chunk.running.length) {
            Chunk added = new Chunk(Math.min(LARGEST_CHUNK, 2 * cursor.used));
            chunk.next = added;
            if (cursor.before != null) {
                forgetEnded(cursor.before);
            }
            cursor.before = chunk;
            cursor.chunk = added;
            cursor.used = 0;
            chunk = added;
        }
        child.chunk = chunk;
        child.slot = cursor.used++;
        SLOT.setRelease(chunk.running, child.slot, child);
    }

    private static void forgetEnded(Chunk chunk) {
        for (int i = 0; i < chunk.running.length; i++) {
            if (SLOT.getAcquire(chunk.results, i) != null) {
                SLOT.setRelease(chunk.running, i, null);
            }
        }
    }

    @Override
    void unlink(TaskStrand<?> child) {
        Chunk chunk = child.chunk;
        if (chunk != null) {
            Object result = resultOf(child.outcome());
            if (!someCoded && (result == NULL || result instanceof Outcome)) {
                someCoded = true;
            }
            SLOT.setRelease(chunk.results, child.slot, result);
        }
    }

    /** What is kept of a child that has ended. */
    Object resultOf(Outcome<?> outcome) {
        if (outcome instanceof Outcome.Success<?>(Object value) && !(value instanceof Outcome)) {
            return value == null ? NULL : value;
        }
        return outcome;
    }

    final void start(Coroutine<? extends T, ?> body) {
        start(new TaskStrand<>(this, body, null));
    }

    /** Starts a child of the owner's starting loop, which counts many at a time; {@link #allStarted()} follows. */
    final void startNext(Coroutine<? extends T, ?> body) {
        strand().checkpoint(); // else a long iterable goes on although the rest is cancelled
        startNext(new TaskStrand<>(this, body, null, strand().context().captured()));
    }

    /** As {@link #startNext(Coroutine)}, a child that applies a function. */
    final <A extends @Nullable Object> void startNext(AsyncFunction<? super A, ? extends T, ?> function, A item) {
        strand().checkpoint();
        startNext(
                new TaskStrand<>(this, function, item, null, strand().context().captured()));
    }

    private void startNext(TaskStrand<T> child) {
        if (cursor.admitted == 0) {
            if (cursor.before != null) {
                strand().driver().yield(strand()); // else a starter outruns its children, and they grow old in memory
            }
            cursor.admitted = admit(LARGEST_CHUNK);
        }
        cursor.admitted--;
        startAdmitted(child);
    }

    final void allStarted() {
        giveBack(cursor.admitted);
        cursor.admitted = 0;
    }

    /** The outcomes of all children, which have ended, in the order of their start. */
    final List<Outcome<T>> outcomes() {
        List<Outcome<T>> outcomes = new ArrayList<>();
        forEachResult(result -> outcomes.add(
                result instanceof Outcome<?> outcome ? typed(outcome) : new Outcome.Success<>(valueOf(result))));
        return outcomes;
    }

    /** The values of all children, none of which has failed, in the order of their start. */
    @SuppressWarnings("unchecked") // what is not coded is a T
    final List<T> values() {
        if (!someCoded) {
            List<T> values = (List<T>) new ArrayList<>(resultsIn(first));
            for (Chunk chunk = first.next; chunk != null; chunk = chunk.next) {
                values.addAll((List<T>) resultsIn(chunk));
            }
            return values;
        }
        List<T> values = new ArrayList<>();
        forEachResult(result -> values.add(
                result instanceof Outcome<?> outcome ? Batch.<T>typed(outcome).getOrThrow() : valueOf(result)));
        return values;
    }

    /** The results in a chunk, of children that have all ended. */
    private List<@Nullable Object> resultsIn(Chunk chunk) {
        List<@Nullable Object> results = Arrays.asList(chunk.results);
        return chunk == cursor.chunk ? results.subList(0, cursor.used) : results;
    }

    private void forEachResult(Consumer<Object> consumer) {
        for (Chunk chunk = first; chunk != null; chunk = chunk.next) {
            for (Object result : chunk.results) {
                if (result == null) {
                    return;
                }
                consumer.accept(result);
            }
        }
    }

    @SuppressWarnings("unchecked") // of a child of this batch
    private static <T extends @Nullable Object> Outcome<T> typed(Outcome<?> outcome) {
        return (Outcome<T>) outcome;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // resultOf() made it of a T
    private T valueOf(Object result) {
        return (T) (result == NULL ? null : result);
    }

    /** A child that fails, or is cancelled on its own, ends the others. */
    @Override
    void ended(TaskStrand<?> child) {
        Outcome<?> outcome = child.outcome();
        if (outcome instanceof Outcome.Failure<?>(Throwable exception)) {
            failAll(exception, child);
        } else if (outcome instanceof Outcome.Cancellation<?>(CancelReason reason) && !isCancelled()) {
            CancellationException failure = new CancellationException(child + " was cancelled: " + reason);
            failure.initCause(reason.cause());
            failures.add(failure);
            cancel(new CancelReason(Kind.FAILURE, child + " was cancelled", failure));
        }
    }

    @Override
    public void visitChildren(Consumer<? super Strand> visitor) {
        for (Chunk chunk = first; chunk != null; chunk = chunk.next) {
            for (int i = 0; i < chunk.running.length; i++) {
                if (SLOT.getAcquire(chunk.running, i) instanceof TaskStrand<?> child) {
                    visitor.accept(child);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "the tasks of " + label;
    }
}
