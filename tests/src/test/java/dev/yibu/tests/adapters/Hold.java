package dev.yibu.tests.adapters;

import dev.yibu.tests.servers.Connection;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The place in a peer's script where exchanges stay in a phase until the test lets them go on. */
final class Hold {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final Phase phase;
    private final String name;
    private final AtomicInteger reached = new AtomicInteger();
    private final AtomicInteger gone = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);

    Hold(Phase phase) {
        this.phase = phase;
        this.name = phase.name() + '-' + NUMBERS.incrementAndGet();
    }

    Phase phase() {
        return phase;
    }

    /** What a question of this hold is marked with. */
    String name() {
        return name;
    }

    int reached() {
        return reached.get();
    }

    int gone() {
        return gone.get();
    }

    void release() {
        released.countDown();
    }

    /** Called by the script, where it can't look whether its peer is still there. */
    void pass() throws InterruptedException {
        reached.incrementAndGet();
        released.await();
    }

    /** Called by the script, while its peer has nothing to send: what comes is its end. */
    void passWhileConnected(Connection connection) throws IOException {
        reached.incrementAndGet();
        if (connection.endsWhile(() -> released.getCount() > 0)) {
            gone.incrementAndGet();
            throw new EOFException();
        }
    }
}
