package dev.yibu;

import dev.yibu.lowlevel.Interruption;
import java.io.Serial;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Thrown at a checkpoint of code that has been cancelled, to unwind it. Compare {@code asyncio.CancelledError}, which is
 * a {@code BaseException} as this is an {@link Error}: {@code catch (Exception e)} does not catch it.
 *
 * <p><b>Do not swallow it.</b> Use {@code finally}, try-with-resources or {@link Async#using} to clean up. Code that does
 * swallow it meets it again at its next checkpoint, for as long as it stays inside the cancelled scope.
 *
 * <p>Awaiting a task that <em>another</em> party cancelled throws {@link java.util.concurrent.CancellationException}
 * instead, and a timeout that belongs to the code at hand surfaces as {@link TimeoutException}.
 *
 * <p>It carries a stack trace only in debug mode ({@code -Dyibu.debug=true}): cancelling a hundred thousand tasks would
 * otherwise spend most of its time on traces that nobody reads.
 */
public final class Cancelled extends Error {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient CancelReason reason;

    /** How many of the suppressed exceptions are there for information, and are no clean-up that failed. */
    private transient int dealtWith;

    /**
     * For adapters and drivers; user code cancels with {@link Task#cancel()}.
     *
     * @param reason why
     * @param cause the foreign exception that the cancellation surfaced as, if it did
     */
    public Cancelled(CancelReason reason, @Nullable Throwable cause) {
        super(Objects.requireNonNull(reason, "reason").message(), cause, true, Debug.enabled());
        this.reason = reason;
    }

    /**
     * Why the code was cancelled.
     *
     * @return the reason
     */
    public CancelReason reason() {
        return reason;
    }

    /** Says that what is suppressed by now is there for information, and needs no report. */
    void isDealtWith() {
        dealtWith = getSuppressed().length;
    }

    /** What failed in clean-up on the way: whoever does not pass this on has to tell of it. */
    List<Throwable> failures() {
        if (getSuppressed().length == dealtWith) {
            return List.of();
        }
        return Arrays.stream(getSuppressed())
                .skip(dealtWith)
                .filter(failure -> !(failure instanceof Cancelled) && !Interruption.isBehind(failure))
                .toList();
    }
}
