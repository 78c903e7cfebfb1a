package dev.yibu;

import java.io.Serial;
import java.util.concurrent.CancellationException;

/**
 * Thrown by {@link Async#run} when a signal (Ctrl-C, SIGTERM) cancelled it and everything inside has ended. Compare
 * {@code KeyboardInterrupt} out of {@code asyncio.run}.
 */
public final class SignalException extends CancellationException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The number of the signal. */
    private final int number;

    SignalException(String message, int number) {
        super(message);
        this.number = number;
    }

    /**
     * The exit status by which a process says that this signal ended it.
     *
     * @return 128 plus the number of the signal: 130 for Ctrl-C, 143 for SIGTERM
     */
    public int exitStatus() {
        return 128 + number;
    }
}
