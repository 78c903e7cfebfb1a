package dev.yibu;

import java.io.Serial;
import java.time.Duration;
import java.util.Objects;

/**
 * A deadline passed before the work was done. Thrown by {@link Async#timeout} and {@link Async#timeoutAt} on the thread
 * that set the deadline, when the work inside has been cancelled and has ended. Unchecked, as in the JDK's {@code
 * StructuredTaskScope}.
 */
public final class TimeoutException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** How long the work was given. */
    private final Duration timeout;

    /**
     * For drivers and tests.
     *
     * @param message says which deadline passed
     * @param timeout how long the work was given
     */
    public TimeoutException(String message, Duration timeout) {
        super(Objects.requireNonNull(message, "message"));
        this.timeout = Objects.requireNonNull(timeout, "timeout");
    }

    /**
     * How long the work was given.
     *
     * @return the time between the start of the block and its deadline
     */
    public Duration timeout() {
        return timeout;
    }
}
