package dev.yibu.lowlevel;

import dev.yibu.TimeoutException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The closed list of what {@link Thread#interrupt} makes of blocking code, in the JDK and in drivers that wrap it. Such
 * an exception is a cancellation only if Yibu asked for one; whoever calls this has to know that.
 */
public final class Interruption {
    /** Drivers wrap an exception two or three times; a longer chain is something else. */
    private static final int DEPTH = 8;

    private Interruption() {}

    /**
     * Whether an interrupt is the cause of an exception.
     *
     * @param thrown any throwable
     * @return whether it, or one of its nearest causes, is on the list
     */
    public static boolean isBehind(Throwable thrown) {
        Throwable cause = Objects.requireNonNull(thrown, "thrown");
        for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
            if (cause instanceof TimeoutException || cause instanceof CancellationException) {
                return false; // what an interrupt below it meant has been said already
            }
            if (isListed(cause)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isListed(Throwable thrown) {
        return thrown instanceof InterruptedException
                || thrown instanceof ClosedByInterruptException
                || thrown instanceof FileLockInterruptionException
                || (thrown instanceof InterruptedIOException && !(thrown instanceof SocketTimeoutException))
                || (thrown instanceof SocketException && saysClosedByInterrupt(thrown.getMessage()));
    }

    private static boolean saysClosedByInterrupt(@Nullable String message) {
        return "Closed by interrupt".equals(message);
    }
}
