package dev.yibu.testkit;

import dev.yibu.Coroutine;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that fails a given number of times and then succeeds: for tests of retries and of error handling.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=flaky}
 *
 * <p><b>Thread-safety.</b> Any number of tasks may run it; each run counts.
 *
 * @param <T> what it yields
 * @param <X> what it throws
 */
public final class Flaky<T extends @Nullable Object, X extends Exception> implements Coroutine<T, X> {
    private final int failures;
    private final Supplier<? extends X> failure;
    private final Coroutine<? extends T, ? extends X> success;
    private final AtomicInteger runs = new AtomicInteger();

    private Flaky(int failures, Supplier<? extends X> failure, Coroutine<? extends T, ? extends X> success) {
        this.failures = failures;
        this.failure = failure;
        this.success = success;
    }

    /**
     * A coroutine that fails some times, then does something.
     *
     * @param failures how often it fails, zero or more
     * @param failure makes the exception of each failure
     * @param success what it does from then on
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the coroutine
     * @throws IllegalArgumentException if {@code failures} is negative
     */
    public static <T extends @Nullable Object, X extends Exception> Flaky<T, X> failing(
            int failures, Supplier<? extends X> failure, Coroutine<? extends T, ? extends X> success) {
        if (failures < 0) {
            throw new IllegalArgumentException("the number of failures is " + failures + "; it has to be 0 or more");
        }
        return new Flaky<>(
                failures, Objects.requireNonNull(failure, "failure"), Objects.requireNonNull(success, "success"));
    }

    /**
     * How often it was run.
     *
     * @return the number of runs so far
     */
    public int runs() {
        return runs.get();
    }

    @Override
    public T run() throws X {
        if (runs.incrementAndGet() <= failures) {
            throw failure.get();
        }
        return success.run();
    }
}
