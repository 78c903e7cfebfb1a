package dev.yibu.http;

import java.io.IOException;
import java.io.Serial;

/** A connection turned out to have more than answers on it, before anything of the next request was sent over it. */
final class Surplus extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    Surplus() {
        super("the server sent more than its answer");
    }
}
