package dev.yibu.sync;

import dev.yibu.lowlevel.Patience;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/*
 * Elimination (D. Hendler, N. Shavit, L. Yerushalmi, "A scalable lock-free stack algorithm", SPAA 2004): a giver and a taker
 * that are there at the same time need nobody else, so they don't come to the locks. A hand-over then costs the few messages
 * between two processors that any hand-over costs.
 *
 * An offer is decided once: it is accepted, or missed. It may still stand in the place then; whoever finds it there clears
 * the place. So nobody depends on a thread that has lost its processor.
 *
 * Nobody waits here. Who has made an offer spins for it for a moment, if that has paid before, withdraws it, and goes to the
 * locks; a cancellation, or the end of the exchange, meets him there. While there is somebody in the lines behind the locks,
 * or the exchange has ended, the place is closed: nobody passes those who wait.
 */

/** The place, before the locks, where a giver and a taker meet that come at about the same time. */
final class Meeting<T> {
    private static final Object CLOSED = new Object();
    private static final Object MISSED = new Object();

    /** The outcome of a giver's offer. */
    private static final Object TAKEN = new Object();

    private static final int LENGTH = 32;
    private static final int MIDDLE = LENGTH / 2;
    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Object[].class);

    private static final class Offer implements Patience.Awaited {
        private static final VarHandle OUTCOME;

        static {
            try {
                OUTCOME = MethodHandles.lookup().findVarHandle(Offer.class, "outcome", Object.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        /** What is given, or null if it is to be taken. */
        final @Nullable Object item;

        /** Null, then for ever {@link #TAKEN}, the item that was given, or {@link #MISSED}. */
        private volatile @Nullable Object outcome;

        Offer(@Nullable Object item) {
            this.item = item;
        }

        @Override
        public boolean isPending() {
            return outcome == null;
        }

        boolean decide(Object decision) {
            return OUTCOME.compareAndSet(this, null, decision);
        }
    }

    /** Its middle is null, an {@link Offer} or {@link #CLOSED}, and has a cache line of its own. */
    private final @Nullable Object[] line = new @Nullable Object[LENGTH];

    private final Patience patience = new Patience();

    /** Gives an item to a taker who is there; false if none comes at once. */
    boolean give(T item) {
        return meet(item) != null;
    }

    /** Takes an item from a giver who is there; null if none comes at once. */
    @SuppressWarnings("unchecked") // a taker meets givers
    @Nullable
    T take() {
        return (T) meet(null);
    }

    private @Nullable Object meet(@Nullable Object item) {
        while (true) {
            Object there = PLACE.getAcquire(line, MIDDLE);
            if (there == CLOSED) {
                return null;
            }
            if (there instanceof Offer offer) {
                boolean alike = (offer.item == null) == (item == null);
                if (alike && offer.isPending()) {
                    return null;
                }
                boolean accepted = !alike && offer.decide(item == null ? TAKEN : item);
                clear(offer);
                if (accepted) {
                    return item == null ? offer.item : TAKEN;
                }
            } else {
                int spins = patience.spins();
                if (spins == 0) {
                    return null;
                }
                Offer mine = new Offer(item);
                if (PLACE.compareAndSet(line, MIDDLE, null, mine)) {
                    patience.spin(mine, spins);
                    return withdraw(mine);
                }
            }
        }
    }

    private @Nullable Object withdraw(Offer mine) {
        if (mine.isPending() && mine.decide(MISSED)) {
            clear(mine);
        }
        Object outcome = mine.outcome;
        return outcome == MISSED ? null : outcome;
    }

    private void clear(Offer decided) {
        PLACE.compareAndSet(line, MIDDLE, decided, null);
    }

    /** From here on nobody meets, and who has made an offer goes to the locks. Called with the locks. */
    void close() {
        if (PLACE.getAndSet(line, MIDDLE, CLOSED) instanceof Offer offer) {
            offer.decide(MISSED);
        }
    }

    /** Ends {@link #close}. Called with the locks. */
    void open() {
        PLACE.setRelease(line, MIDDLE, null);
    }
}
