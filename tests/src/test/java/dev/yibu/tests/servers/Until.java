package dev.yibu.tests.servers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a state that must come sooner or later; the limit only ends a test that hangs. */
public final class Until {
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private static final long PAUSE_NANOS = 200_000;

    private Until() {}

    public static void isTrue(String what, Callable<Boolean> condition) {
        isTrue(what, LIMIT, condition);
    }

    public static void isTrue(String what, Duration limit, Callable<Boolean> condition) {
        long start = System.nanoTime();
        while (!holds(condition)) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
