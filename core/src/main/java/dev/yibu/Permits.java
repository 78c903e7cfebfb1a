package dev.yibu;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A fair counting gate for the library's own use: first come, first served, by direct hand-off. */
final class Permits {
    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue<@Nullable Void> waiters = new WaitQueue<>();
    private final String label;
    private int available;

    Permits(int available, String label) {
        this.available = available;
        this.label = label;
    }

    /** A checkpoint; a cancelled waiter has taken nothing. */
    void acquire(Strand strand) {
        strand.checkpoint();
        Suspension<@Nullable Void> suspension;
        lock.lock();
        try {
            if (available > 0) { // nobody queues while there is one
                available--;
                return;
            }
            suspension = new Suspension<>(strand, label);
            waiters.add(suspension);
        } finally {
            lock.unlock();
        }
        waiters.await(suspension);
    }

    void release() {
        Suspension<@Nullable Void> next;
        do {
            lock.lock();
            try {
                next = waiters.poll();
                if (next == null) {
                    available++;
                    return;
                }
            } finally {
                lock.unlock();
            }
        } while (!next.resume(null)); // one that was cancelled meanwhile takes nothing
    }
}
