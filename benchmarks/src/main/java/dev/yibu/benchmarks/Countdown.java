package dev.yibu.benchmarks;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Lets the thread that made it wait, with one wake-up, until so many threads have counted down. */
@SuppressWarnings("serial")
final class Countdown extends AtomicInteger {
    private final Thread owner = Thread.currentThread();

    Countdown(int count) {
        super(count);
    }

    void countDown() {
        countDown(1);
    }

    void countDown(int ended) {
        if (getAndAdd(-ended) == ended) {
            LockSupport.unpark(owner);
        }
    }

    void await() {
        while (get() > 0) {
            LockSupport.park(this);
        }
    }
}
