package dev.yibu.lowlevel;

import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The real driver, for tests that change a part of it. */
public abstract class ForwardingDriver implements Driver {
    private final Driver real = Driver.real();

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
    public void start(Strand strand, Runnable body, @Nullable String name) {
        real.start(strand, body, name);
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
