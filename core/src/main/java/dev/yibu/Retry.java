package dev.yibu;

import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Deadlines;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Async#retry(Retry, Coroutine)} tries again: how often, after which pauses, and what is worth it. Immutable;
 * start from {@link #fixed}, {@link #exponential} or {@link #immediately}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=retry}
 *
 * <p>A cancellation of the caller is never retried, whatever the predicates say.
 *
 * @param attempts how many there may be, with the first one; {@link #UNLIMITED} for as many as it takes
 * @param delay the pause after the first failed attempt
 * @param factor what each pause is multiplied with to make the next one; 1 for equal pauses
 * @param maxDelay the longest pause
 * @param jitter the part of each pause that is random: 0 for none, 1 to draw from all between nothing and the full pause
 * @param retryOn which exceptions are worth another attempt
 * @param retryResult which results are no better than a failure; they are null where the work yields null
 * @param listener is told of each failed attempt, on the calling thread, before the pause
 */
public record Retry(
        int attempts,
        Duration delay,
        double factor,
        Duration maxDelay,
        double jitter,
        Predicate<? super Throwable> retryOn,
        Predicate<@Nullable Object> retryResult,
        Consumer<? super FailedAttempt> listener) {

    /** As many attempts as it takes; the enclosing deadline or a cancellation ends them. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /**
     * What a listener hears.
     *
     * @param number which attempt it was, from 1
     * @param failure what it threw, or nothing if its result was rejected
     * @param result the rejected result, or nothing if it threw or the result was null
     * @param pause the time until the next attempt, or nothing if there will be none
     */
    public record FailedAttempt(
            int number, Optional<Throwable> failure, Optional<Object> result, Optional<Duration> pause) {
        /** Refuses null. */
        public FailedAttempt {
            Objects.requireNonNull(failure, "failure");
            Objects.requireNonNull(result, "result");
            Objects.requireNonNull(pause, "pause");
        }

        @Override
        public String toString() {
            return "attempt " + number + " failed"
                    + failure.map(f -> ": " + Failures.describe(f)).orElse("")
                    + pause.map(p -> "; the next one comes in " + DeadlineScope.describe(p))
                            .orElse("; it was the last one");
        }
    }

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalArgumentException if one is out of its range
     */
    public Retry {
        Objects.requireNonNull(delay, "delay");
        Objects.requireNonNull(maxDelay, "maxDelay");
        Objects.requireNonNull(retryOn, "retryOn");
        Objects.requireNonNull(retryResult, "retryResult");
        Objects.requireNonNull(listener, "listener");
        if (attempts < 1) {
            throw new IllegalArgumentException("the number of attempts is " + attempts + "; at least one is needed");
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("the delay is negative: " + delay);
        }
        if (maxDelay.isNegative()) {
            throw new IllegalArgumentException("the longest delay is negative: " + maxDelay);
        }
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("the factor is " + factor + "; it must be a number from 1 upwards");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("the jitter is " + jitter + "; it must be a part between 0 and 1");
        }
    }

    /**
     * Equal pauses, without jitter. Retries on every {@link Exception} but {@link InterruptedException}, and on no
     * {@link Error}.
     *
     * @param attempts how many there may be, with the first one
     * @param delay the pause between two of them
     * @return the options
     */
    public static Retry fixed(int attempts, Duration delay) {
        return new Retry(attempts, delay, 1, FOREVER, 0, Retry::isOrdinary, _ -> false, _ -> {});
    }

    /**
     * Pauses that double up to one minute, half of each random, so that many clients don't come back at the same moment.
     * Retries on every {@link Exception} but {@link InterruptedException}, and on no {@link Error}.
     *
     * @param attempts how many there may be, with the first one
     * @param first the pause after the first failure, before jitter
     * @return the options
     */
    public static Retry exponential(int attempts, Duration first) {
        Objects.requireNonNull(first, "first");
        return new Retry(attempts, first, 2, LONGEST, 0.5, Retry::isOrdinary, _ -> false, _ -> {});
    }

    /**
     * No pauses. Retries on every {@link Exception} but {@link InterruptedException}, and on no {@link Error}.
     *
     * @param attempts how many there may be, with the first one
     * @return the options
     */
    public static Retry immediately(int attempts) {
        return fixed(attempts, Duration.ZERO);
    }

    private static boolean isOrdinary(Throwable failure) {
        return failure instanceof Exception && !(failure instanceof InterruptedException);
    }

    /**
     * These options with another growth of the pauses.
     *
     * @param factor what each pause is multiplied with to make the next one, from 1 upwards
     * @return the options
     */
    public Retry withFactor(double factor) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /**
     * These options with another limit for the pauses.
     *
     * @param maxDelay the longest pause
     * @return the options
     */
    public Retry withMaxDelay(Duration maxDelay) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /**
     * These options with more or less randomness.
     *
     * @param jitter the part of each pause that is random, between 0 and 1
     * @return the options
     */
    public Retry withJitter(double jitter) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /**
     * These options for certain exceptions only.
     *
     * @param retryOn which exceptions are worth another attempt; any other is thrown at once
     * @return the options
     */
    public Retry retryOn(Predicate<? super Throwable> retryOn) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /**
     * These options for certain types of exceptions only.
     *
     * @param types what is worth another attempt, with its subtypes; any other is thrown at once
     * @return the options
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final Retry retryOn(Class<? extends Throwable>... types) {
        List<Class<? extends Throwable>> listed = List.of(Objects.requireNonNull(types, "types"));
        return retryOn(failure -> listed.stream().anyMatch(type -> type.isInstance(failure)));
    }

    /**
     * These options with results that are no better than a failure. If the last attempt has such a result, it is returned
     * all the same.
     *
     * @param retryResult which results call for another attempt
     * @return the options
     */
    public Retry retryResult(Predicate<@Nullable Object> retryResult) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /**
     * {@link #retryResult(Predicate)} for results of a known type; others are accepted.
     *
     * @param type the type
     * @param retryResult which results of this type call for another attempt
     * @param <R> the type
     * @return the options
     */
    public <R> Retry retryResult(Class<R> type, Predicate<? super R> retryResult) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(retryResult, "retryResult");
        return retryResult(result -> type.isInstance(result) && retryResult.test(type.cast(result)));
    }

    /**
     * These options with a listener. It must not wait; what it throws ends the retrying.
     *
     * @param listener is told of each failed attempt, on the calling thread, before the pause
     * @return the options
     */
    public Retry withListener(Consumer<? super FailedAttempt> listener) {
        return new Retry(attempts, delay, factor, maxDelay, jitter, retryOn, retryResult, listener);
    }

    /** The pause after an attempt that has failed, in nanoseconds. */
    long pauseNanos(int attempt, RandomGenerator random) {
        long longest = Deadlines.saturatedNanos(maxDelay);
        long first = Deadlines.saturatedNanos(delay);
        double grown = first == 0 ? 0 : first * Math.pow(factor, attempt - 1);
        long full = Math.min(longest, (long) grown); // the cast saturates
        long part = (long) (full * jitter);
        return part == 0 ? full : full - random.nextLong(part);
    }
}
