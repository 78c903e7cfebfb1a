package dev.yibu.lowlevel;

import java.util.Objects;

/*
 * If the other party runs on another processor and is about to come, a few spins are over sooner than a park and an unpark,
 * which cost a microsecond or more. If it can run only when this thread makes way, each spin is lost: with one processor, or
 * when others have the second one. Nobody tells which it is, so it is learned, and tried again now and then.
 */

/**
 * How long it pays to spin before a wait, learned from the waits before at the same thing. What it knows is a guess, so its
 * fields are read and written without any order. Any thread may use it.
 */
public final class Patience {
    private static final int MOST = 20;
    private static final int LEAST = 4;

    /** Of the waits without patience, one in so many tries again. */
    private static final int RETRY = 32;

    private int spins = MOST;
    private int waits;

    /** One that has not learned anything. */
    public Patience() {}

    /**
     * Spins while a wait is pending, a few hundred nanoseconds at most. {@link Suspension#await} follows in any case.
     *
     * @param wait what the calling strand is about to await
     */
    public void spin(Suspension<?> wait) {
        Objects.requireNonNull(wait, "wait");
        int limit = spins;
        if (limit < LEAST) {
            if (++waits % RETRY != 0) {
                return;
            }
            limit = MOST;
        }
        for (int i = 0; i < limit && wait.isPending(); i++) {
            Thread.onSpinWait();
        }
        int learned = wait.isPending() ? limit / 4 : Math.min(MOST, 2 * limit);
        if (learned != spins) {
            spins = learned;
        }
    }
}
