package dev.yibu.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The connection ended, or the server broke the protocol, after something had been sent: the answer is missing, malformed or
 * cut short. Whether the server has acted on the request is not known.
 */
public final class HttpTransferException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    HttpTransferException(Target target, String what, @Nullable Throwable cause) {
        super(target, what, cause);
    }
}
