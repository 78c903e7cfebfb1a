package dev.yibu.testkit;

import org.jspecify.annotations.Nullable;

/**
 * Called by instrumented classes, and by nobody else: see {@link Explore#everyAccessOf()}. Public, since they are in other
 * packages.
 */
public final class Access {
    /** Asking for the strand would be an access in itself. */
    private static final ThreadLocal<@Nullable World> WORLD = new ThreadLocal<>();

    private static final boolean INSTRUMENTED =
            InstrumentingLoader.NAME.equals(Access.class.getClassLoader().getName());

    private Access() {}

    /** From here on the calling thread is a part of a world, or of none. */
    static void isIn(@Nullable World world) {
        if (INSTRUMENTED) {
            WORLD.set(world);
        }
    }

    /** The calling thread is about to access something that others may access, too. */
    public static void point() {
        World world = WORLD.get();
        if (world != null) {
            world.access(false);
        }
    }

    /** The calling thread waits for others, and asks again and again. */
    public static void spin() {
        World world = WORLD.get();
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
        World world = WORLD.get();
        if (world != null) {
            world.countLocks(change);
        }
    }
}
