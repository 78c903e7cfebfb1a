package dev.yibu.stream;

import org.jspecify.annotations.Nullable;

/**
 * The body of a generator: what a function with {@code yield} is in Python. Runs in a task of its own.
 *
 * @param <T> the items
 * @param <X> the checked exception that it may throw
 */
@FunctionalInterface
public interface Producer<T extends @Nullable Object, X extends Throwable> {
    /**
     * Produces all items, and returns when there are no more.
     *
     * @param out receives the items
     * @throws X as the producer declares; the consumer gets it after the items emitted before
     */
    void run(Emitter<T> out) throws X;
}
