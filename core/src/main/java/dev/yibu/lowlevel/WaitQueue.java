package dev.yibu.lowlevel;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Strands that wait for the same thing, in the order of their arrival. Compare {@code trio.lowlevel.ParkingLot}. A
 * strand whose wait is cancelled leaves in constant time.
 *
 * <p><b>Thread-safety.</b> Any thread may call any method. The lock is never held while anything waits.
 *
 * @param <T> what a wait yields
 */
public final class WaitQueue<T extends @Nullable Object> {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Suspension<?> first;
    private @Nullable Suspension<?> last;
    private int size;

    /** An empty queue. */
    public WaitQueue() {}

    /**
     * Adds a suspension at the end. It does not wait yet: check once more what it is about to wait for, then call {@link
     * #await}.
     *
     * @param suspension a suspension that stands in no queue
     */
    public void add(Suspension<T> suspension) {
        Objects.requireNonNull(suspension, "suspension");
        lock.lock();
        try {
            if (suspension.queue != null) {
                throw new IllegalStateException("the suspension stands in a queue already");
            }
            suspension.queue = this;
            suspension.previous = last;
            if (last == null) {
                first = suspension;
            } else {
                last.next = suspension;
            }
            last = suspension;
            size++;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for one of the {@code resume} methods. If the wait is cancelled, the suspension has left the queue.
     *
     * @param suspension a suspension that was {@linkplain #add added}
     * @return what it was resumed with
     */
    public T await(Suspension<T> suspension) {
        Objects.requireNonNull(suspension, "suspension");
        return suspension.await(() -> {
            remove(suspension);
            return Suspension.Abort.ABORTED;
        });
    }

    /**
     * Takes a suspension out.
     *
     * @param suspension any suspension
     * @return whether it stood in this queue
     */
    public boolean remove(Suspension<T> suspension) {
        Objects.requireNonNull(suspension, "suspension");
        lock.lock();
        try {
            if (suspension.queue != this) {
                return false;
            }
            unlink(suspension);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Resumes the strand that has waited longest.
     *
     * @param value what its wait yields
     * @return whether somebody took the value; if not, nobody waits
     */
    public boolean resumeFirst(T value) {
        for (Suspension<T> suspension = poll(); suspension != null; suspension = poll()) {
            if (suspension.resume(value)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Resumes everybody who waits.
     *
     * @param value what their waits yield
     * @return how many there were
     */
    public int resumeAll(T value) {
        int resumed = 0;
        while (resumeFirst(value)) {
            resumed++;
        }
        return resumed;
    }

    /**
     * How many suspensions stand in the queue.
     *
     * @return the number at some moment
     */
    public int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes out the suspension that has waited longest, without resuming it.
     *
     * @return the suspension, or null if the queue is empty
     */
    @SuppressWarnings("unchecked") // add() lets in nothing else
    public @Nullable Suspension<T> poll() {
        lock.lock();
        try {
            Suspension<?> suspension = first;
            if (suspension != null) {
                unlink(suspension);
            }
            return (Suspension<T>) suspension;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes out all suspensions, without resuming them.
     *
     * @return the suspensions, in the order of their arrival
     */
    @SuppressWarnings("unchecked") // add() lets in nothing else
    public List<Suspension<T>> pollAll() {
        lock.lock();
        try {
            List<Suspension<T>> all = new ArrayList<>(size);
            for (Suspension<?> suspension = first; suspension != null; suspension = first) {
                unlink(suspension);
                all.add((Suspension<T>) suspension);
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The strands that wait, the longest first. For reports and for the search of deadlocks.
     *
     * @return a snapshot
     */
    public List<Strand> strands() {
        lock.lock();
        try {
            List<Strand> strands = new ArrayList<>(size);
            for (Suspension<?> s = first; s != null; s = s.next) {
                strands.add(s.strand());
            }
            return strands;
        } finally {
            lock.unlock();
        }
    }

    private void unlink(Suspension<?> suspension) {
        Suspension<?> previous = suspension.previous;
        Suspension<?> next = suspension.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        suspension.queue = null;
        suspension.previous = null;
        suspension.next = null;
        size--;
    }
}
