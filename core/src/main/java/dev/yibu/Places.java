package dev.yibu;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * The places of the blocking pool, each for one running call. First come, first served.
 *
 * A call may wait for further ones: for tasks that it has started and that call. If these could only queue with everybody
 * else, calls that have all the places would wait for calls that have none. So who has a place may lend it, to one call at a
 * time that has come out of its own: then there are two threads for it, and as many more as calls are nested. Since the
 * innermost call waits for no other, it ends, and the place goes to the next of those who wait for it; so all of them get
 * on. What a call has started knows the call's place by its context, however it was started.
 *
 * A place whose own call has ended while it is lent is given back when it comes back: no call is without a place.
 */
final class Places {
    private static final Object INHERITED = new Object();

    /** What entitles a call to a thread. Guarded by the lock. */
    static final class Place {
        private final @Nullable Place lender;
        private final Set<Suspension<@Nullable Place>> borrowers = new LinkedHashSet<>();
        private boolean isLent;
        private boolean isLeft;

        private Place(@Nullable Place lender) {
            this.lender = lender;
        }

        /** The context of the call that has this place. */
        Context in(Context context) {
            return context.with(INHERITED, this);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue<@Nullable Place> waiters = new WaitQueue<>();
    private final String label;
    private int available;

    Places(int available, String label) {
        this.available = available;
        this.label = label;
    }

    /** A checkpoint; a cancelled waiter has taken nothing. */
    Place acquire(Strand strand) {
        strand.checkpoint();
        Context.Binding inherited = strand.context().binding(INHERITED);
        Place around = inherited == null ? null : (Place) inherited.value();
        Suspension<@Nullable Place> suspension;
        lock.lock();
        try {
            around = inUse(around);
            if (available > 0) { // nobody queues while there is one
                available--;
                return new Place(null);
            }
            if (around != null && !around.isLent) {
                around.isLent = true;
                return new Place(around);
            }
            suspension = new Suspension<>(strand, label);
            waiters.add(suspension);
            if (around != null) {
                around.borrowers.add(suspension);
            }
        } finally {
            lock.unlock();
        }
        try {
            return new Place(waiters.await(suspension));
        } finally {
            waiters.remove(suspension); // it may have got the other one
            if (around != null) {
                forget(around, suspension);
            }
        }
    }

    /** The place itself, or, if its call has ended, the nearest one that it was borrowed from and whose call has not. */
    private static @Nullable Place inUse(@Nullable Place place) {
        Place nearest = place;
        while (nearest != null && nearest.isLeft) {
            nearest = nearest.lender;
        }
        return nearest;
    }

    private void forget(Place around, Suspension<?> suspension) {
        lock.lock();
        try {
            for (Place place = around; place != null; place = place.lender) {
                place.borrowers.remove(suspension);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The call has ended. If its place is lent, it is given back by the borrower. */
    void release(Place place) {
        lock.lock();
        try {
            place.isLeft = true;
            if (place.isLent) {
                Place heir = inUse(place);
                if (heir != null) {
                    heir.borrowers.addAll(place.borrowers);
                }
                return;
            }
        } finally {
            lock.unlock();
        }
        giveBack(place.lender);
    }

    /** The call has been left behind: from here on it is nobody's, but still lends its place to those it has started. */
    void abandon(Place place) {
        giveBack(place.lender);
    }

    /** Gives a place of the pool, or what a call has lent, to the next who waits for it. */
    private void giveBack(@Nullable Place returned) {
        Place lender = returned;
        Suspension<@Nullable Place> next;
        do {
            lock.lock();
            try {
                lender = inUse(lender);
                next = lender == null ? waiters.poll() : nextBorrower(lender);
                if (next == null) {
                    if (lender == null) {
                        available++;
                    } else {
                        lender.isLent = false;
                    }
                    return;
                }
            } finally {
                lock.unlock();
            }
        } while (!next.resume(lender)); // one that was cancelled meanwhile, or has got another place, takes nothing
    }

    private static @Nullable Suspension<@Nullable Place> nextBorrower(Place lender) {
        Iterator<Suspension<@Nullable Place>> borrowers = lender.borrowers.iterator();
        if (!borrowers.hasNext()) {
            return null;
        }
        Suspension<@Nullable Place> first = borrowers.next();
        borrowers.remove();
        return first;
    }
}
