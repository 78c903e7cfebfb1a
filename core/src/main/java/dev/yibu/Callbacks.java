package dev.yibu;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Whom to call when a task has ended, in the order of registration. One of many is taken out at the price of one of few. */
final class Callbacks {

    /** To be called once, by the task when it ends or by whoever registers it too late. */
    static final class Callback {
        private final Consumer<Outcome<?>> consumer;
        private final AtomicBoolean called = new AtomicBoolean();

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

    /** In the order of registration, whatever their hashes are. Guarded by the lock. */
    private final Set<Callback> registered = new LinkedHashSet<>();

    void add(Callback callback) {
        lock.lock();
        try {
            registered.add(callback);
        } finally {
            lock.unlock();
        }
    }

    /** Takes one out if it is in here. */
    void remove(Callback callback) {
        lock.lock();
        try {
            registered.remove(callback);
        } finally {
            lock.unlock();
        }
    }

    /** Takes all out, the oldest first. */
    List<Callback> takeAll() {
        lock.lock();
        try {
            List<Callback> all = List.copyOf(registered);
            registered.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
