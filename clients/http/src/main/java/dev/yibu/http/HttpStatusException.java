package dev.yibu.http;

import java.io.Serial;

/**
 * The server answered with a status outside 200–299 where the caller asked for the content alone. {@link
 * HttpRequest#anyStatus()} accepts every status; {@link HttpRequest#send}, {@link HttpRequest#fetch} and {@link
 * HttpRequest#open} show it instead.
 */
public final class HttpStatusException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The status. */
    private final int status;

    /** The headers of the answer. */
    private final transient HttpHeaders headers;

    /** How the body begins. */
    private final String excerpt;

    HttpStatusException(Target target, int status, HttpHeaders headers, String excerpt) {
        super(target, "status " + status, null);
        this.status = status;
        this.headers = headers;
        this.excerpt = excerpt;
    }

    /**
     * The status.
     *
     * @return such as 404
     */
    public int status() {
        return status;
    }

    /**
     * The headers of the answer.
     *
     * @return the headers
     */
    public HttpHeaders headers() {
        return headers;
    }

    /**
     * How the answer's body begins; not part of the message, since it may hold anything.
     *
     * @return up to some thousand characters; empty if there was no text
     */
    public String excerpt() {
        return excerpt;
    }
}
