package dev.yibu.lowlevel;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Waits for what must happen sooner or later. The limit only ends a test that hangs; it decides nothing else. It is
 * never interrupted, so it can stand for code that computes.
 */
public final class Eventually {
    private static final long LIMIT_NANOS = 30_000_000_000L;

    private Eventually() {}

    public static void isTrue(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        for (int spins = 1; !condition.getAsBoolean(); spins++) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("it never happened that " + what);
            }
            if (spins % 64 == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Computes until the calling thread's interrupt flag is set, and leaves it set. */
    public static void isInterrupted() {
        isTrue("this thread is interrupted", () -> Thread.currentThread().isInterrupted());
    }

    /** Waits until a thread has stopped running: it sleeps, takes from an empty queue, reads from a silent socket. */
    public static void blocks(Thread thread) {
        isTrue(thread + " blocks", () -> switch (thread.getState()) {
            case WAITING, TIMED_WAITING, BLOCKED -> true;
            default -> false;
        });
    }

    /** Waits until a strand waits at the waist. */
    public static void waits(Strand strand) {
        isTrue(strand + " waits", () -> {
            Thread thread = strand.thread();
            return thread != null && strand.waitingFor() != null && thread.getState() == Thread.State.WAITING;
        });
    }

    /** Waits until a method is on the stack of a thread: for native calls, which count as running. */
    public static void isIn(Thread thread, String className, String methodName) {
        isTrue(
                thread + " is in " + className + '.' + methodName,
                () -> Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(className)
                                && frame.getMethodName().equals(methodName)));
    }
}
