package dev.yibu;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why something was cancelled. The first reason given to a scope is kept; later ones are ignored.
 *
 * @param kind what sort of event it was
 * @param message the reason in words, for logs and for {@link Cancelled#getMessage()}
 * @param cause the failure behind it, if there is one
 */
public record CancelReason(
        Kind kind, String message, @Nullable Throwable cause) {

    /** The sorts of events that cancel. */
    public enum Kind {
        /** Somebody asked for it, with {@link Task#cancel()} or {@link TaskGroup#cancel(String)}. */
        REQUESTED,
        /** A deadline passed. */
        DEADLINE,
        /** A sibling, or the group's own body, failed. */
        FAILURE,
        /** The result is no longer wanted: the race is won, the iteration was closed, the owner has ended. */
        SCOPE_ENDED,
        /** The thread was interrupted from outside. */
        INTERRUPTED,
        /** The process received a signal. */
        SIGNAL
    }

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if {@code kind} or {@code message} is null
     */
    public CancelReason {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    /**
     * A reason without a cause.
     *
     * @param kind what sort of event it was
     * @param message the reason in words
     */
    public CancelReason(Kind kind, String message) {
        this(kind, message, null);
    }

    @Override
    public String toString() {
        return message;
    }
}
