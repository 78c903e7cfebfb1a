package dev.yibu.sync;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The {@link Channel} was closed: nothing can be sent any more, or nothing is left to receive. */
public final class ChannelClosedException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    ChannelClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
