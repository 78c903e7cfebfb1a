package dev.yibu.lowlevel;

import java.util.Objects;

/*
 * If the other party runs on another processor and is about to come, a few spins are over sooner than a park and an unpark,
 * which cost a microsecond or more. If it can run only when this thread makes way, each spin is lost: with one processor, or
 * when others have the second one. Nobody tells which it is, so it is learned, and tried again now and then: the more often
 * that was in vain, the more seldom.
 *
 * Spinning ends at about what parking costs, so a wait that has spun once costs at worst twice what the better choice would
 * have (A. Karlin, K. Li, M. Manasse, S. Owicki, "Empirical studies of competitive spinning", SOSP 1991).
 */

/**
 * How long it pays to spin before a wait, learned from the waits before at the same thing. What it knows is a guess, so its
 * fields are read and written without any order. Any thread may use it.
 */
public final class Patience {
    private static final int MOST = 128;
    private static final int LEAST = 4;

    // So many waits without patience come before the next try.
    private static final int SHORTEST = 16;
    private static final int LONGEST = 512;

    /** Something that another thread brings about. */
    public interface Awaited {
        /**
         * Whether it has not come yet. Any thread.
         *
         * @return false once it has come, and then for ever
         */
        boolean isPending();
    }

    private int spins = MOST;
    private int pause = SHORTEST;
    private int rest;

    /** One that has not learned anything. */
    public Patience() {}

    /**
     * Spins while something is pending, for what a park and an unpark take at most, and learns from it. The wait follows in
     * any case.
     *
     * @param awaited what the caller is about to await
     */
    public void spin(Awaited awaited) {
        Objects.requireNonNull(awaited, "awaited");
        int most = spins();
        if (most > 0) {
            spin(awaited, most);
            learn(most, !awaited.isPending());
        }
    }

    /**
     * The first of the three parts of {@link #spin(Awaited)}, for those who need not begin if there is no patience. To be
     * asked once for each wait.
     *
     * @return how many spins the next wait is worth, at least 0
     */
    public int spins() {
        int known = spins;
        if (known >= LEAST) {
            return known;
        }
        return --rest > 0 ? 0 : MOST;
    }

    /**
     * The second part: spins while something is pending.
     *
     * @param awaited what the caller is about to await
     * @param most how often
     */
    public static void spin(Awaited awaited, int most) {
        Objects.requireNonNull(awaited, "awaited");
        for (int i = 0; i < most && awaited.isPending(); i++) {
            Thread.onSpinWait();
        }
    }

    /**
     * The third part: learns from a spin.
     *
     * @param most what {@link #spins()} had answered, at least 1
     * @param paid whether what was awaited had come when the spin was over
     */
    public void learn(int most, boolean paid) {
        if (paid) {
            remember(Math.min(MOST, 2 * most));
        } else if (spins < LEAST) {
            rest = pause = Math.min(LONGEST, 2 * pause);
        } else {
            remember(most / 2);
            rest = pause = SHORTEST;
        }
    }

    private void remember(int known) {
        if (known != spins) { // others read it all the time
            spins = known;
        }
    }
}
