package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Strand;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A group that keeps the results of its children in the order of their start: what {@code gather} and its relatives need.
 *
 * <p>Each child has a slot, which holds the child while it runs and its result afterwards. So a child that has ended is
 * garbage at once, although a million siblings still run, and starting costs no lock. Only one strand at a time may start
 * children.
 */
class Batch<T extends @Nullable Object> extends GroupScope {
    private static final int FIRST_CHUNK = 16;
    private static final int LARGEST_CHUNK = 1024;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    /** The result of a child that yielded null. */
    private static final Object NULL = new Object();

    /** Some slots; those in use come first. */
    private static final class Chunk {
        final @Nullable Object[] slots;
        volatile @Nullable Chunk next;

        Chunk(int size) {
            slots = new @Nullable Object[size];
        }
    }

    /**
     * Where the next child goes; owned by whoever starts children. An object of its own, since it is written at each start
     * while the children read the group's cancel state.
     */
    private static final class Cursor {
        Chunk chunk;
        int used;
        int admitted;

        Cursor(Chunk first) {
            chunk = first;
        }
    }

    private final String label;
    private final Chunk first = new Chunk(FIRST_CHUNK);

    private final Cursor cursor = new Cursor(first);

    Batch(Strand strand, String label) {
        super(strand);
        this.label = label;
    }

    @Override
    String label() {
        return label;
    }

    @Override
    void link(TaskStrand<?> child) {
        Chunk chunk = cursor.chunk;
        if (cursor.used == chunk.slots.length) {
            Chunk added = new Chunk(Math.min(LARGEST_CHUNK, 2 * cursor.used));
            chunk.next = added;
            cursor.chunk = added;
            cursor.used = 0;
            chunk = added;
        }
        child.home = chunk.slots;
        child.slot = cursor.used;
        SLOT.setRelease(chunk.slots, cursor.used++, child);
    }

    /** Puts the child's result in its place. */
    @Override
    void unlink(TaskStrand<?> child) {
        if (child.home != null) {
            SLOT.setRelease(child.home, child.slot, resultOf(child.outcome()));
        }
    }

    /** What the slot of a child that has ended holds. */
    @Nullable
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
        if (cursor.admitted == 0) {
            cursor.admitted = admit(LARGEST_CHUNK);
        }
        cursor.admitted--;
        startAdmitted(new TaskStrand<>(this, body, null, strand().context().captured()));
    }

    final void allStarted() {
        giveBack(cursor.admitted);
        cursor.admitted = 0;
    }

    /** Passes the outcomes of all children, which have ended, in the order of their start. */
    @SuppressWarnings("unchecked") // the slots hold what resultOf() made of this batch's children
    final void forEachOutcome(ObjIntConsumer<Outcome<T>> consumer) {
        int index = 0;
        for (Chunk chunk = first; chunk != null; chunk = chunk.next) {
            for (Object result : chunk.slots) {
                if (result == null) {
                    return;
                }
                consumer.accept(
                        result instanceof Outcome<?> outcome
                                ? (Outcome<T>) outcome
                                : new Outcome.Success<>((T) (result == NULL ? null : result)),
                        index++);
            }
        }
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
            for (int i = 0; i < chunk.slots.length; i++) {
                Object running = SLOT.getAcquire(chunk.slots, i);
                if (running == null) {
                    return;
                }
                if (running instanceof TaskStrand<?> child) {
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
