package dev.yibu.sync;

import java.util.AbstractQueue;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The least item first; of equal ones the one that came first. */
final class StablePriorityQueue<T> extends AbstractQueue<T> {
    private record Entry<T>(T item, long number) {}

    private final PriorityQueue<Entry<T>> heap;
    private long arrived;

    StablePriorityQueue(Comparator<? super T> order) {
        Objects.requireNonNull(order, "order");
        heap = new PriorityQueue<>(
                Comparator.<Entry<T>, T>comparing(Entry::item, order).thenComparingLong(Entry::number));
    }

    @Override
    public boolean offer(T item) {
        return heap.offer(new Entry<>(item, arrived++));
    }

    @Override
    public @Nullable T poll() {
        Entry<T> least = heap.poll();
        return least == null ? null : least.item();
    }

    @Override
    public @Nullable T peek() {
        Entry<T> least = heap.peek();
        return least == null ? null : least.item();
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
