package dev.yibu.testkit;

/**
 * Called by instrumented classes, and by nobody else: see {@link Explore#everyAccessOf()}. Public, since they are in other
 * packages.
 */
public final class Access {
    private Access() {}

    /** The calling thread is about to access something that others may access, too. */
    public static void point() {
        World world = World.current();
        if (world != null) {
            world.access(false);
        }
    }

    /** The calling thread waits for others, and asks again and again. */
    public static void spin() {
        World world = World.current();
        if (world != null) {
            world.access(true);
        } else {
            Thread.onSpinWait();
        }
    }

    /** The calling thread has taken a lock. */
    public static void locked() {
        count(1);
    }

    /**
     * The calling thread has tried to take a lock.
     *
     * @param successful whether it has it now
     */
    public static void tried(boolean successful) {
        if (successful) {
            count(1);
        }
    }

    /** The calling thread has released a lock. */
    public static void unlocked() {
        count(-1);
    }

    private static void count(int change) {
        World world = World.current();
        if (world != null) {
            world.countLocks(change);
        }
    }
}
