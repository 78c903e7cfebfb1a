package dev.yibu.http;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * How long a request may take, phase by phase. Each is at most {@link #NONE}, which means without limit. Whatever these say,
 * the deadline of an enclosing {@code Async.timeout} block ends the request too.
 *
 * @param connect for a connection: finding the host's addresses, TCP, the proxy's tunnel and the TLS handshake together. With
 *     several addresses each has its share of it
 * @param firstByte from the request's last byte to the answer's headers
 * @param betweenBytes for the other side to give, or take, the next bytes of a body. The time that the caller spends between
 *     two reads does not count
 * @param total for the whole operation: waiting for a place in the pool, redirects, retries and their pauses, until the body
 *     has been read
 */
public record HttpTimeouts(Duration connect, Duration firstByte, Duration betweenBytes, Duration total) {
    /** No limit. */
    public static final Duration NONE = ChronoUnit.FOREVER.getDuration();

    /** 10 s to connect, 30 s for the first byte and between bytes, no limit in total. */
    public static final HttpTimeouts DEFAULT =
            new HttpTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), NONE);

    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if one is zero or negative
     */
    public HttpTimeouts {
        check(connect, "connect");
        check(firstByte, "firstByte");
        check(betweenBytes, "betweenBytes");
        check(total, "total");
    }

    private static void check(Duration timeout, String name) {
        Objects.requireNonNull(timeout, name);
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(
                    "the time-out " + name + " is " + timeout + "; HttpTimeouts.NONE stands for no limit");
        }
    }

    /**
     * These with another limit for the connection.
     *
     * @param connect the limit
     * @return the time-outs
     */
    public HttpTimeouts withConnect(Duration connect) {
        return new HttpTimeouts(connect, firstByte, betweenBytes, total);
    }

    /**
     * These with another limit for the first byte.
     *
     * @param firstByte the limit
     * @return the time-outs
     */
    public HttpTimeouts withFirstByte(Duration firstByte) {
        return new HttpTimeouts(connect, firstByte, betweenBytes, total);
    }

    /**
     * These with another limit between bytes.
     *
     * @param betweenBytes the limit
     * @return the time-outs
     */
    public HttpTimeouts withBetweenBytes(Duration betweenBytes) {
        return new HttpTimeouts(connect, firstByte, betweenBytes, total);
    }

    /**
     * These with another limit for everything together.
     *
     * @param total the limit
     * @return the time-outs
     */
    public HttpTimeouts withTotal(Duration total) {
        return new HttpTimeouts(connect, firstByte, betweenBytes, total);
    }
}
