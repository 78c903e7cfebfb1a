package dev.yibu.sync;

import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The least item first; of equal ones the one that came first. A binary heap. Unlike the JDK's it compares before it moves
 * anything: a comparison that throws changes nothing.
 */
final class StablePriorityQueue<T> extends AbstractQueue<T> {
    private record Entry<T>(T item, long number) {}

    private final Comparator<Entry<T>> order;
    private final List<Entry<T>> heap = new ArrayList<>();
    private long arrived;

    StablePriorityQueue(Comparator<? super T> order) {
        Objects.requireNonNull(order, "order");
        this.order = Comparator.<Entry<T>, T>comparing(Entry::item, order).thenComparingLong(Entry::number);
    }

    /** Where an item would go: all the comparing of an offer. Valid until the next change. */
    int placeOf(T item) {
        Entry<T> entry = new Entry<>(item, arrived);
        int place = heap.size();
        while (place > 0 && order.compare(entry, heap.get(above(place))) < 0) {
            place = above(place);
        }
        return place;
    }

    /** The rest of an offer, which can't fail. */
    void insert(T item, int place) {
        Entry<T> entry = new Entry<>(item, arrived++);
        int hole = heap.size();
        heap.add(entry);
        for (; hole != place; hole = above(hole)) {
            heap.set(hole, heap.get(above(hole)));
        }
        heap.set(place, entry);
    }

    @Override
    public boolean offer(T item) {
        insert(item, placeOf(item));
        return true;
    }

    @Override
    public @Nullable T poll() {
        if (heap.isEmpty()) {
            return null;
        }
        Entry<T> moved = heap.getLast();
        int place = placeFromTop(moved, heap.size() - 1);
        heap.removeLast();
        if (heap.isEmpty()) {
            return moved.item();
        }
        for (int i = place; i > 0; i = above(i)) {
            moved = heap.set(i, moved);
        }
        return heap.set(0, moved).item();
    }

    /** Without comparing, as polling until nothing is left would. */
    @Override
    public void clear() {
        heap.clear();
    }

    /** Where the last of the entries goes when it moves to the top of the others and sinks. */
    private int placeFromTop(Entry<T> entry, int size) {
        int place = 0;
        for (int below = 1; below < size; below = 2 * place + 1) {
            int other = below + 1;
            if (other < size && order.compare(heap.get(other), heap.get(below)) < 0) {
                below = other;
            }
            if (order.compare(entry, heap.get(below)) <= 0) {
                break;
            }
            place = below;
        }
        return place;
    }

    private static int above(int place) {
        return (place - 1) >>> 1;
    }

    @Override
    public @Nullable T peek() {
        return heap.isEmpty() ? null : heap.getFirst().item();
    }

    @Override
    public Iterator<T> iterator() {
        Iterator<Entry<T>> entries = heap.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public T next() {
                return entries.next().item();
            }
        };
    }

    @Override
    public int size() {
        return heap.size();
    }
}
