package dev.yibu;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The real driver, except that the threads of tasks begin only when the test says so, or not at all. */
final class HeldStarts implements Driver {
    private final Driver real = Driver.real();
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /** Thrown by every start, if it is set. */
    volatile @Nullable Error failure;

    <X extends Throwable> void run(Action<? extends X> main) throws X {
        new Strand(this, null, Context.EMPTY).<@Nullable Void, X>runAsRoot(Actions.<X>asCoroutine(main));
    }

    /** Lets all threads that were held begin. */
    void release() {
        for (Runnable start = held.poll(); start != null; start = held.poll()) {
            start.run();
        }
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        Error thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        held.add(() -> real.start(strand, body, name));
    }

    @Override
    public void expect(Strand strand) {
        real.expect(strand);
    }

    @Override
    public void forget(Strand strand) {
        real.forget(strand);
    }

    @Override
    public void enter(Strand strand) {
        real.enter(strand);
    }

    @Override
    public void leave(Strand strand) {
        real.leave(strand);
    }

    @Override
    public void crossing(Strand strand) {
        real.crossing(strand);
    }

    @Override
    public long nanoTime() {
        return real.nanoTime();
    }

    @Override
    public Instant instant() {
        return real.instant();
    }

    @Override
    public RandomGenerator random() {
        return real.random();
    }

    @Override
    public long nextId() {
        return real.nextId();
    }

    @Override
    public void park(Strand strand, Suspension<?> on) {
        real.park(strand, on);
    }

    @Override
    public void unpark(Strand strand) {
        real.unpark(strand);
    }

    @Override
    public void yield(Strand strand) {
        real.yield(strand);
    }

    @Override
    public void schedule(Timer timer, long deadlineNanos) {
        real.schedule(timer, deadlineNanos);
    }

    @Override
    public boolean cancel(Timer timer) {
        return real.cancel(timer);
    }

    @Override
    public void watch(Timer timer, long deadlineNanos) {
        real.watch(timer, deadlineNanos);
    }

    @Override
    public int pendingTimers() {
        return real.pendingTimers();
    }

    @Override
    public void interrupt(Runnable work) {
        real.interrupt(work);
    }

    @Override
    public boolean isInterrupted(Strand strand) {
        return real.isInterrupted(strand);
    }

    @Override
    public void lends(Lender lender) {
        real.lends(lender);
    }

    @Override
    public void enterForeign(Strand strand, String name) {
        real.enterForeign(strand, name);
    }

    @Override
    public void exitForeign(Strand strand) {
        real.exitForeign(strand);
    }
}
