package dev.yibu.lowlevel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/*
 * Two threads on two cores that share one lock, or one count, pass its cache line to and fro for each item, which takes
 * longer than all the rest. Here they share the slots alone: one that is empty can be put into, one that is full can be
 * taken from. A cache line of slots changes hands once for many items, unless one of the two is close behind the other.
 */

/**
 * A buffer, first in, first out, with two ends: one thread at a time may {@linkplain #put put}, and at the same time another
 * one may {@linkplain #take take}. Each end is guarded by a lock of the user's, mostly a {@link SpinLock}, or by there being
 * one thread only.
 *
 * <p>It begins small, and grows up to its capacity when somebody who has both ends {@linkplain #add adds} an item.
 *
 * <p><b>Memory effects.</b> What happened before an item was put is visible to whoever takes it. To find the ring full, or
 * empty, says something about the other end only to those who have both.
 *
 * @param <T> the items; never null
 */
public final class Ring<T> {
    private static final int SMALL = 16;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    // An end has a cache line of its own, in the middle of an array that is otherwise empty.
    private static final int LENGTH = 18;
    private static final int COUNT = LENGTH / 2 - 1;
    private static final int PLACE = COUNT + 1;

    private final int capacity;

    /** How many items were put, and where the next one goes. */
    private final long[] putting = new long[LENGTH];

    /** How many items were taken, and where the next one is. */
    private final long[] taking = new long[LENGTH];

    /** Those that hold an item are in a row, from the place of the next to be taken to that of the next to be put. */
    private @Nullable Object[] slots;

    /**
     * An empty ring.
     *
     * @param capacity how many items it can hold at most; 1 or more
     */
    public Ring(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("the ring's capacity is " + capacity + "; it must hold an item");
        }
        this.capacity = capacity;
        this.slots = new @Nullable Object[Math.min(capacity, SMALL)];
    }

    /**
     * Puts an item in. Called by who has the end for putting.
     *
     * @param item the item
     * @return whether there was an empty slot; if not, the ring is full, or too small for its capacity: see {@link #add}
     */
    public boolean put(T item) {
        Objects.requireNonNull(item, "item");
        @Nullable Object[] all = slots;
        int place = (int) putting[PLACE];
        if (SLOT.getAcquire(all, place) != null) {
            return false;
        }
        SLOT.setRelease(all, place, item);
        advance(putting, place, all.length);
        return true;
    }

    /**
     * Takes the oldest item. Called by who has the end for taking.
     *
     * @return the item, or null if there is none
     */
    @SuppressWarnings("unchecked") // put() lets in nothing else
    public @Nullable T take() {
        @Nullable Object[] all = slots;
        int place = (int) taking[PLACE];
        T item = (T) SLOT.getAcquire(all, place);
        if (item != null) {
            SLOT.setRelease(all, place, null);
            advance(taking, place, all.length);
        }
        return item;
    }

    private static void advance(long[] end, int place, int length) {
        end[COUNT]++;
        end[PLACE] = place + 1 == length ? 0 : place + 1;
    }

    /**
     * Puts an item in, and makes the ring larger if it has to be. Called by who has both ends.
     *
     * @param item the item
     * @return whether there was room; if not, the ring is full
     */
    public boolean add(T item) {
        return put(item) || (grow() && put(item));
    }

    /** Makes a ring without an empty slot larger, unless it has its full size. */
    private boolean grow() {
        int size = slots.length;
        if (size == capacity) {
            return false;
        }
        @Nullable Object[] larger = new @Nullable Object[(int) Math.min(capacity, 2L * size)];
        int oldest = (int) taking[PLACE];
        System.arraycopy(slots, oldest, larger, 0, size - oldest);
        System.arraycopy(slots, 0, larger, size - oldest, oldest);
        slots = larger;
        taking[PLACE] = 0;
        putting[PLACE] = size;
        return true;
    }

    /**
     * How many items are in it. Called by who has both ends, or has one while nobody can have the other.
     *
     * @return the number
     */
    public int size() {
        return (int) (putting[COUNT] - taking[COUNT]);
    }

    /**
     * How many items have ever been put in. Called by who has the end for putting.
     *
     * @return the number
     */
    public long putCount() {
        return putting[COUNT];
    }
}
