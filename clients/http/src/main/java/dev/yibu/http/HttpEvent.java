package dev.yibu.http;

import java.time.Duration;

/**
 * A step in the life of one exchange of request and answer. A redirect and a retry are exchanges of their own. The events of
 * one exchange have its number and come in this order, each at most once: {@link Queued}, {@link Connected}, {@link Sent},
 * {@link FirstByte}, then {@link Done} or {@link Failed}. A request that is repeated since its connection had gone stale has
 * the middle ones twice.
 */
public sealed interface HttpEvent {
    /**
     * Which exchange.
     *
     * @return its number, method and address
     */
    Id id();

    /**
     * The time since the exchange began to wait for a place in the pool.
     *
     * @return the time
     */
    Duration elapsed();

    /**
     * An exchange.
     *
     * @param number counts the session's exchanges
     * @param method the method
     * @param url the address, without user name, password and query
     */
    record Id(long number, String method, String url) {}

    /**
     * It has got its place in the pool.
     *
     * @param id which exchange
     * @param elapsed how long it waited
     */
    record Queued(Id id, Duration elapsed) implements HttpEvent {}

    /**
     * It has a connection.
     *
     * @param id which exchange
     * @param elapsed since its beginning
     * @param reused whether the connection had served others before
     * @param protocol such as {@code http/1.1} and {@code h2}
     * @param address the other end
     */
    record Connected(Id id, Duration elapsed, boolean reused, String protocol, String address) implements HttpEvent {}

    /**
     * The request has been sent.
     *
     * @param id which exchange
     * @param elapsed since its beginning
     * @param bodyBytes how long its body was
     */
    record Sent(Id id, Duration elapsed, long bodyBytes) implements HttpEvent {}

    /**
     * The answer's headers are there.
     *
     * @param id which exchange
     * @param elapsed since its beginning
     * @param status the status
     */
    record FirstByte(Id id, Duration elapsed, int status) implements HttpEvent {}

    /**
     * It is over: the body has been read, or closed unread.
     *
     * @param id which exchange
     * @param elapsed since its beginning
     * @param status the status
     * @param bodyBytes how many bytes of the body were read, before decompression
     */
    record Done(Id id, Duration elapsed, int status, long bodyBytes) implements HttpEvent {}

    /**
     * It has failed or was cancelled.
     *
     * @param id which exchange
     * @param elapsed since its beginning
     * @param failure why; a {@link dev.yibu.Cancelled} if its task was cancelled
     */
    record Failed(Id id, Duration elapsed, Throwable failure) implements HttpEvent {}
}
