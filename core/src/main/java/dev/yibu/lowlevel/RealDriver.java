package dev.yibu.lowlevel;

import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Virtual threads, system time, one timing wheel. */
final class RealDriver implements Driver {
    static final RealDriver INSTANCE = new RealDriver();

    private final TimerWheel wheel = new TimerWheel();
    private final AtomicLong ids = new AtomicLong();

    private final Interrupters interrupters = new Interrupters();

    private RealDriver() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant instant() {
        return Instant.now();
    }

    @Override
    public RandomGenerator random() {
        return ThreadLocalRandom.current();
    }

    @Override
    public long nextId() {
        return ids.incrementAndGet();
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        if (name == null) {
            Thread.startVirtualThread(body);
        } else {
            Thread.ofVirtual().name(name).start(body);
        }
    }

    @Override
    public void expect(Strand strand) {}

    @Override
    public void forget(Strand strand) {}

    @Override
    public void enter(Strand strand) {}

    @Override
    public void leave(Strand strand) {}

    @Override
    public void crossing(Strand strand) {}

    @Override
    public void park(Strand strand, Suspension<?> on) {
        LockSupport.park(on);
    }

    @Override
    public void unpark(Strand strand) {
        LockSupport.unpark(strand.thread());
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // it is what is asked for
    public void yield(Strand strand) {
        Thread.yield();
    }

    @Override
    public void schedule(Timer timer, long deadlineNanos) {
        wheel.schedule(timer, deadlineNanos);
    }

    @Override
    public boolean cancel(Timer timer) {
        return wheel.cancel(timer);
    }

    @Override
    public void watch(Timer timer, long deadlineNanos) {
        timer.watches = true;
        wheel.schedule(timer, deadlineNanos);
    }

    @Override
    public int pendingTimers() {
        return wheel.pending();
    }

    @Override
    public void interrupt(Runnable work) {
        interrupters.run(work);
    }

    @Override
    public boolean isInterrupted(Strand strand) {
        Thread thread = strand.thread();
        return thread != null && thread.isInterrupted();
    }

    @Override
    public void lends(Lender lender) {}

    @Override
    public void enterForeign(Strand strand, String name) {}

    @Override
    public void exitForeign(Strand strand) {}
}
