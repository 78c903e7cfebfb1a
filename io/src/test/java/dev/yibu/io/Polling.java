package dev.yibu.io;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits of tests for a state, without sleeping; what does not come within {@link #LIMIT} fails the test. */
final class Polling {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private Polling() {}

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(100_000);
        }
    }
}
