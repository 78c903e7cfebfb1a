package dev.yibu.stream;

import dev.yibu.Cancelled;
import org.jspecify.annotations.Nullable;

/**
 * Where the {@link Producer} of a generator leaves its items. Compare {@code yield} in Python's generators.
 *
 * @param <T> the items
 */
@FunctionalInterface
public interface Emitter<T extends @Nullable Object> {
    /**
     * Hands an item to the consumer: waits while the buffer is full, and, if there is no buffer, until the next item is
     * asked for. A checkpoint.
     *
     * <p>The producer may let several tasks emit at the same time; items come in the order in which their {@code emit}
     * got room.
     *
     * @param item the item
     * @throws Cancelled if the iteration was closed, or the caller is cancelled: the item was not emitted, or, if there
     *     is no buffer, perhaps emitted but not followed
     * @throws IllegalStateException if the producer has ended
     */
    void emit(T item);
}
