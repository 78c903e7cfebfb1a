package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Strand;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A group whose children are kept, in the order of their start, until it ends: what {@code gather} and its relatives
 * need. Starting costs no lock; only one strand at a time may start children.
 */
class Batch<T extends @Nullable Object> extends GroupScope {
    private final String label;
    private volatile @Nullable TaskStrand<T> first;
    private @Nullable TaskStrand<T> last;

    Batch(Strand strand, String label) {
        super(strand);
        this.label = label;
    }

    @Override
    String label() {
        return label;
    }

    @Override
    @SuppressWarnings("unchecked") // start(Coroutine) makes nothing else
    void link(TaskStrand<?> child) {
        TaskStrand<T> added = (TaskStrand<T>) child;
        TaskStrand<T> before = last;
        last = added;
        if (before == null) {
            first = added;
        } else {
            before.linkNext(added);
        }
    }

    @Override
    void unlink(TaskStrand<?> child) {}

    final TaskStrand<T> start(Coroutine<? extends T, ?> body) {
        TaskStrand<T> child = new TaskStrand<>(this, body, null);
        start(child);
        return child;
    }

    @Nullable
    TaskStrand<T> firstChild() {
        return first;
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
        for (TaskStrand<T> child = first; child != null; child = child.nextInBatch()) {
            visitor.accept(child);
        }
    }

    @Override
    public String toString() {
        return "the tasks of " + label;
    }
}
