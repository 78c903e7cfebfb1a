package dev.yibu.lowlevel;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A root strand on a thread of its own, for tests that look at it, and cancel it, from outside. */
final class RunningStrand<T> {
    /** What a strand runs. */
    interface Body<T> {
        T run(Strand self) throws Throwable;
    }

    static final CancelReason REASON = new CancelReason(Kind.REQUESTED, "a test wants it");

    final Strand strand;
    final Thread thread;
    private final FutureTask<T> result;

    private RunningStrand(Strand strand, Thread.Builder threads, Body<T> body) {
        this.strand = strand;
        this.result = new FutureTask<>(() -> {
            try {
                return strand.<T, Throwable>runAsRoot(() -> body.run(strand));
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        });
        this.thread = threads.unstarted(result);
        thread.start();
    }

    static <T> RunningStrand<T> start(Body<T> body) {
        return start(new Strand(Driver.real(), null, Context.EMPTY), body);
    }

    static <T> RunningStrand<T> start(Strand strand, Body<T> body) {
        return new RunningStrand<>(strand, Thread.ofVirtual(), body);
    }

    static <T> RunningStrand<T> startOnPlatformThread(Body<T> body) {
        return new RunningStrand<>(
                new Strand(Driver.real(), null, Context.EMPTY),
                Thread.ofPlatform().daemon(),
                body);
    }

    boolean cancel() {
        return strand.cancel(REASON);
    }

    /** What the body returned. */
    T value() {
        try {
            return result.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the strand failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("the strand did not end", e);
        }
    }

    /** What the strand threw. */
    Throwable failure() {
        try {
            throw new AssertionError("the strand ended with " + result.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("the strand did not end", e);
        }
    }
}
