package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an {@link AsyncIterable} pulls its items from; stages of a pipeline are sources over sources. */
abstract class Source<T extends @Nullable Object> {
    /** What {@link #next()} returns when there are no more items. */
    static final Object END = new Object() {
        @Override
        public String toString() {
            return "the end";
        }
    };

    /**
     * Waits for the next item; a checkpoint. Any strand may pull, one at a time. If it throws {@link dev.yibu.Cancelled},
     * nothing is lost, and it may be asked again; after any other exception it will not be.
     *
     * @return an item, or {@link #END}, then for ever
     */
    abstract @Nullable Object next();

    /** Tells whatever works for this source to stop; does not wait. */
    abstract void cancel(CancelReason reason);

    /** Ends whatever works for this source, and joins it. Idempotent; called by the strand that made the source. */
    abstract void close();

    /** Whether its owner has closed it, or what it pulls from, under whoever is asking for items. Any thread may ask. */
    boolean isClosed() {
        return false;
    }

    /** Closes a source's own part and what is upstream of it, whatever fails; the first failure is thrown. */
    static void closeAll(Runnable own, List<? extends Source<?>> upstreams) {
        Throwable failure = null;
        try {
            own.run();
        } catch (Throwable t) {
            failure = t;
        }
        for (Source<?> upstream : upstreams) {
            try {
                upstream.close();
            } catch (Throwable t) {
                if (failure == null) {
                    failure = t;
                } else {
                    suppress(failure, t);
                }
            }
        }
        if (failure != null) {
            throw Throwing.<RuntimeException>any(failure);
        }
    }

    /** Adds what failed later to what is thrown. A cancellation that is hidden so is owed its interrupt again. */
    static void suppress(Throwable thrown, Throwable later) {
        if (thrown == later) {
            return;
        }
        thrown.addSuppressed(later);
        if (later instanceof Cancelled && !(thrown instanceof Cancelled)) {
            Objects.requireNonNull(Strand.current()).cancellationDropped();
        }
    }

    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"
    }) // what a source yields, and is not END, is a T
    static <T extends @Nullable Object> T item(@Nullable Object item) {
        return (T) item;
    }
}
