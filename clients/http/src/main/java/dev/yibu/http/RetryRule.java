package dev.yibu.http;

import dev.yibu.Async;
import dev.yibu.Retry;
import dev.yibu.Retry.FailedAttempt;
import dev.yibu.http.HttpTimeoutException.Phase;
import dev.yibu.lowlevel.Strand;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which failures of a request are worth another attempt, and when: the caller's {@link Retry} says how often and how far
 * apart, this class what may be done again without harm, and the server how long to wait at least.
 */
final class RetryRule {
    private final Retry retry;
    private final HttpRequest request;
    private final Strand strand;
    private final boolean mayRepeat;

    /** Before when the server does not want to hear from us again. */
    private long turnNanos;

    private boolean hasTurn;

    RetryRule(Retry retry, HttpRequest request, Strand strand, boolean idempotent) {
        this.retry = retry;
        this.request = request;
        this.strand = strand;
        HttpBody body = request.body();
        this.mayRepeat = idempotent && (body == null || body.isRepeatable());
    }

    /** The caller's options with this rule in them. */
    Retry adapted() {
        return retry.retryOn(failure -> isWorthIt(failure) && retry.retryOn().test(failure))
                .retryResult(HttpResponse.class, this::isWorthIt)
                .withListener(this::failed);
    }

    private boolean isWorthIt(Throwable failure) {
        return switch (failure) {
            case HttpConnectException _ -> true;
            case HttpTimeoutException timeout ->
                timeout.phase() == Phase.CONNECT || (mayRepeat && timeout.phase() != Phase.TOTAL);
            case HttpTransferException _ -> mayRepeat;
            case HttpStatusException status -> isWorthIt(status.status(), status.headers());
            default -> false;
        };
    }

    private boolean isWorthIt(HttpResponse response) {
        return isWorthIt(response.status(), response.headers());
    }

    private boolean isWorthIt(int status, HttpHeaders headers) {
        return mayRepeat
                && switch (status) {
                    case 408, 425, 429, 500, 502, 503, 504 -> isInTime(headers.find("Retry-After"));
                    default -> false;
                };
    }

    /** Whether the server's wish can be met; if so it is remembered. */
    private boolean isInTime(@Nullable String retryAfter) {
        hasTurn = false;
        Duration wait = retryAfter == null
                ? null
                : parse(retryAfter.strip(), strand.driver().instant());
        if (wait == null) {
            return true;
        }
        if (wait.compareTo(retry.maxDelay()) > 0
                || wait.compareTo(Async.deadline().remaining()) >= 0) {
            return false;
        }
        turnNanos = strand.driver().nanoTime() + wait.toNanos();
        hasTurn = true;
        return true;
    }

    static @Nullable Duration parse(String retryAfter, Instant now) {
        if (retryAfter.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfter));
        }
        try {
            Instant then = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                    .toInstant();
            return then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Called before each attempt, after the caller's own pause. */
    void awaitTurn() {
        if (hasTurn) {
            hasTurn = false;
            Async.sleep(Duration.ofNanos(Math.max(0, turnNanos - strand.driver().nanoTime())));
        }
    }

    private void failed(FailedAttempt attempt) {
        if (attempt.result().orElse(null) instanceof HttpResponse response) {
            failed(attempt, response);
        } else {
            retry.listener().accept(attempt);
        }
    }

    private void failed(FailedAttempt attempt, HttpResponse response) {
        try {
            HttpStatusException status =
                    new HttpStatusException(request.target(), response.status(), response.headers(), "");
            if (attempt.pause().isPresent()) {
                response.close();
            }
            retry.listener()
                    .accept(new FailedAttempt(
                            attempt.number(), Optional.of(status), Optional.empty(), attempt.pause()));
        } catch (Throwable t) {
            response.close(); // nobody will have it
            throw t;
        }
    }
}
