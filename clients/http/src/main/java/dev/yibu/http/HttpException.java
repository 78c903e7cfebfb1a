package dev.yibu.http;

import java.io.IOException;
import java.io.Serial;
import java.net.ProtocolException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that brought no answer, or none that could be used. Each says by method and address which request it was; the
 * address is without user name, password and query, so it may be logged. Of what the server has sent a message shows little, and
 * no control characters.
 *
 * <p>A cancellation is none of these: it is a {@link dev.yibu.Cancelled}. Nor is the deadline of an enclosing {@code timeout}
 * block, which is a {@link dev.yibu.TimeoutException}.
 */
public abstract sealed class HttpException extends IOException
        permits HttpConnectException,
                HttpTransferException,
                HttpTimeoutException,
                HttpStatusException,
                HttpRefusedException,
                HttpContentException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** For what is said by libraries too, which quote the server in their own way. */
    private static final int MOST = 500;

    private static final int MOST_OF_URL = 1000;

    /** The method. */
    private final String method;

    /** The address, redacted. */
    private final String url;

    /** For the family. */
    HttpException(Target target, String what, @Nullable Throwable cause) {
        super(
                target.method() + " " + Quoted.of(target.url(), MOST_OF_URL) + ": " + Quoted.of(what, MOST),
                quoting(cause));
        this.method = target.method();
        this.url = target.url();
    }

    /** OkHttp's exceptions of this type have the server's own text in their messages. */
    private static @Nullable Throwable quoting(@Nullable Throwable cause) {
        if (!(cause instanceof ProtocolException) || cause.getMessage() == null) {
            return cause;
        }
        String quoted = Quoted.of(cause.getMessage());
        if (quoted.equals(cause.getMessage())) {
            return cause;
        }
        ProtocolException same = new ProtocolException(quoted);
        same.setStackTrace(cause.getStackTrace());
        return same;
    }

    /**
     * The method of the request.
     *
     * @return such as {@code GET}
     */
    public String method() {
        return method;
    }

    /**
     * Where the request went, after redirects.
     *
     * @return the address without user name, password, query and fragment
     */
    public String url() {
        return url;
    }

    /** What a request is known by in messages. */
    record Target(String method, String url) {
        Target {
            Objects.requireNonNull(method, "method");
            Objects.requireNonNull(url, "url");
        }
    }
}
