package dev.yibu;

import org.jspecify.annotations.Nullable;

/**
 * A function that may wait.
 *
 * @param <A> what it takes
 * @param <T> what it yields
 * @param <X> the checked exception that it may throw
 */
@FunctionalInterface
public interface AsyncFunction<A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> {
    /**
     * Applies the function on the calling thread. May wait.
     *
     * @param argument the argument
     * @return the value
     * @throws X as the function declares
     */
    T apply(A argument) throws X;
}
