package dev.yibu.http;

import java.io.IOException;
import java.io.Serial;
import java.net.InetAddress;

/** Passes through OkHttp from where an address is refused to where the caller's exception is made. */
final class ForbiddenAddress extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    ForbiddenAddress(String host, InetAddress address) {
        super(host + " has the address " + address.getHostAddress() + ", which the guard forbids");
    }
}
