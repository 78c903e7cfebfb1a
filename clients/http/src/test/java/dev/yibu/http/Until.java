package dev.yibu.http;

import static org.assertj.core.api.Assertions.fail;

import java.util.function.BooleanSupplier;

/** Waits for a state that another thread brings about. */
final class Until {
    private Until() {}

    static void isTrue(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20_000_000_000L) {
                fail("still not so after 20 s: " + what);
            }
            Thread.onSpinWait();
            Thread.yield();
        }
    }
}
