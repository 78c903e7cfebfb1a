package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Strand;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The group of a race: the first success cancels the rest, a failure does not. */
final class Race<T extends @Nullable Object> extends Batch<T> {
    private final AtomicReference<Outcome.@Nullable Success<?>> winner = new AtomicReference<>();

    /** The failures of runners, which count only if nobody wins. */
    private final Failures losses = new Failures();

    Race(Strand strand) {
        super(strand, "race");
    }

    @Override
    void ended(TaskStrand<?> child) {
        switch (child.outcome()) {
            case Outcome.Success<?> success -> {
                if (winner.compareAndSet(null, success)) {
                    cancel(new CancelReason(Kind.SCOPE_ENDED, "the race was won by " + child));
                }
            }
            case Outcome.Failure<?>(Throwable exception) -> losses.add(exception);
            case Outcome.Cancellation<?>(CancelReason reason) -> {
                if (!isCancelled()) {
                    losses.add(new CancellationException(child + " was cancelled: " + reason));
                }
            }
        }
    }

    @Override
    boolean hasResult() {
        return winner.get() != null;
    }

    @Override
    void beforeFailuresAreThrown() {
        Throwable lost = hasResult() ? null : losses.toThrow();
        if (lost != null) {
            failures.add(lost);
        }
    }

    /** Keeps the outcome itself, to tell the winner's value from others that are equal. */
    @Override
    Object resultOf(Outcome<?> outcome) {
        return outcome;
    }

    /** Gives away what nobody gets: the values of losers, and the winner's if the race itself does not end well. */
    void discard(boolean winnerToo, Consumer<? super T> onDiscard) {
        for (Outcome<T> outcome : outcomes()) {
            if ((winnerToo || outcome != winner.get()) && outcome instanceof Outcome.Success<T>(T value)) {
                try {
                    onDiscard.accept(value);
                } catch (Throwable e) {
                    Reports.discardFailed(e);
                }
            }
        }
    }

    @SuppressWarnings("unchecked") // only children of this race win it
    T value() {
        Outcome.Success<?> won = winner.get();
        if (won == null) {
            throw new IllegalStateException("nobody won");
        }
        return (T) won.value();
    }
}
