package dev.yibu.crawler;

import java.net.URI;

/** Why what an address answered is not what was asked for. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    final URI url;
    final int status;
    final String reason;

    Refusal(URI url, int status, String reason) {
        super(reason);
        this.url = url;
        this.status = status;
        this.reason = reason;
    }
}
