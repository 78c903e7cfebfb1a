package dev.yibu;

/**
 * Work that has not started yet and that yields nothing. The void twin of {@link Coroutine}.
 *
 * @param <X> the checked exception that it may throw
 */
@FunctionalInterface
public interface Action<X extends Throwable> {
    /**
     * Does the work on the calling thread. May wait.
     *
     * @throws X as the work declares
     */
    void run() throws X;
}
