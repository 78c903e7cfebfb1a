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

    private final String label;
    private final Chunk first = new Chunk(FIRST_CHUNK);

    // Owned by whoever starts children.
    private Chunk last = first;
    private int usedInLast;
    private int admitted;

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
        if (usedInLast == last.slots.length) {
            Chunk added = new Chunk(Math.min(LARGEST_CHUNK, 2 * usedInLast));
            last.next = added;
            last = added;
            usedInLast = 0;
        }
        child.home = last.slots;
        child.slot = usedInLast;
        SLOT.setRelease(last.slots, usedInLast++, child);
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
        if (admitted == 0) {
            admitted = admit(LARGEST_CHUNK);
        }
        admitted--;
        startAdmitted(new TaskStrand<>(this, body, null));
    }

    final void allStarted() {
        giveBack(admitted);
        admitted = 0;
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
        switch (child.outcome()) {
            case Outcome.Success<?> _ -> {}
            case Outcome.Failure<?>(Throwable exception) -> failAll(exception, child);
            case Outcome.Cancellation<?>(CancelReason reason) -> {
                if (!isCancelled()) {
                    CancellationException failure = new CancellationException(child + " was cancelled: " + reason);
                    failure.initCause(reason.cause());
                    failures.add(failure);
                    cancel(new CancelReason(Kind.FAILURE, child + " was cancelled", failure));
                }
            }
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
