package dev.yibu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whom to call when a task has ended, in the order of registration. One of many is taken out at the price of one of few. */
final class Callbacks {

    /** To be called once, by the task when it ends or by whoever registers it too late. */
    static final class Callback {
        private final Consumer<Outcome<?>> consumer;
        private final AtomicBoolean called = new AtomicBoolean();

        // Guarded by the lock of the callbacks that it is one of.
        private boolean linked;
        private @Nullable Callback previous;
        private @Nullable Callback next;

        Callback(Consumer<Outcome<?>> consumer) {
            this.consumer = consumer;
        }

        void callOnce(Outcome<?> outcome) {
            if (called.compareAndSet(false, true)) {
                consumer.accept(outcome);
            }
        }

        /** From here on it is not called any more. */
        void cancel() {
            called.set(true);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private @Nullable Callback first;
    private @Nullable Callback last;

    void add(Callback callback) {
        lock.lock();
        try {
            callback.linked = true;
            callback.previous = last;
            if (last == null) {
                first = callback;
            } else {
                last.next = callback;
            }
            last = callback;
        } finally {
            lock.unlock();
        }
    }

    /** Takes one out if it is in here. */
    void remove(Callback callback) {
        lock.lock();
        try {
            if (callback.linked) {
                unlink(callback);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes all out, the oldest first. */
    List<Callback> takeAll() {
        List<Callback> all = new ArrayList<>();
        lock.lock();
        try {
            for (Callback callback = first; callback != null; callback = first) {
                unlink(callback);
                all.add(callback);
            }
        } finally {
            lock.unlock();
        }
        return all;
    }

    private void unlink(Callback callback) {
        Callback before = callback.previous;
        Callback after = callback.next;
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
        callback.linked = false;
        callback.previous = null;
        callback.next = null;
    }
}
