package dev.yibu.crawler;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.random;

import dev.yibu.http.HttpContentException;
import dev.yibu.http.HttpRefusedException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Which failures may pass, and how long to wait until then. */
final class Backoff {
    /** Who asks to be left alone for longer than this gets no further request before that time is over. */
    static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final int MOST_DOUBLINGS = 5;

    private Backoff() {}

    static boolean mayPass(int status) {
        return switch (status) {
            case 429, 502, 503, 504 -> true;
            default -> false;
        };
    }

    static boolean mayPass(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException) {
                return false;
            }
        }
        return !(failure instanceof HttpRefusedException || failure instanceof HttpContentException);
    }

    /** Twice as long each time, and between half and one and a half of that, so that failures don't come back at once. */
    static Duration pauseAfter(int attempt) {
        long nanos = FIRST_PAUSE.toNanos() << Math.min(attempt, MOST_DOUBLINGS);
        return Duration.ofNanos(nanos / 2 + random().nextLong(nanos));
    }

    /** What a Retry-After header asks for: a number of seconds, or a date. Empty if it is neither. */
    static Optional<Duration> retryAfter(String header) {
        String value = header.strip();
        if (value.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration time = Duration.between(clock().instant(), until);
            return Optional.of(time.isNegative() ? Duration.ZERO : time);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
