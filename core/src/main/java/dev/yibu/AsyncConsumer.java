package dev.yibu;

import org.jspecify.annotations.Nullable;

/**
 * An action on an argument that may wait. The void twin of {@link AsyncFunction}.
 *
 * @param <A> what it takes
 * @param <X> the checked exception that it may throw
 */
@FunctionalInterface
public interface AsyncConsumer<A extends @Nullable Object, X extends Throwable> {
    /**
     * Acts on the calling thread. May wait.
     *
     * @param argument the argument
     * @throws X as the action declares
     */
    void accept(A argument) throws X;
}
