package dev.yibu.sync;

import dev.yibu.lowlevel.Patience;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.SpinLock;
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
 * Givers and takers find each other under a lock, which is held for a few writes. Whoever finds somebody of the other kind
 * waiting claims that wait, which is one compare-and-set, and so decides under the lock who has got what. The claimed
 * strand is woken when the lock has been released, and has nothing left to do but to return.
 *
 * A wait that could not be claimed has been cancelled, or is a select that another branch has ended: it is passed over, and
 * nothing was given to it. So an item is always either in the buffer, or with a giver that is still waiting, or taken.
 *
 * While takers wait, the buffer is empty and no giver waits; while givers wait, the buffer is full: every operation that
 * makes room lets the first giver in. (Waits that are over but not yet taken out don't count.)
 *
 * If the buffer has two ends, the lock is two, one for each. Those who wait, and the end, are written with both locks, so
 * either is enough to see that nobody waits and nothing has ended. Then an item is put in, or taken out, with the lock of
 * that end alone: givers and takers are not in each other's way. Whoever finds that this won't do takes both locks, and
 * looks again.
 *
 * If there is no buffer, givers and takers first look for each other at a Meeting, without the lock. It is closed while
 * somebody has the lock who may change something, and until nobody waits any more.
 */

/** Where items pass from givers to takers, through a buffer of some size and order. The mechanism of queues and channels. */
final class Exchange<T> {
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

    private final SpinLock giving = new SpinLock();

    /** The lock of the other end, if the buffer has two. */
    private final SpinLock taking = new SpinLock();

    private final Patience patience = new Patience();

    /** Where givers and takers meet before they come to the locks, if there is no buffer. */
    private final @Nullable Meeting<T> meeting;

    // Guarded by the locks.
    private final Buffer<T> buffer;
    private final Line<T> takers = new Line<>(this);
    private final Line<T> givers = new Line<>(this);

    /** How many items went from hand to hand under the lock, without coming into the buffer. */
    private long handedOver;

    private long done;
    private @Nullable End end;

    /** Those claimed since the lock was taken, the last one first. */
    private @Nullable Waiter<T> counterparts;

    /**
     * @param kind such as "queue"
     * @param ordered holds what is on its way and decides on the order; null for that of arrival
     */
    Exchange(String kind, @Nullable String name, int capacity, java.util.@Nullable Queue<T> ordered) {
        this.label = name == null ? "a " + kind : kind + " \"" + name + '"';
        this.anItem = new Awaited(label, "to have an item");
        this.room = new Awaited(label, capacity == 0 ? "to have a taker" : "to have room");
        this.buffer = new Buffer<>(capacity, ordered);
        this.meeting = capacity == 0 ? new Meeting<>() : null;
    }

    // ---------------------------------------------------------------- the locks

    void lock() {
        lockEnds();
        if (meeting != null) {
            meeting.close();
        }
    }

    void unlock() {
        if (meeting != null && end == null && takers.isEmpty() && givers.isEmpty()) {
            meeting.open();
        }
        unlockEnds();
    }

    /** Enough to look: what meets meanwhile changes nothing that is seen. */
    private void lockEnds() {
        giving.lock();
        if (buffer.hasTwoEnds()) {
            taking.lock();
        }
    }

    private void unlockEnds() {
        if (buffer.hasTwoEnds()) {
            taking.unlock();
        }
        giving.unlock();
    }

    // ---------------------------------------------------------------- with one lock, if nobody waits

    /** Puts an item into the buffer; false if that is not possible so easily. */
    private boolean putQuickly(T item) {
        if (!buffer.hasTwoEnds()) {
            return false;
        }
        giving.lock();
        try {
            return end == null && takers.isEmpty() && givers.isEmpty() && buffer.put(item);
        } finally {
            giving.unlock();
        }
    }

    /** Takes an item from the buffer; null if that is not possible so easily. */
    private @Nullable T takeQuickly() {
        if (!buffer.hasTwoEnds()) {
            return null;
        }
        taking.lock();
        try {
            return givers.isEmpty() ? buffer.take() : null;
        } finally {
            taking.unlock();
        }
    }

    // ---------------------------------------------------------------- with the lock

    /** Takes the next item, if there is one; the {@link End} if there will be none; null if one has to wait. */
    private @Nullable Object takeNow() {
        T item = buffer.take();
        if (item != null) {
            letIn();
            return item;
        }
        Waiter<T> giver = givers.claimFirst(ACCEPTED);
        if (giver == null) {
            return end;
        }
        claim(giver);
        handedOver++;
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
                place = buffer.placeOf(itemOf(first));
            } catch (Throwable e) {
                if (givers.claimFirst(first, new Refused(e))) {
                    claim(first);
                }
                continue;
            }
            if (givers.claimFirst(first, ACCEPTED)) {
                claim(first);
                buffer.insert(itemOf(first), place);
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
            handedOver++;
            return ACCEPTED;
        }
        return buffer.add(item) ? ACCEPTED : null;
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

    /** Waits; but first spins, then lets others run: the other party is often about to come, and a park costs more. */
    private Object await(Strand strand, Waiter<T> self) {
        patience.spin(self.suspension);
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
        T item = meeting == null ? takeQuickly() : meeting.take();
        if (item != null) {
            return item;
        }
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
        Object taken = meeting == null ? takeQuickly() : meeting.tryTake();
        if (taken != null) {
            return taken;
        }
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
        if (meeting == null ? putQuickly(item) : meeting.give(item)) {
            return ACCEPTED;
        }
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
        if (meeting == null ? putQuickly(item) : meeting.tryGive(item)) {
            return ACCEPTED;
        }
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
                done += Math.min(buffer.size(), unfinished()); // taskDone may have been called without a get
                buffer.clear();
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
        return buffer.arrived() + handedOver - done;
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
        lockEnds();
        try {
            return new Snapshot(buffer.size(), takers.size(), givers.size(), unfinished(), end != null);
        } finally {
            unlockEnds();
        }
    }

    int capacity() {
        return buffer.capacity();
    }

    boolean hasEnded() {
        lockEnds();
        try {
            return end != null;
        } finally {
            unlockEnds();
        }
    }

    @Override
    public String toString() {
        return label;
    }
}
