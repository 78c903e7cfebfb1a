package dev.yibu.sync;

import org.jspecify.annotations.Nullable;

/** Waiters in the order of their arrival. Guarded by the locks of the exchange that they wait at; one of them is enough to
 * ask whether it is empty. */
final class Line<T> {
    private final Exchange<T> exchange;
    private @Nullable Waiter<T> first;
    private @Nullable Waiter<T> last;
    private int size;

    Line(Exchange<T> exchange) {
        this.exchange = exchange;
    }

    void add(Waiter<T> waiter) {
        waiter.queued = true;
        waiter.previous = last;
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
        size++;
    }

    /** Takes out waiters until one of them can be claimed with {@code outcome}; null if there is none. */
    @Nullable
    Waiter<T> claimFirst(Object outcome) {
        for (Waiter<T> waiter = first; waiter != null; waiter = first) {
            unlink(waiter);
            if (waiter.claim(outcome)) {
                return waiter;
            }
        }
        return null;
    }

    /** The waiter that has come first; its wait may be over. */
    @Nullable
    Waiter<T> first() {
        return first;
    }

    /** Takes out {@link #first()}; returns whether it could be claimed. */
    boolean claimFirst(Waiter<T> waiter, Object outcome) {
        unlink(waiter);
        return waiter.claim(outcome);
    }

    /** Takes a waiter out if it is still in here. Takes the locks by itself. */
    void remove(Waiter<T> waiter) {
        exchange.lock();
        try {
            if (waiter.queued) {
                unlink(waiter);
            }
        } finally {
            exchange.unlock();
        }
    }

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    private void unlink(Waiter<T> waiter) {
        Waiter<T> before = waiter.previous;
        Waiter<T> after = waiter.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        waiter.queued = false;
        waiter.previous = null;
        waiter.next = null;
        size--;
    }
}
