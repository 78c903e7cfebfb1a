package dev.yibu;

/**
 * Work that has not started yet and that yields a value: what a call of an {@code async def} function is in Python. In
 * Java it is a lambda, and to await it is to call it: {@code () -> http.get(url).text()}.
 *
 * @param <T> what it yields
 * @param <X> the checked exception that it may throw; inferred as none where nothing checked is thrown
 */
@FunctionalInterface
public interface Coroutine<T extends @org.jspecify.annotations.Nullable Object, X extends Throwable> {
    /**
     * Does the work on the calling thread. May wait.
     *
     * @return the value
     * @throws X as the work declares
     */
    T run() throws X;
}
