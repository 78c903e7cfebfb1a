package dev.yibu;

import java.io.Serial;

/**
 * The wait that was about to begin could never end: the awaited task, directly or through others, waits for the task
 * that wanted to await it. The message names the tasks of the circle.
 */
public final class DeadlockException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    DeadlockException(String message) {
        super(message);
    }
}
