package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import org.jspecify.annotations.Nullable;

/**
 * A cancel scope that owns child tasks: it counts them, joins them with one wake-up, and keeps their failures. What a
 * child's end means to the others is for the subclasses to say.
 */
abstract class GroupScope extends CancelScope {
    /** The children that have not ended, and one for the owner until it joins. */
    private final Countdown pending = new Countdown(1);

    /** Written by the owner before it gives up its share of {@code pending}. */
    private @Nullable Suspension<@Nullable Void> joiner;

    final Failures failures = new Failures();

    /** Whether some child ended cancelled. */
    private volatile boolean someCancelled;

    GroupScope(Strand strand) {
        super(strand);
    }

    /** What a listing and a report call this group, such as "gather". */
    abstract String label();

    /** Makes the child known to {@link #visitChildren}, before it starts. */
    abstract void link(TaskStrand<?> child);

    /** Forgets a child that has ended. */
    abstract void unlink(TaskStrand<?> child);

    /** A child has ended; called on its thread, before the group can be joined. */
    abstract void ended(TaskStrand<?> child);

    /** How many children, and owner, are left after a child's end; called on its thread. */
    void left(int count) {}

    /** The body has ended, the children are not joined yet; called by the owner. */
    void bodyEnded(@Nullable Throwable thrown) {}

    /** Whether there is a result although some child was cancelled. */
    boolean hasResult() {
        return false;
    }

    /** All children have ended; called by the owner. */
    void beforeFailuresAreThrown() {}

    /** Whether the owner ends only after the children have ended by themselves: then awaiting it from one is a deadlock. */
    boolean waitsForChildren() {
        return true;
    }

    /**
     * Starts a child.
     *
     * @throws IllegalStateException if the group is finished
     */
    final void start(TaskStrand<?> child) {
        admit(1);
        startAdmitted(child);
    }

    /** Counts children that are about to start; returns how many. */
    final int admit(int count) {
        if (!pending.addUnlessZero(count)) {
            throw new IllegalStateException("the group is finished; no task can be started in it any more");
        }
        return count;
    }

    /** Takes back the admission of children that were not started; only the owner, before it joins. */
    final void giveBack(int count) {
        if (count > 0) {
            pending.subtract(count);
        }
    }

    final void startAdmitted(TaskStrand<?> child) {
        link(child);
        child.start();
    }

    /**
     * Called on the thread of a child that has failed, before whoever awaits it learns of that: it comes before what they
     * make of it. {@link #completed} follows.
     */
    void announce(Throwable failure) {}

    /** Called on the child's thread as the last thing it does. */
    final void completed(TaskStrand<?> child) {
        if (child.endedCancelled() && !someCancelled && isCancelled()) {
            someCancelled = true; // once: all children read this object
        }
        try {
            ended(child);
        } finally {
            unlink(child);
            countDown();
        }
    }

    private void countDown() {
        int left = pending.subtract(1);
        if (left == 0) {
            Suspension<@Nullable Void> waiting = joiner;
            if (waiting != null) {
                waiting.resume(null);
            }
        } else {
            left(left);
        }
    }

    final int pending() {
        return pending.get();
    }

    /** Waits until all children have ended. A cancellation reaches them, not this wait. */
    final void join() {
        if (pending.compareAndSet(1, 0)) {
            return;
        }
        Suspension<@Nullable Void> waiting = new Suspension<>(strand(), this);
        joiner = waiting;
        if (pending.subtract(1) != 0) {
            waiting.awaitUncancellably();
        }
    }

    /** Records a failure and cancels the rest. */
    final void failAll(Throwable failure, Object who) {
        failures.add(failure);
        if (reason() == null) {
            cancel(new CancelReason(Kind.FAILURE, who + " failed: " + Failures.describe(failure), failure));
        }
    }

    /**
     * Ends a group that stands on its owner's stack: ends what the body left open, joins, leaves.
     *
     * @param bodyThrown what the body threw, or null
     * @return what is to be thrown, or null
     */
    final @Nullable Throwable finish(@Nullable Throwable bodyThrown) {
        Throwable thrown = strand().translate(endAdopted(bodyThrown));
        bodyHasEnded();
        bodyEnded(thrown);
        if (thrown instanceof Cancelled) {
            cancel(new CancelReason(Kind.SCOPE_ENDED, "the group's body was cancelled"));
        } else if (thrown != null) {
            failAll(thrown, "the group's body");
        }
        join();
        beforeFailuresAreThrown();
        Throwable outcome = failures.toThrow();
        CancelScope outer = parent();
        boolean cancelledFromOutside = outer != null && outer.isCancelled();
        if (outcome == null && !hasResult()) {
            if (thrown != null) {
                outcome = cancelledFromOutside || !endsQuietly() ? thrown : null;
            } else if (cancelledFromOutside && someCancelled) {
                outcome = strand().unwind(null);
            }
        }
        exit(outcome);
        if (thrown instanceof Cancelled cancelled && !(outcome instanceof Cancelled)) {
            if (outcome == null) {
                Reports.failedCleanUp(strand(), cancelled);
            } else {
                Failures.suppressAll(outcome, cancelled);
            }
            strand().cancellationDropped();
        }
        return outcome;
    }

    /** Whether the group's own cancellation, which its body has met, is a normal end. */
    private boolean endsQuietly() {
        CancelReason why = reason();
        return why != null && why.kind() == Kind.REQUESTED;
    }
}
