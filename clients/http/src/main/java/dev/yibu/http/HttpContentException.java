package dev.yibu.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The answer arrived whole, but its body is not what its headers or the caller say: broken compression, an unknown character
 * set, JSON that does not fit the type.
 */
public final class HttpContentException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    HttpContentException(Target target, String what, @Nullable Throwable cause) {
        super(target, what, cause);
    }
}
