package dev.yibu.sync;

import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Throwing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/*
 * Givers and takers meet under one lock, which is held for a few writes. Whoever finds somebody of the other kind waiting
 * claims that wait, which is one compare-and-set, and so decides under the lock who has got what. The claimed strand is
 * woken when the lock has been released, and has nothing left to do but to return.
 *
 * A wait that could not be claimed has been cancelled, or is a select that another branch has ended: it is passed over, and
 * nothing was given to it. So an item is always either in the buffer, or with a giver that is still waiting, or taken.
 *
 * While takers wait, the buffer is empty and no giver waits; while givers wait, the buffer is full: every operation that
 * makes room lets the first giver in. (Waits that are over but not yet taken out don't count.)
 */

/**
 * Where items pass from givers to takers, through a buffer of some size and order. The mechanism of {@link Queue} and
 * {@link Channel}. It is its own lock, whose word then comes to another core together with the state that it guards.
 */
final class Exchange<T> extends SpinLock {
    /** The outcome of a giver's wait whose item was taken. */
    private static final Object ACCEPTED = new Object();

    /** The outcome of waits after the end: there is, or will be, nothing more. */
    record End(@Nullable Throwable error) {}

    /** The outcome of a giver's wait whose item has no place in the buffer's order: its comparison failed. */
    private record Refused(Throwable error) {}

    /** What a wait is for, as listings show it. */
    private record Awaited(String what, String event) {
        @Override
        public String toString() {
            return what + ' ' + event;
        }
    }

    private static final AtomicLong CREATED = new AtomicLong();

    /** The place of the lock among the locks of all exchanges: whoever needs several takes the lowest first. */
    private final long rank = CREATED.incrementAndGet();

    private final String label;
    private final Awaited anItem;
    private final Awaited room;
    private final int capacity;

    // Guarded by the lock.
    private final java.util.Queue<T> items;
    private final Line<T> takers = new Line<>(this);
    private final Line<T> givers = new Line<>(this);
    private long accepted;
    private long done;
    private @Nullable End end;

    /** Those claimed since the lock was taken, the last one first. */
    private @Nullable Waiter<T> counterparts;

    /**
     * @param kind such as "queue"
     * @param items the buffer, which decides on the order
     */
    Exchange(String kind, @Nullable String name, int capacity, java.util.Queue<T> items) {
        this.label = name == null ? "a " + kind : kind + " \"" + name + '"';
        this.anItem = new Awaited(label, "to have an item");
        this.room = new Awaited(label, capacity == 0 ? "to have a taker" : "to have room");
        this.capacity = capacity;
        this.items = items;
    }

    // ---------------------------------------------------------------- with the lock

    /** Takes the next item, if there is one; the {@link End} if there will be none; null if one has to wait. */
    private @Nullable Object takeNow() {
        T item = items.poll();
        if (item != null) {
            letIn();
            return item;
        }
        Waiter<T> giver = givers.claimFirst(ACCEPTED);
        if (giver == null) {
            return end;
        }
        claim(giver);
        accepted++;
        return itemOf(giver);
    }

    /**
     * Room has been made: lets the first giver in. What may fail, the comparing, comes before the claim; who gives what can't
     * be compared learns of it, as one who need not wait does, and the next one has its turn.
     */
    private void letIn() {
        for (Waiter<T> first = givers.first(); first != null; first = givers.first()) {
            int place;
            try {
                place = items instanceof StablePriorityQueue<T> ordered ? ordered.placeOf(itemOf(first)) : 0;
            } catch (Throwable e) {
                if (givers.claimFirst(first, new Refused(e))) {
                    claim(first);
                }
                continue;
            }
            if (givers.claimFirst(first, ACCEPTED)) {
                claim(first);
                accepted++;
                if (items instanceof StablePriorityQueue<T> ordered) {
                    ordered.insert(itemOf(first), place);
                } else {
                    items.add(itemOf(first));
                }
                return;
            }
        }
    }

    private void claim(Waiter<T> waiter) {
        waiter.next = counterparts;
        counterparts = waiter;
    }

    /** Gives an item away, if it is wanted or there is room; null if one has to wait. */
    private @Nullable Object giveNow(T item) {
        if (end != null) {
            return end;
        }
        Waiter<T> taker = takers.claimFirst(item);
        if (taker != null) {
            claim(taker);
        } else if (items.size() < capacity) {
            items.add(item);
        } else {
            return null;
        }
        accepted++;
        return ACCEPTED;
    }

    private static <T> T itemOf(Waiter<T> giver) {
        T item = giver.item;
        if (item == null) {
            throw new IllegalStateException("a taker among the givers");
        }
        return item;
    }

    /** The waiters that were claimed since the lock was taken: to be woken when it has been released. */
    private @Nullable Waiter<T> claimed() {
        Waiter<T> claimed = counterparts;
        counterparts = null;
        return claimed;
    }

    private static void wake(@Nullable Waiter<?> claimed) {
        for (Waiter<?> waiter = claimed; waiter != null; waiter = waiter.next) {
            waiter.suspension.wake();
        }
    }

    /** Waits; but first lets others run, since the other party is often about to come, and a park costs more. */
    private Object await(Strand strand, Waiter<T> self) {
        if (self.suspension.isPending()) {
            strand.driver().yield(strand);
        }
        return self.suspension.await(self);
    }

    // ---------------------------------------------------------------- taking and giving

