package dev.yibu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The number of tasks that a group waits for, and one for its owner until it joins; zero is for ever.
 *
 * <p>Every task that ends writes it, while the owner still reads the fields around it to start the next one. So it has a
 * cache line of its own, in the middle of an array that is otherwise empty.
 */
final class Countdown {
    private static final int LENGTH = 32;
    private static final int MIDDLE = LENGTH / 2;
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] line = new int[LENGTH];

    Countdown(int initial) {
        line[MIDDLE] = initial;
    }

    int get() {
        return (int) COUNT.getVolatile(line, MIDDLE);
    }

    /** Adds to a count that is not zero; returns whether it was not. */
    boolean addUnlessZero(int delta) {
        for (int now = get(); now != 0; now = get()) {
            if (COUNT.compareAndSet(line, MIDDLE, now, now + delta)) {
                return true;
            }
        }
        return false;
    }

    boolean compareAndSet(int expected, int updated) {
        return COUNT.compareAndSet(line, MIDDLE, expected, updated);
    }

    /** Returns what is left. */
    int subtract(int delta) {
        return (int) COUNT.getAndAdd(line, MIDDLE, -delta) - delta;
    }
}
