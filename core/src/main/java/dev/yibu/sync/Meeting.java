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
 * Nobody waits here. Who has made an offer spins for a moment, if that has paid before, withdraws it, and goes to the locks;
 * a cancellation, or the end of the exchange, meets him there. While there is somebody in the lines behind the locks, or the
 * exchange has ended, the place is closed: nobody passes those who wait.
 */

/** The place, before the locks, where a giver and a taker meet that come at about the same time. */
final class Meeting<T> {
    private static final Object CLOSED = new Object();

    /** The outcome of an offer that was withdrawn, or met the {@link #close}. */
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

    /** Gives an item to a taker who is there, or comes at once; false if none does. */
    boolean give(T item) {
        return meet(item, true) != null;
    }

    /** Gives an item to a taker who is there; false if there is none. */
    boolean tryGive(T item) {
        return meet(item, false) != null;
    }

    /** Takes an item from a giver who is there, or comes at once; null if none does. */
    @SuppressWarnings("unchecked") // a taker meets givers
    @Nullable
    T take() {
        return (T) meet(null, true);
    }

    /** Takes an item from a giver who is there; null if there is none. */
    @SuppressWarnings("unchecked") // a taker meets givers
    @Nullable
    T tryTake() {
        return (T) meet(null, false);
    }

    private @Nullable Object meet(@Nullable Object item, boolean offers) {
        int spins = 0;
        Offer mine = null;
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
                continue;
            }
            if (mine == null) {
                spins = offers ? patience.spins() : 0;
                if (spins == 0) {
                    return null;
                }
                mine = new Offer(item);
            }
            if (PLACE.compareAndSet(line, MIDDLE, null, mine)) {
                return stay(mine, spins);
            }
        }
    }

    private @Nullable Object stay(Offer mine, int spins) {
        try {
            Patience.spin(mine, spins);
        } finally {
            if (mine.isPending() && mine.decide(MISSED)) {
                clear(mine);
            }
        }
        Object outcome = mine.outcome;
        boolean met = outcome != MISSED;
        patience.learn(spins, met);
        return met ? outcome : null;
    }

    private void clear(Offer decided) {
        PLACE.compareAndSet(line, MIDDLE, decided, null);
    }

    /** From here on nobody comes to meet, and who has made an offer goes to the locks. Called with the locks. */
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
