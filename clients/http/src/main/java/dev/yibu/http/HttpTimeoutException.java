package dev.yibu.http;

import dev.yibu.lowlevel.DeadlineScope;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One of the {@link HttpTimeouts} has passed. */
public final class HttpTimeoutException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Which time-out it was. */
    public enum Phase {
        /** {@link HttpTimeouts#connect()}: nothing has been sent. */
        CONNECT("no connection within "),
        /** {@link HttpTimeouts#firstByte()}: the request was sent and nothing came back. */
        FIRST_BYTE("no answer within "),
        /** {@link HttpTimeouts#betweenBytes()}: the other side stopped taking or giving bytes of a body. */
        BETWEEN_BYTES("no further byte within "),
        /** {@link HttpTimeouts#total()}. */
        TOTAL("not done within ");

        private final String words;

        Phase(String words) {
            this.words = words;
        }
    }

    /** Which one. */
    private final Phase phase;

    /** Its length. */
    private final Duration timeout;

    HttpTimeoutException(Target target, Phase phase, Duration timeout, @Nullable Throwable cause) {
        super(target, phase.words + DeadlineScope.describe(timeout), cause);
        this.phase = phase;
        this.timeout = timeout;
    }

    /**
     * Which time-out has passed.
     *
     * @return the phase
     */
    public Phase phase() {
        return phase;
    }

    /**
     * How long it was.
     *
     * @return the time-out as it was set
     */
    public Duration timeout() {
        return timeout;
    }
}
