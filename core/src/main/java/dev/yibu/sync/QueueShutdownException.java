package dev.yibu.sync;

import java.io.Serial;

/**
 * The {@link Queue} was shut down: nothing can be put any more, or nothing is left to get. Compare {@code
 * asyncio.QueueShutDown}.
 */
public final class QueueShutdownException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    QueueShutdownException(String message) {
        super(message);
    }
}
