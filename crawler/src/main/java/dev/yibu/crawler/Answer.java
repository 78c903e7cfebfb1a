package dev.yibu.crawler;

import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An answer.
 *
 * @param headers the first value of a header, or an empty text
 * @param body empty if it was longer than allowed, or of no interest; to be closed
 */
record Answer(int status, UnaryOperator<String> headers, Optional<BodyRoom.Body> body) {
    String header(String name) {
        return headers.apply(name);
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    boolean isUnchanged() {
        return status == 304;
    }

    /** Whether this is HTML; an answer that doesn't say is taken for it. */
    boolean isHtml() {
        String type = header("content-type");
        return type.isEmpty() || type.matches("(?i)\\s*(text/html|application/xhtml\\+xml)\\s*(;.*)?");
    }

    Optional<String> redirect() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> Optional.of(header("location")).filter(location -> !location.isEmpty());
            default -> Optional.empty();
        };
    }
}