    /** Waits for an item; the result is the {@link End} if there will be none. */
    Object take() {
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.attached(this::take);
        }
        strand.checkpoint();
        Waiter<T> self = null;
        Waiter<T> claimed;
        Object taken;
        lock();
        try {
            taken = takeNow();
            claimed = claimed();
            if (taken == null) {
                self = new Waiter<>(takers, new Suspension<>(strand, anItem), null);
                takers.add(self);
            }
        } finally {
            unlock();
        }
        wake(claimed);
        return self == null ? Objects.requireNonNull(taken) : await(strand, self);
    }

    /** Takes an item without waiting; null if there is none, the {@link End} if there will be none. */
    @Nullable
    Object tryTake() {
        Object taken;
        Waiter<T> claimed;
        lock();
        try {
            taken = takeNow();
            claimed = claimed();
        } finally {
            unlock();
        }
        wake(claimed);
        return taken;
    }

    /** Waits until the item is taken, or in the buffer; the result is the {@link End} if that did not happen. */
    Object give(T item) {
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.attached(() -> give(item));
        }
        strand.checkpoint();
        Waiter<T> self = null;
        Waiter<T> claimed;
        Object given;
        lock();
        try {
            given = giveNow(item);
            claimed = claimed();
            if (given == null) {
                self = new Waiter<>(givers, new Suspension<>(strand, room), item);
                givers.add(self);
            }
        } finally {
            unlock();
        }
        wake(claimed);
        return self == null ? Objects.requireNonNull(given) : unlessRefused(await(strand, self));
    }

    private static Object unlessRefused(Object given) {
        if (given instanceof Refused(Throwable error)) {
            throw Throwing.<RuntimeException>any(error);
        }
        return given;
    }

    /** Gives an item away without waiting; null if that is not possible, the {@link End} if it won't be. */
    @Nullable
    Object tryGive(T item) {
        Object given;
        Waiter<T> claimed;
        lock();
        try {
            given = giveNow(item);
            claimed = claimed();
        } finally {
            unlock();
        }
        wake(claimed);
        return given;
    }

    // ---------------------------------------------------------------- the end

    /**
     * Ends the giving. Who waits to give is refused, who waits to take learns of the end.
     *
     * @param ended what takers get when the buffer is empty; the first one counts
     * @param drain whether to throw away what is in the buffer, which then counts as done
     */
    void end(End ended, boolean drain) {
        List<Waiter<T>> claimed = new ArrayList<>();
        lock();
        try {
            if (end == null) {
                end = ended;
                claimAll(givers, ended, claimed);
                claimAll(takers, ended, claimed); // the buffer is empty if there are any
            }
            if (drain) {
                done += Math.min(items.size(), unfinished()); // taskDone may have been called without a get
                items.clear();
            }
        } finally {
            unlock();
        }
        claimed.forEach(Exchange::wake);
    }

    private void claimAll(Line<T> line, Object outcome, List<Waiter<T>> claimed) {
        for (Waiter<T> waiter = line.claimFirst(outcome); waiter != null; waiter = line.claimFirst(outcome)) {
            claimed.add(waiter);
        }
    }

    // ---------------------------------------------------------------- counting; with the lock

    /** How many accepted items have not been counted as done. */
    long unfinished() {
        return accepted - done;
    }

    void countDone() {
        done++;
    }

    // ---------------------------------------------------------------- in a select

    /** To take, as one of several things to wait for. */
    <V> Selectable<V> taking(Function<Object, V> value) {
        return new Branch<>(value) {
            @Override
            @Nullable
            Object attempt() {
                return takeNow();
            }

            @Override
            public Registration register(Suspension<Object> suspension, int branch) {
                Waiter<T> waiter = new Waiter<>(takers, suspension, null, branch);
                takers.add(waiter);
                return waiter;
            }

            @Override
            public String toString() {
                return anItem.toString();
            }
        };
    }

    /** To give, as one of several things to wait for. */
    <V extends @Nullable Object> Selectable<V> giving(T item, Function<Object, V> value) {
        return new Branch<>(value) {
            @Override
            @Nullable
            Object attempt() {
                return giveNow(item);
            }

            @Override
            public Registration register(Suspension<Object> suspension, int branch) {
                Waiter<T> waiter = new Waiter<>(givers, suspension, item, branch);
                givers.add(waiter);
                return waiter;
            }

            @Override
            public String toString() {
                return room.toString();
            }
        };
    }

    private abstract class Branch<V extends @Nullable Object> extends Selectable<V> {
        private final Function<Object, V> value;

        Branch(Function<Object, V> value) {
            this.value = value;
        }

        /** {@link #takeNow} or {@link #giveNow}. */
        abstract @Nullable Object attempt();

        @Override
        public final @Nullable Object poll(List<? super Suspension<?>> woken) {
            Object done = attempt();
            for (Waiter<T> claimed = claimed(); claimed != null; claimed = claimed.next) {
                woken.add(claimed.suspension);
            }
            return done;
        }

        @Override
        public final V value(Object raw) {
            return value.apply(unlessRefused(raw));
        }

        @Override
        public final long rank() {
            return rank;
        }

        @Override
        public final void lock() {
            Exchange.this.lock();
        }

        @Override
        public final void unlock() {
            Exchange.this.unlock();
        }
    }

    // ---------------------------------------------------------------- what others see

    /** A consistent view of the state. */
    record Snapshot(int size, int takers, int givers, long unfinished, boolean ended) {}

    Snapshot snapshot() {
        lock();
        try {
            return new Snapshot(items.size(), takers.size(), givers.size(), unfinished(), end != null);
        } finally {
            unlock();
        }
    }

    int capacity() {
        return capacity;
    }

    boolean hasEnded() {
        lock();
        try {
            return end != null;
        } finally {
            unlock();
        }
    }

    @Override
    public String toString() {
        return label;
    }
}
