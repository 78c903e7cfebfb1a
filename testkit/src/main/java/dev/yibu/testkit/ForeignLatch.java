package dev.yibu.testkit;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for foreign code that blocks, such as a socket's read: {@link #await()} blocks outside of Yibu until somebody
 * {@linkplain #release releases} it or the thread is interrupted. In a simulated world it is part of the schedule, and the
 * clock goes on while somebody blocks in it, so that a test can see what a timeout does to a call that hangs.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=foreign-latch}
 *
 * <p><b>Thread-safety.</b> Any thread may release it. Outside of a simulation it is a plain latch.
 */
public final class ForeignLatch {
    private final String name;
    private final @Nullable Duration time;
    private final CountDownLatch released = new CountDownLatch(1);

    /**
     * A latch that is closed.
     *
     * @param name what it stands for; in traces and reports
     */
    public ForeignLatch(String name) {
        this(name, null);
    }

    private ForeignLatch(String name, @Nullable Duration time) {
        this.name = Objects.requireNonNull(name, "name");
        this.time = time;
    }

    /**
     * A latch that opens by itself: stands in for a call that takes its time.
     *
     * @param name what it stands for; in traces and reports
     * @param time how long after somebody has begun to block in it
     * @return the latch
     * @throws IllegalArgumentException if the time is negative
     */
    public static ForeignLatch opensAfter(String name, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("the time is negative: " + time);
        }
        return new ForeignLatch(name, time);
    }

    /**
     * Blocks, without looking at the state of any scope.
     *
     * @throws InterruptedException if the thread is interrupted, before or meanwhile; its flag is cleared
     */
    public void await() throws InterruptedException {
        World world = World.current();
        if (world == null) {
            if (time == null) {
                released.await();
            } else if (!released.await(Deadlines.saturatedNanos(time), TimeUnit.NANOSECONDS)) {
                released.countDown();
            }
            return;
        }
        Strand strand = Objects.requireNonNull(Strand.current());
        if (time == null || isReleased()) {
            world.awaitLatch(strand, this);
        } else {
            Timer opening = new Timer() {
                @Override
                protected void expire() {
                    released.countDown();
                    world.wakeLatched();
                }

                @Override
                public String toString() {
                    return "the end of " + name;
                }
            };
            world.schedule(opening, Deadlines.after(world.nanoTime(), Deadlines.saturatedNanos(time)));
            try {
                world.awaitLatch(strand, this);
            } finally {
                world.cancel(opening);
            }
        }
        if (Thread.interrupted()) {
            throw new InterruptedException(name + " was interrupted");
        }
    }

    /** Lets everybody go on who blocks in {@link #await()}, now and later. */
    public void release() {
        released.countDown();
        World world = World.current();
        if (world != null) {
            world.wakeLatched();
        }
    }

    /**
     * Whether it is open.
     *
     * @return whether somebody has released it
     */
    public boolean isReleased() {
        return released.getCount() == 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
