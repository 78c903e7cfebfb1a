package dev.yibu.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy. What is https goes through a tunnel that the proxy opens on {@code CONNECT}, and is closed to it.
 *
 * @param host its name or address
 * @param port its port
 * @param auth what it wants to be told, or null
 */
public record HttpProxy(String host, int port, @Nullable HttpAuth auth) {
    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if the port is not from 1 to 65535
     */
    public HttpProxy {
        Objects.requireNonNull(host, "host");
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("the proxy's port is " + port + "; it must be from 1 to 65535");
        }
    }

    /**
     * A proxy that asks for nothing.
     *
     * @param host its name or address
     * @param port its port
     * @return the proxy
     */
    public static HttpProxy of(String host, int port) {
        return new HttpProxy(host, port, null);
    }

    /**
     * This proxy with what it wants to be told.
     *
     * @param auth goes to the proxy only
     * @return the proxy
     */
    public HttpProxy withAuth(HttpAuth auth) {
        return new HttpProxy(host, port, Objects.requireNonNull(auth, "auth"));
    }
}
