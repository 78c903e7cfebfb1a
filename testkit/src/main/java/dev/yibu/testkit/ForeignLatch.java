package dev.yibu.testkit;

import dev.yibu.lowlevel.Strand;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

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
    private final CountDownLatch released = new CountDownLatch(1);

    /**
     * A latch that is closed.
     *
     * @param name what it stands for; in traces and reports
     */
    public ForeignLatch(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * Blocks, without looking at the state of any scope.
     *
     * @throws InterruptedException if the thread is interrupted, before or meanwhile; its flag is cleared
     */
    public void await() throws InterruptedException {
        World world = World.current();
        if (world == null) {
            released.await();
            return;
        }
        world.awaitLatch(Objects.requireNonNull(Strand.current()), this);
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
