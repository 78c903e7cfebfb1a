package dev.yibu.sync;

import dev.yibu.lowlevel.Ring;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The items that an {@link Exchange} holds: in the order of their arrival, in another one, or none at all. Guarded by the
 * locks of the exchange.
 */
final class Buffer<T> {
    private final int capacity;

    /** Holds the items if they leave in the order of their arrival. */
    private final @Nullable Ring<T> ring;

    /** Holds the items if they leave in another order, which it decides. */
    private final @Nullable Queue<T> ordered;

    /** How many items have come into {@link #ordered}. */
    private long arrived;

    /** @param ordered decides on the order; null for that of arrival */
    Buffer(int capacity, @Nullable Queue<T> ordered) {
        this.capacity = capacity;
        this.ordered = ordered;
        this.ring = ordered == null && capacity > 0 ? new Ring<>(capacity) : null;
    }

    int capacity() {
        return capacity;
    }

    /** Whether one may put while another takes; both ends together are needed for all but {@link #put} and {@link #take}. */
    boolean hasTwoEnds() {
        return ring != null;
    }

    /** With the end for putting: adds an item, or returns false if that is not possible so easily. */
    boolean put(T item) {
        return ring != null && ring.put(item);
    }

    /** With the end for taking: the next item, or null if there is none. */
    @Nullable
    T take() {
        if (ring != null) {
            return ring.take();
        }
        return ordered == null ? null : ordered.poll();
    }

    /** Adds an item if there is room. */
    boolean add(T item) {
        if (ring != null) {
            return ring.add(item);
        }
        if (ordered == null || ordered.size() >= capacity) {
            return false;
        }
        ordered.add(item);
        arrived++;
        return true;
    }

    /** The part of an {@link #add} that may fail: all the comparing. Valid until the next change. */
    int placeOf(T item) {
        return ordered instanceof StablePriorityQueue<T> heap ? heap.placeOf(item) : 0;
    }

    /** The rest of it, where there is room. */
    void insert(T item, int place) {
        if (ordered instanceof StablePriorityQueue<T> heap) {
            heap.insert(item, place);
            arrived++;
        } else {
            add(item);
        }
    }

    int size() {
        if (ring != null) {
            return ring.size();
        }
        return ordered == null ? 0 : ordered.size();
    }

    /** How many items have ever come in. */
    long arrived() {
        return ring == null ? arrived : ring.putCount();
    }

    void clear() {
        if (ordered != null) {
            ordered.clear(); // without comparing
        } else {
            T item = take();
            while (item != null) {
                item = take();
            }
        }
    }
}
