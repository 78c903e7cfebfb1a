package dev.yibu;

import dev.yibu.Retry.FailedAttempt;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The attempts of one {@code retry}, on the calling strand. */
final class Attempts {
    /** How many earlier failures the last one carries. */
    private static final int KEPT = 8;

    private final Strand strand;
    private final Retry retry;
    private final Deque<Throwable> earlier = new ArrayDeque<>();
    private int number;
    private int forgotten;

    private Attempts(Strand strand, Retry retry) {
        this.strand = strand;
        this.retry = retry;
    }

    static <T extends @Nullable Object, X extends Throwable> T run(
            Strand strand, Retry retry, Coroutine<? extends T, ? extends X> body) throws X {
        return new Attempts(strand, retry).<T, X>run(body);
    }

    private <T extends @Nullable Object, X extends Throwable> T run(Coroutine<? extends T, ? extends X> body) throws X {
        for (; ; ) {
            strand.checkpoint();
            number++;
            Attempt attempt = new Attempt(strand);
            attempt.enter();
            T value = null;
            Throwable thrown = null;
            try {
                value = body.run();
                attempt.passOnAdopted(); // its value may be an iteration
            } catch (Throwable t) {
                thrown = t;
            }
            thrown = attempt.leave(thrown);
            if (thrown != null) {
                pauseAfter(thrown);
                continue;
            }
            if (!retry.retryResult().test(value) || !pauseAfterResult(value)) {
                return Parametric.value(value);
            }
        }
    }

    /** What an attempt that fails leaves open ends with it. */
    private static final class Attempt extends CancelScope {
        Attempt(Strand strand) {
            super(strand);
        }
    }

    /** Returns when it is time for another attempt, and throws if there will be none. */
    private void pauseAfter(Throwable thrown) {
        // What an interrupt of ours has broken is no failure of the work.
        Throwable failure = strand.translate(thrown);
        if (failure == null || failure instanceof Cancelled) {
            throw Throwing.<RuntimeException>any(failure == null ? thrown : failure);
        }
        if (number >= retry.attempts()
                || strand.scope().isCancelled()
                || !retry.retryOn().test(failure)) {
            tell(failure, null, null);
            throw Throwing.<RuntimeException>any(withEarlier(failure));
        }
        long nanos = retry.pauseNanos(number, strand.driver().random());
        String tooLate = tooLate(nanos);
        if (tooLate != null) {
            tell(failure, null, null);
            Failures.suppress(failure, new TimeoutException(tooLate, remaining()));
            throw Throwing.<RuntimeException>any(withEarlier(failure));
        }
        tell(failure, null, Duration.ofNanos(nanos));
        try {
            pause(nanos);
        } catch (Cancelled cancelled) {
            Failures.suppress(cancelled, withEarlier(failure));
            cancelled.isDealtWith();
            throw cancelled;
        }
        if (earlier.size() == KEPT) {
            earlier.removeFirst();
            forgotten++;
        }
        earlier.add(failure);
    }

    /** Returns whether it is time for another attempt; if not, there will be none. */
    private boolean pauseAfterResult(@Nullable Object value) {
        if (number >= retry.attempts()) {
            tell(null, value, null);
            return false;
        }
        long nanos = retry.pauseNanos(number, strand.driver().random());
        if (strand.scope().isCancelled() || tooLate(nanos) != null) {
            tell(null, value, null);
            return false;
        }
        tell(null, value, Duration.ofNanos(nanos));
        pause(nanos);
        return true;
    }

    private void pause(long nanos) {
        if (nanos > 0) {
            Sleep.sleep(strand, nanos, "the pause before attempt " + (number + 1));
        }
    }

    private void tell(@Nullable Throwable failure, @Nullable Object result, @Nullable Duration pause) {
        try {
            retry.listener()
                    .accept(new FailedAttempt(
                            number,
                            Optional.ofNullable(failure),
                            Optional.ofNullable(result),
                            Optional.ofNullable(pause)));
        } catch (Throwable t) {
            if (failure != null) {
                Failures.suppress(t, withEarlier(failure));
            }
            throw t;
        }
    }

    /** Why there can be no attempt after such a pause, or null if there can. */
    private @Nullable String tooLate(long nanos) {
        Deadline deadline = Deadline.of(strand);
        Duration pause = Duration.ofNanos(nanos);
        if (!deadline.isSet() || deadline.remaining().compareTo(pause) > 0) {
            return null;
        }
        String when = nanos == 0 ? "at once" : "in " + DeadlineScope.describe(pause);
        return "no time for another attempt: attempt " + (number + 1) + " would begin " + when
                + ", but the deadline is in " + DeadlineScope.describe(deadline.remaining());
    }

    private Duration remaining() {
        return Deadline.of(strand).remaining();
    }

    /** The failure that is thrown carries those before it, the oldest first. */
    private Throwable withEarlier(Throwable failure) {
        if (forgotten > 0) {
            failure.addSuppressed(new Failures.Mention(forgotten + " attempts that failed earlier"));
        }
        for (Throwable before : earlier) {
            Failures.suppress(failure, before);
        }
        return failure;
    }
}
