package dev.yibu.lowlevel;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A cancel scope with a deadline, on the strand that opened it: an alarm cancels the scope, no thread is started. */
public final class DeadlineScope extends CancelScope {
    private static final VarHandle ALLOWED;

    static {
        try {
            ALLOWED = MethodHandles.lookup().findVarHandle(DeadlineScope.class, "allowedNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long startNanos;
    private final @Nullable String site;

    /**
     * The time between start and deadline, never less than zero; its complement once the deadline has come, after which it
     * can't be moved. Written by the owner, and once by whoever sees that it is due.
     */
    private volatile long allowedNanos;

    /**
     * A deadline inside the strand's current scope.
     *
     * @param strand the owner, which is the calling strand
     * @param delayNanos how long from now, more than zero
     * @param site where in the user's code it was set, if that is known
     */
    public DeadlineScope(Strand strand, long delayNanos, @Nullable String site) {
        super(strand);
        this.startNanos = strand.driver().nanoTime();
        this.site = site;
        ALLOWED.set(this, Deadlines.after(startNanos, delayNanos) - startNanos); // nobody else knows this scope yet
    }

    @Override
    public void enter() {
        super.enter();
        strand.alarm().ringBy(deadlineNanos());
    }

    /**
     * Whether the deadline passed while the scope was open.
     *
     * @return whether the deadline has cancelled this scope
     */
    public boolean expired() {
        CancelReason reason = reason();
        return reason != null && reason.kind() == CancelReason.Kind.DEADLINE;
    }

    /**
     * Whether what came out of this scope is its own timeout, and not a cancellation from further out. To be asked
     * after {@link #leave}.
     *
     * @param thrown what {@code leave} returned
     * @return whether the caller may turn it into a timeout
     */
    public boolean isOwnTimeout(@Nullable Throwable thrown) {
        if (!(thrown instanceof Cancelled) || !expired() || parent == null) {
            return false;
        }
        // Two deadlines at one instant: the timer may have seen only the inner one yet. The outermost one counts.
        long now = strand.driver().nanoTime();
        for (CancelScope scope = parent; scope != null; scope = scope.parent) {
            if (scope.shielding) {
                break;
            }
            if (scope instanceof DeadlineScope outer) {
                outer.expireIfDue(now);
            }
        }
        if (parent.isCancelled()) {
            strand.settle(); // the Cancelled in flight is the answer to that cancellation too
            return false;
        }
        return true;
    }

    /**
     * When this scope expires.
     *
     * @return the deadline, on the scale of {@link Driver#nanoTime()}
     */
    public long deadlineNanos() {
        return startNanos + allowedNanos(allowedNanos);
    }

    /**
     * Moves the deadline. Called by the owning strand.
     *
     * @param delayNanos how long from now; zero or less expires the scope at once
     * @throws IllegalStateException if it has expired already, or the scope has been left
     */
    public void reschedule(long delayNanos) {
        long now = strand.driver().nanoTime();
        long before = allowedNanos;
        long moved = Deadlines.after(now, delayNanos) - startNanos;
        if (before < 0 || !isOpen() || !ALLOWED.compareAndSet(this, before, moved)) {
            throw new IllegalStateException("the deadline has expired already, or its block has ended");
        }
        if (!expireIfDue(now)) {
            strand.alarm().ringBy(startNanos + moved);
        }
    }

    private boolean isOpen() {
        CancelScope scope = strand.scope();
        while (scope != this && scope != null && scope != strand) {
            scope = scope.parent;
        }
        return scope == this;
    }

    /**
     * How long the block was given.
     *
     * @return the time between entry and deadline
     */
    public Duration allowance() {
        return Duration.ofNanos(allowedNanos(allowedNanos));
    }

    private static long allowedNanos(long orComplement) {
        return orComplement < 0 ? ~orComplement : orComplement;
    }

    /**
     * Cancels this scope if its deadline has come. Any thread.
     *
     * @return whether the deadline has come, now or earlier
     */
    boolean expireIfDue(long nowNanos) {
        for (long allowed = allowedNanos; allowed >= 0; allowed = allowedNanos) {
            if (startNanos + allowed - nowNanos > 0) {
                return false;
            }
            if (ALLOWED.compareAndSet(this, allowed, ~allowed)) {
                break;
            }
        }
        if (reason() == null) { // also if another thread is about to do it: who asks relies on it
            String where = site == null ? "" : " at " + site;
            cancel(new CancelReason(CancelReason.Kind.DEADLINE, "deadline of " + describe(allowance()) + where));
        }
        return true;
    }

    /**
     * A duration as people write it.
     *
     * @param duration any duration
     * @return such as {@code 200 ms}, {@code 1.5 s}, {@code 2h 5m}
     */
    public static String describe(Duration duration) {
        long nanos = Deadlines.saturatedNanos(Objects.requireNonNull(duration, "duration"));
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        if (nanos < 1_000_000) {
            return trimmed(nanos / 1e3) + " µs";
        }
        if (nanos < 1_000_000_000) {
            return trimmed(nanos / 1e6) + " ms";
        }
        if (duration.toMinutes() < 1) {
            return trimmed(nanos / 1e9) + " s";
        }
        return duration.toString().substring(2).toLowerCase(Locale.ROOT).replaceAll("([hm])(?=.)", "$1 ");
    }

    private static String trimmed(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : Double.toString(Math.round(value * 1000) / 1000.0);
    }
}
