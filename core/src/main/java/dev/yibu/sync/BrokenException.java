package dev.yibu.sync;

import java.io.Serial;

/**
 * Others have left a {@link Mutex} or a {@link Barrier} in a state in which the caller would wait for ever, or could
 * trust nothing: a task has ended without releasing the mutex, or a party of the barrier has been cancelled.
 *
 * <p>A caller that has itself been cancelled by then gets {@link dev.yibu.Cancelled} instead.
 */
public final class BrokenException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
        super(message);
    }
}
