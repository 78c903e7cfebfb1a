package dev.yibu.sync;

import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import org.jspecify.annotations.Nullable;

/** One end of a hand-over that waits for the other end, in a {@link Line}. Its links belong to the line. */
final class Waiter<T> implements Suspension.AbortHandler, Selectable.Registration {
    private static final int ALONE = -1;

    final Suspension<Object> suspension;

    /** What it has to give, or null if it is a taker. */
    final @Nullable T item;

    private final int branch;

    private final Line<T> line;
    boolean queued;

    @Nullable
    Waiter<T> previous;

    @Nullable
    Waiter<T> next;

    /** A wait for this one thing. */
    Waiter(Line<T> line, Suspension<Object> suspension, @Nullable T item) {
        this(line, suspension, item, ALONE);
    }

    /** One branch of a select. */
    Waiter(Line<T> line, Suspension<Object> suspension, @Nullable T item, int branch) {
        this.line = line;
        this.suspension = suspension;
        this.item = item;
        this.branch = branch;
    }

    /** Decides that this wait ends with {@code outcome}; the caller wakes it when it has released the lock. */
    boolean claim(Object outcome) {
        return suspension.claim(branch == ALONE ? outcome : new Selectable.Chosen(branch, outcome));
    }

    void wake() {
        suspension.wake();
    }

    @Override
    public Abort abort() {
        remove();
        return Abort.ABORTED;
    }

    @Override
    public void remove() {
        line.remove(this);
    }
}
