package dev.yibu.sql;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets in so many at a time, first come, first served. Who leaves may hand something to the one who comes in next: it is
 * taken by somebody who is in then, or not handed over at all.
 *
 * @param <T> what is handed over
 */
final class Turnstile<T> {
    private final ReentrantLock lock = new ReentrantLock();

    /** Empty while places are free; that one queues and that a place is free is decided under the lock. */
    private final WaitQueue<Optional<T>> waiters = new WaitQueue<>();

    private final String name;

    /** Written under the lock. */
    private int free;

    Turnstile(int places, String name) {
        this.free = places;
        this.name = name;
    }

    /** Goes in if nobody has to leave before. No checkpoint. */
    boolean tryEnter() {
        lock.lock();
        try {
            if (free == 0) {
                return false;
            }
            free--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes in, and waits for that in turn. The caller is a strand.
     *
     * @return what was handed over; empty if nothing was
     * @throws Cancelled if the caller is cancelled while it waits: it is not in, and nothing was handed to it
     */
    Optional<T> enter() {
        Suspension<Optional<T>> suspension = new Suspension<>(Objects.requireNonNull(Strand.current()), this);
        lock.lock();
        try {
            if (free > 0) {
                free--;
                return Optional.empty();
            }
            waiters.add(suspension);
        } finally {
            lock.unlock();
        }
        return suspension.await(() -> waiters.remove(suspension) ? Abort.ABORTED : Abort.TOO_LATE); // one is on its way
    }

    /** Leaves; the next may come in, and finds nothing. Never waits. */
    void leave() {
        Suspension<Optional<T>> next;
        lock.lock();
        try {
            next = waiters.poll();
            if (next == null) {
                free++;
                return;
            }
        } finally {
            lock.unlock();
        }
        next.resume(Optional.empty());
    }

    /** Leaves if there is a next one, who gets {@code thing}. Never waits. Returns whether there was. */
    boolean leave(T thing) {
        Suspension<Optional<T>> next = waiters.poll();
        if (next == null) {
            return false;
        }
        next.resume(Optional.of(thing)); // who has been taken from the queue does not go away
        return true;
    }

    int waiting() {
        return waiters.size();
    }

    @Override
    public String toString() {
        return name;
    }
}
