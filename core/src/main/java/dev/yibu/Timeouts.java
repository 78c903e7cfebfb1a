package dev.yibu;

import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Shield;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Scopes on the calling thread: deadlines and shields. */
final class Timeouts {
    private Timeouts() {}

    static <T extends @Nullable Object, X extends Throwable> T timeout(
            Strand strand, long nanos, Coroutine<? extends T, ? extends X> body) throws X {
        strand.checkpoint();
        if (nanos <= 0) {
            Duration none = Duration.ofNanos(nanos);
            throw new TimeoutException("there was no time: the timeout is " + none, none);
        }
        DeadlineScope scope = new DeadlineScope(strand, nanos, Sites.caller());
        scope.enter();
        T value;
        try {
            value = body.run();
        } catch (Throwable t) {
            throw Throwing.<X>any(afterFailure(scope, t));
        }
        Throwable thrown = scope.leave(null); // what was left open in there may end in the cancelled scope
        if (thrown != null) {
            throw Throwing.<X>any(asTimeout(scope, thrown));
        }
        return value;
    }

    private static Throwable afterFailure(DeadlineScope scope, Throwable thrown) {
        Throwable outcome = scope.leave(thrown);
        return outcome == null ? thrown : asTimeout(scope, outcome);
    }

    /** What is to be thrown in the place of what came out of a scope that has been left. */
    private static Throwable asTimeout(DeadlineScope scope, Throwable outcome) {
        if (scope.isOwnTimeout(outcome)) {
            TimeoutException timeout = exception(scope);
            if (outcome.getCause() != null) {
                timeout.initCause(outcome.getCause());
            }
            for (Throwable suppressed : outcome.getSuppressed()) {
                timeout.addSuppressed(suppressed);
            }
            return timeout;
        }
        if (scope.expired() && !(outcome instanceof Cancelled)) {
            Failures.suppress(outcome, exception(scope));
        }
        return outcome;
    }

    private static TimeoutException exception(DeadlineScope scope) {
        String site = Sites.find();
        return new TimeoutException(
                "deadline of " + DeadlineScope.describe(scope.allowance()) + (site == null ? "" : " at " + site)
                        + " passed",
                scope.allowance());
    }

    /** What {@link #moveOnAfter} yields: whether the body finished, and its value if so. */
    record MovedOn<T extends @Nullable Object>(
            boolean finished, @Nullable T value) {}

    static <T extends @Nullable Object, X extends Throwable> MovedOn<T> moveOnAfter(
            Strand strand, long nanos, Coroutine<? extends T, ? extends X> body) throws X {
        strand.checkpoint();
        if (nanos <= 0) {
            return new MovedOn<>(false, null);
        }
        DeadlineScope scope = new DeadlineScope(strand, nanos, Sites.caller());
        scope.enter();
        T value = null;
        Throwable thrown = null;
        try {
            value = body.run();
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = scope.leave(thrown);
        if (thrown instanceof Cancelled cancelled && scope.isOwnTimeout(cancelled)) {
            Reports.failedCleanUp(strand, cancelled);
            return new MovedOn<>(false, null);
        }
        if (thrown != null) {
            throw Throwing.<X>any(thrown);
        }
        return new MovedOn<>(true, value);
    }

    static <T extends @Nullable Object, X extends Throwable> T shield(
            Strand strand, long graceNanos, Coroutine<? extends T, ? extends X> body) throws X {
        Shield shield = new Shield(strand, graceNanos);
        shield.enter();
        T value = null;
        Throwable thrown = null;
        try {
            value = body.run();
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = shield.leave(thrown);
        if (thrown != null) {
            throw Throwing.<X>any(thrown);
        }
        return Parametric.value(value);
    }
}
