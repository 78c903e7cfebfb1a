package dev.yibu.lowlevel;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A driver in which nothing happens by itself: the test moves the clock, fires timers and lets interrupters run. */
final class ManualDriver implements Driver {
    private record Entry(Timer timer, long deadlineNanos) {}

    private final Deque<Runnable> interrupters = new ArrayDeque<>();
    private final List<Entry> timers = new ArrayList<>();
    private volatile long now;
    private long ids;

    // ---------------------------------------------------------------- for the test

    void advanceTo(long nanos) {
        now = nanos;
    }

    /** Expires what is due now, the earliest deadline first. */
    void fireDue() {
        takeDue().forEach(Timer::fire);
    }

    private synchronized List<Timer> takeDue() {
        List<Entry> due = new ArrayList<>(
                timers.stream().filter(e -> e.deadlineNanos - now <= 0).toList());
        timers.removeAll(due);
        due.sort(Comparator.comparingLong(Entry::deadlineNanos));
        return due.stream().map(Entry::timer).toList();
    }

    /** Expires the timer that was scheduled last, and no other. */
    void fireLast() {
        Timer last;
        synchronized (this) {
            last = timers.removeLast().timer();
        }
        last.fire();
    }

    synchronized List<Timer> timers() {
        return timers.stream().map(Entry::timer).toList();
    }

    synchronized int interruptersAsked() {
        return interrupters.size();
    }

    /** Runs the oldest interrupter, or abort hook, that was asked for; on a thread of its own, to its end. */
    void runInterrupter() {
        Runnable work;
        synchronized (this) {
            work = interrupters.remove();
        }
        Threads.runToEnd(work);
    }

    // ---------------------------------------------------------------- for strands

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanoTime());
    }

    @Override
    public RandomGenerator random() {
        return RandomGenerator.of("L64X128MixRandom");
    }

    @Override
    public synchronized long nextId() {
        return ++ids;
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        Thread.startVirtualThread(body);
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
    public void yield(Strand strand) {
        Thread.yield();
    }

    @Override
    public synchronized void schedule(Timer timer, long deadlineNanos) {
        timers.add(new Entry(timer, deadlineNanos));
    }

    @Override
    public synchronized boolean cancel(Timer timer) {
        return timers.removeIf(e -> e.timer == timer);
    }

    @Override
    public void watch(Timer timer, long deadlineNanos) {}

    @Override
    public synchronized int pendingTimers() {
        return timers.size();
    }

    @Override
    public synchronized void interrupt(Runnable work) {
        interrupters.add(work);
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
