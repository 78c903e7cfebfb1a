package dev.yibu.lowlevel;

import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The bracket around blocking code that Yibu did not write: a driver's query, a request. It gives the call a name in
 * listings, and tells how a cancellation ends it: first the abort hook, then, after a grace, the thread's interrupt or a
 * second hook that closes what is left.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=foreign-call}
 *
 * <p><b>Cancellation.</b> On entry a cancelled scope throws {@link Cancelled} and the body is not run. Later the hooks
 * run, each at most once, on threads of their own: they may block. The bracket does not end while a hook runs, so a late
 * abort never hits the next user of a connection. An exception of the body after a hook has begun is what the hook
 * caused: it becomes {@code Cancelled} with it as the cause. A value of the body is returned, and the cancellation meets
 * the next checkpoint.
 *
 * <p>Immutable; one object may serve any number of calls.
 */
public final class ForeignCall {

    /** Stops, or closes, what a foreign call is busy with. */
    @FunctionalInterface
    public interface Hook {
        /**
         * Called on a thread of its own; may block.
         *
         * @throws Exception is logged
         */
        void run() throws Exception;
    }

    private final String name;
    private final @Nullable Hook abort;
    private final Duration grace;
    private final @Nullable Hook close;

    private ForeignCall(String name, @Nullable Hook abort, Duration grace, @Nullable Hook close) {
        this.name = name;
        this.abort = abort;
        this.grace = grace;
        this.close = close;
    }

    /**
     * A call that a cancellation interrupts, by {@link Thread#interrupt()}.
     *
     * @param name what it does, without secrets: it appears in listings
     * @return the bracket
     */
    public static ForeignCall named(String name) {
        return new ForeignCall(Objects.requireNonNull(name, "name"), null, Duration.ZERO, null);
    }

    /**
     * The same call, stopped by a hook; if it has not ended after the grace, its thread is interrupted.
     *
     * @param hook asks the driver to stop
     * @param grace how long the driver has
     * @return a bracket
     */
    public ForeignCall onCancel(Hook hook, Duration grace) {
        Objects.requireNonNull(hook, "hook");
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("the grace is negative: " + grace);
        }
        return new ForeignCall(name, hook, grace, null);
    }

    /**
     * The same call, with a second hook in place of the interrupt.
     *
     * @param hook closes what the driver has not stopped
     * @return a bracket
     */
    public ForeignCall thenClose(Hook hook) {
        Objects.requireNonNull(hook, "hook");
        if (abort == null) {
            throw new IllegalStateException("say onCancel(...) first");
        }
        return new ForeignCall(name, abort, grace, hook);
    }

    /**
     * Runs foreign code inside this bracket, on the calling thread.
     *
     * @param body the blocking call
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the body's value
     * @throws X as the body does
     * @throws Cancelled if the current scope is effectively cancelled
     */
    public <T extends @Nullable Object, X extends Throwable> T call(Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> this.<T, X>call(body));
        }
        strand.checkpoint();
        Bracket bracket = new Bracket(strand, this);
        Bracket outer = strand.enterForeign(bracket);
        if (strand.scope().isCancelled()) {
            bracket.end();
            strand.exitForeign(outer);
            throw strand.unwind();
        }
        T value;
        try {
            value = body.run();
        } catch (Throwable thrown) {
            boolean aborted = bracket.end();
            strand.exitForeign(outer);
            boolean ours = (aborted && thrown instanceof Exception) || Interruption.isBehind(thrown);
            if (ours && strand.scope().isCancelled()) {
                throw strand.unwind(thrown);
            }
            strand.interruptIfOwed();
            throw Throwing.<X>any(thrown);
        }
        bracket.end();
        strand.exitForeign(outer);
        strand.interruptIfOwed();
        return value;
    }

    /** One call: when its hooks may run. */
    static final class Bracket {
        private enum Stage {
            RUNNING,
            ABORTING,
            GRACE,
            CLOSING,
            CLOSED,
            ENDED
        }

        private final Strand strand;
        private final ForeignCall call;
        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.RUNNING);
        private final WaitQueue<Boolean> ending = new WaitQueue<>();

        /** Runs a hook at the moment; for reports. */
        private volatile @Nullable Thread hookThread;

        private final Timer graceOver = new Timer() {
            @Override
            protected void expire() {
                if (stage.compareAndSet(Stage.GRACE, Stage.CLOSING)) {
                    strand.driver().interrupt(Bracket.this::runClose);
                }
            }

            @Override
            public String toString() {
                return "grace of " + call.name;
            }
        };

        Bracket(Strand strand, ForeignCall call) {
            this.strand = strand;
            this.call = call;
        }

        String name() {
            return call.name;
        }

        /** Whether an interrupt would come before what the hooks are still to do. Any thread. */
        boolean isLeftToHooks() {
            return call.abort != null && (call.close != null || isBeforeClosing(stage.get()));
        }

        private static boolean isBeforeClosing(Stage stage) {
            return stage == Stage.RUNNING || stage == Stage.ABORTING || stage == Stage.GRACE;
        }

        /**
         * Called by cancellers, on any thread. One that was held up may find the strand in another call by now, outside of
         * what it has cancelled. So it takes the stage first, which keeps this call from ending, and then looks.
         */
        void abort() {
            if (call.abort == null) {
                strand.arm();
                return;
            }
            while (strand.scope().isCancelled() && stage.compareAndSet(Stage.RUNNING, Stage.ABORTING)) {
                if (strand.scope().isCancelled()) {
                    strand.driver().interrupt(this::runAbort);
                    return;
                }
                stage.set(Stage.RUNNING); // a canceller who came meanwhile has given way: so look again
                ending.resumeAll(true);
            }
        }

        private void runAbort() {
            run(call.abort);
            stage.set(Stage.GRACE);
            long deadline = Deadlines.after(strand.driver().nanoTime(), Deadlines.saturatedNanos(call.grace));
            strand.driver().schedule(graceOver, deadline);
            if (stage.get() != Stage.GRACE) {
                strand.driver().cancel(graceOver); // the call ended meanwhile
            }
            ending.resumeAll(true);
        }

        private void runClose() {
            if (call.close != null) {
                run(call.close);
            } else {
                strand.interruptNow();
            }
            stage.set(Stage.CLOSED);
            ending.resumeAll(true);
        }

        private void run(@Nullable Hook hook) {
            hookThread = Thread.currentThread();
            try {
                if (hook != null) {
                    hook.run();
                }
            } catch (Throwable e) {
                System.getLogger("dev.yibu").log(System.Logger.Level.WARNING, this + " failed", e);
            } finally {
                hookThread = null;
            }
        }

        @Nullable
        Thread hookThread() {
            return hookThread;
        }

        /** Waits for a hook that runs; from then on none does. Returns whether one has. */
        boolean end() {
            for (; ; ) {
                Stage now = stage.get();
                switch (now) {
                    case ABORTING, CLOSING -> awaitHook(now);
                    default -> {
                        if (stage.compareAndSet(now, Stage.ENDED)) {
                            strand.driver().cancel(graceOver);
                            strand.closeInterruptWindow(strand.scope());
                            return now != Stage.RUNNING;
                        }
                    }
                }
            }
        }

        private void awaitHook(Stage running) {
            Suspension<Boolean> suspension = new Suspension<>(strand, this);
            ending.add(suspension);
            if (stage.get() == running) {
                suspension.awaitUncancellably();
            } else {
                ending.remove(suspension);
            }
        }

        /** What a strand waits for whose call has ended before its hook. */
        @Override
        public String toString() {
            return "the abort hook of \"" + call.name + '"';
        }
    }
}
