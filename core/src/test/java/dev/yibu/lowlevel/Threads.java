package dev.yibu.lowlevel;

import java.util.concurrent.atomic.AtomicReference;

/** Other threads, for tests that need one. */
final class Threads {
    private Threads() {}

    /** Runs an action on a thread of its own and waits for it, whatever the calling thread's interrupt flag says. */
    static void runToEnd(Runnable action) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                failure.set(e);
            }
        });
        Eventually.isTrue("the other thread ends", () -> !thread.isAlive());
        if (failure.get() != null) {
            throw new AssertionError("the other thread failed", failure.get());
        }
    }

    /** Computes for a while that nothing measures. */
    static void spin(int rounds) {
        for (int i = 0; i < rounds; i++) {
            Thread.onSpinWait();
        }
    }
}
