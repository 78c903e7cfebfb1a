package dev.yibu.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * There was no connection: the host has no address, nobody listens there, the proxy refuses, or the TLS handshake failed.
 * Nothing of the request was sent, so sending it again can't do anything twice.
 */
public final class HttpConnectException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    HttpConnectException(Target target, String what, @Nullable Throwable cause) {
        super(target, what, cause);
    }
}
