package dev.yibu;

import dev.yibu.lowlevel.Throwing;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * How a task ended: with a value, with a failure, or cancelled. Made for {@code switch}:
 *
 * {@snippet file="dev/yibu/Snippets.java" region=outcome}
 *
 * @param <T> what the task yields
 */
public sealed interface Outcome<T extends @Nullable Object> {

    /**
     * It returned.
     *
     * @param value what it returned
     * @param <T> what the task yields
     */
    record Success<T extends @Nullable Object>(T value) implements Outcome<T> {
        private static final Success<@Nullable Object> OF_NULL = new Success<>(null);

        /** Tasks of a void body, of which there are many at a time, share one. */
        @SuppressWarnings("unchecked") // null is of every type that it was taken from
        static <T extends @Nullable Object> Success<T> of(T value) {
            return value == null ? (Success<T>) OF_NULL : new Success<>(value);
        }
    }

    /**
     * It threw.
     *
     * @param exception what it threw, unchanged
     * @param <T> what the task yields
     */
    record Failure<T extends @Nullable Object>(Throwable exception) implements Outcome<T> {
        /**
         * Checks its argument.
         *
         * @throws NullPointerException if {@code exception} is null
         */
        public Failure {
            Objects.requireNonNull(exception, "exception");
        }
    }

    /**
     * It was cancelled, before or after it began.
     *
     * @param reason why
     * @param <T> what the task yields
     */
    record Cancellation<T extends @Nullable Object>(CancelReason reason) implements Outcome<T> {
        /**
         * Checks its argument.
         *
         * @throws NullPointerException if {@code reason} is null
         */
        public Cancellation {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The value, or the failure thrown as it is.
     *
     * @return the value
     * @throws CancellationException if the task was cancelled
     */
    default T getOrThrow() {
        return switch (this) {
            case Success<T>(T value) -> value;
            case Failure<T>(Throwable exception) -> throw Throwing.<RuntimeException>any(exception);
            case Cancellation<T>(CancelReason reason) -> throw exceptionFor(reason);
        };
    }

    /**
     * Whether it ended with a value.
     *
     * @return whether this is a {@link Success}
     */
    default boolean isSuccess() {
        return this instanceof Success;
    }

    private static CancellationException exceptionFor(CancelReason reason) {
        CancellationException exception = new CancellationException(reason.message());
        exception.initCause(reason.cause());
        return exception;
    }
}
