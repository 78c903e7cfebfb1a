package dev.yibu;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The time limit that applies where {@link Async#deadline()} was called.
 *
 * <p>A <em>timeout</em> is how long a block may take; a <em>deadline</em> is the moment at which that time is over.
 * Deadlines nest: the earliest one counts, and a shield keeps out those beyond it.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=deadline}
 *
 * <p><b>Thread-safety.</b> Any thread may read it; only the task that opened the block may move it.
 */
public final class Deadline {
    private final @Nullable Strand strand;
    private final @Nullable CancelScope scope;
    private final @Nullable DeadlineScope innermost;

    private Deadline(@Nullable Strand strand, @Nullable CancelScope scope, @Nullable DeadlineScope innermost) {
        this.strand = strand;
        this.scope = scope;
        this.innermost = innermost;
    }

    static Deadline of(@Nullable Strand strand) {
        CancelScope current = strand == null ? null : strand.scope();
        DeadlineScope innermost = null;
        for (CancelScope s = current; s != null && s.strand() == strand; s = s.parent()) {
            if (s instanceof DeadlineScope found) {
                innermost = found;
                break;
            }
        }
        return new Deadline(strand, current, innermost);
    }

    /**
     * Whether there is any time limit.
     *
     * @return whether {@link #remaining()} is finite
     */
    public boolean isSet() {
        return earliest() != null;
    }

    /**
     * The time until the earliest deadline that applies.
     *
     * @return zero if it has passed; {@link ChronoUnit#FOREVER} if there is none
     */
    public Duration remaining() {
        DeadlineScope earliest = earliest();
        if (earliest == null) {
            return ChronoUnit.FOREVER.getDuration();
        }
        long now = Objects.requireNonNull(strand).driver().nanoTime();
        return Duration.ofNanos(Math.max(0, earliest.deadlineNanos() - now));
    }

    private @Nullable DeadlineScope earliest() {
        DeadlineScope earliest = null;
        for (CancelScope s = scope; s != null; s = s.parent()) {
            if (s instanceof DeadlineScope found
                    && (earliest == null || found.deadlineNanos() - earliest.deadlineNanos() < 0)) {
                earliest = found;
            }
            if (s.isShielding()) {
                break;
            }
        }
        return earliest;
    }

    /**
     * Whether the block's own deadline has passed.
     *
     * @return whether it has; the block may still be ending, or may have ended normally all the same
     */
    public boolean expired() {
        return innermost != null && innermost.expired();
    }

    /**
     * Moves the deadline of the innermost timeout block of this task.
     *
     * @param fromNow the new time left; zero or less lets it expire at once
     * @throws IllegalStateException if there is no such block, it has expired or ended, or it is another task's
     */
    public void reschedule(Duration fromNow) {
        Objects.requireNonNull(fromNow, "fromNow");
        if (innermost == null) {
            throw new IllegalStateException("this task is inside no timeout block whose deadline could be moved");
        }
        if (Strand.current() != strand) {
            throw new IllegalStateException("only the task that opened the timeout block may move its deadline");
        }
        innermost.reschedule(Deadlines.saturatedNanos(fromNow));
    }

    @Override
    public String toString() {
        return isSet() ? "deadline in " + DeadlineScope.describe(remaining()) : "no deadline";
    }
}
