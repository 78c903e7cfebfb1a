package dev.yibu.tests.servers;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A place in a server's script where it tells that it has arrived, and then waits until the test lets it go on. */
public final class Gate {
    private final Semaphore arrivals = new Semaphore(0);
    private final CountDownLatch open = new CountDownLatch(1);

    /** Called by the script. */
    public void pass() throws InterruptedException {
        arrive();
        open.await();
    }

    /** The first half of {@link #pass}. */
    public void arrive() {
        arrivals.release();
    }

    /** Waits for one more arrival. */
    public void awaitArrival() throws InterruptedException {
        if (!arrivals.tryAcquire(Until.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("nobody came to the gate within " + Until.LIMIT);
        }
    }

    /** Whether somebody came for whom nobody has waited yet, and no longer counts him. */
    public boolean takeArrival() {
        return arrivals.tryAcquire();
    }

    /** From now on nobody is held. */
    public void open() {
        open.countDown();
    }
}
