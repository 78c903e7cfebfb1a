package dev.yibu;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.Throwing;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Work for other people's threads: what {@code blocking}, {@code runInExecutor} and {@code abandon} do. The calling task
 * waits; the worker sees its scope and context.
 */
final class Offload {
    private static final int BLOCKING_THREADS = Math.max(1, Integer.getInteger("yibu.blocking.threads", 64));
    private static final int MOST_ABANDONED = Math.max(1, Integer.getInteger("yibu.abandoned.max", 256));

    /**
     * Bounds what the pool below runs at a time for callers that wait, and queues the rest where a cancellation can take it
     * back. What was left behind runs beyond it.
     */
    private static final Places PLACES = new Places(BLOCKING_THREADS, "a thread of the blocking pool");

    private static final ThreadPoolExecutor BLOCKING = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("yibu-blocking-", 1).factory());

    /** Calls whose callers have left and that have not ended. */
    private static final AtomicInteger ABANDONED = new AtomicInteger();

    // Who has left a call that may be abandoned.
    private static final int TOGETHER = 0;
    private static final int CALLER_LEFT = 1;
    private static final int WORKER_ENDED = 2;

    private Offload() {}

    static <T extends @Nullable Object, X extends Throwable> T blocking(
            Strand caller, Coroutine<? extends T, ? extends X> body) throws X {
        if (caller instanceof Work<?> work && work.isPooled) {
            caller.checkpoint();
            return body.run(); // it has a thread of the pool already
        }
        Places.Place place = PLACES.acquire(caller);
        try {
            return Offload.<T, X>run(caller, BLOCKING, "a blocking call", body, place.in(caller.context()));
        } finally {
            PLACES.release(place);
        }
    }

    static <T extends @Nullable Object, X extends Throwable> T run(
            Strand caller, Executor executor, String label, Coroutine<? extends T, ? extends X> body) throws X {
        return Offload.<T, X>run(caller, executor, label, body, caller.context());
    }

    private static <T extends @Nullable Object, X extends Throwable> T run(
            Strand caller, Executor executor, String label, Coroutine<? extends T, ? extends X> body, Context context)
            throws X {
        caller.checkpoint();
        Work<T> work = new Work<>(caller, label, body, executor == BLOCKING, context.captured());
        caller.helper(work);
        caller.driver().expect(work);
        try {
            try {
                executor.execute(work);
            } catch (Throwable t) {
                if (work.takeBack()) {
                    caller.driver().forget(work);
                } else {
                    work.ended.awaitUncancellably(); // it runs all the same
                }
                throw t;
            }
            work.ended.await(() -> {
                if (!work.takeBack()) {
                    return Abort.TOO_LATE;
                }
                caller.driver().forget(work);
                if (executor instanceof ThreadPoolExecutor pool) {
                    pool.remove(work);
                }
                return Abort.ABORTED;
            });
        } finally {
            caller.helper(null);
        }
        Throwable thrown = work.thrown;
        if (thrown != null) {
            if (thrown instanceof Cancelled cancelled && caller.scope().isCancelled()) {
                Cancelled unwinding = caller.unwind(cancelled.getCause());
                Failures.suppressAll(unwinding, cancelled);
                throw unwinding;
            }
            if (thrown instanceof Cancelled cancelled) {
                throw interrupted(cancelled);
            }
            throw Throwing.<X>any(thrown);
        }
        return work.value();
    }

    /** The worker's thread was interrupted, as by shutdownNow(), although nobody has cancelled the caller. */
    private static RuntimeException interrupted(Cancelled cancelled) {
        CancellationException exception = new CancellationException("the worker was " + cancelled.reason());
        exception.initCause(cancelled);
        return exception;
    }

    /** The strand of the worker; its scopes hang below the caller's, and it is never interrupted. */
    private static final class Work<T extends @Nullable Object> extends Strand implements Runnable {
        private static final int QUEUED = 0;
        private static final int RUNNING = 1;
        private static final int TAKEN_BACK = 2;
        private static final int ENDED = 3;

        private final String label;
        final boolean isPooled;
        private final Coroutine<? extends T, ?> body;
        private final AtomicInteger state = new AtomicInteger(QUEUED);
        final Suspension<@Nullable Void> ended;
        private @Nullable T value;

        @Nullable
        Throwable thrown;

        Work(Strand caller, String label, Coroutine<? extends T, ?> body, boolean isPooled, Context context) {
            super(caller.driver(), caller.scope(), context);
            this.label = label;
            this.isPooled = isPooled;
            this.body = body;
            this.ended = new Suspension<>(caller, label);
        }

        boolean takeBack() {
            return state.compareAndSet(QUEUED, TAKEN_BACK);
        }

        T value() {
            return Parametric.value(value);
        }

        @Override
        public void run() {
            if (!state.compareAndSet(QUEUED, RUNNING)) {
                return;
            }
            driver().enter(this);
            Strand previous = bind();
            try {
                value = context().restore(body);
                thrown = endAdopted(null);
            } catch (Throwable t) {
                thrown = endAdopted(t);
            } finally {
                unbind(previous);
            }
            state.set(ENDED);
            ended.resume(null);
            driver().leave(this);
        }

        @Override
        public boolean isFinished() {
            return state.get() >= TAKEN_BACK;
        }

        @Override
        protected boolean interruptible() {
            return false;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** The strand of a worker that may be left behind: nobody's cancellation reaches it. */
    private static final class Apart extends Strand {
        Apart(Strand caller, Places.Place place) {
            super(caller.driver(), null, place.in(caller.context()).captured());
        }
    }

    /** Runs a body that may be left behind. */
    static <T extends @Nullable Object, X extends Throwable> T abandon(
            Strand caller, Coroutine<? extends T, ? extends X> body, Consumer<? super T> onDiscard) throws X {
        caller.checkpoint();
        refuseBeyondCap();
        Places.Place place = PLACES.acquire(caller);
        try {
            refuseBeyondCap(); // while it queued, others may have been left behind
            return Offload.<T, X>runApart(caller, body, onDiscard, place);
        } finally {
            PLACES.abandon(place); // also when the caller leaves: what the call hangs on is not to keep others out
        }
    }

    private static void refuseBeyondCap() {
        if (ABANDONED.get() >= MOST_ABANDONED) {
            throw new IllegalStateException(MOST_ABANDONED + " abandoned calls have not ended yet; find out what they"
                    + " hang on, or raise -Dyibu.abandoned.max");
        }
    }

    private static <T extends @Nullable Object, X extends Throwable> T runApart(
            Strand caller, Coroutine<? extends T, ? extends X> body, Consumer<? super T> onDiscard, Places.Place place)
            throws X {
        Suspension<Outcome<T>> ended = new Suspension<>(caller, "a call that may be abandoned");
        AtomicInteger state = new AtomicInteger(TOGETHER);
        Strand worker = new Apart(caller, place);
        caller.driver().expect(worker);
        try {
            BLOCKING.execute(() -> {
                worker.driver().enter(worker);
                Outcome<T> result = outcomeOf(worker, body);
                boolean taken = ended.resume(result);
                worker.driver().leave(worker);
                if (state.getAndSet(WORKER_ENDED) == CALLER_LEFT) {
                    ABANDONED.decrementAndGet();
                }
                if (!taken) {
                    discard(result, onDiscard);
                }
            });
        } catch (Throwable t) { // there is no thread for it
            caller.driver().forget(worker);
            throw t;
        }
        Outcome<T> outcome;
        try {
            outcome = ended.await();
        } catch (Cancelled cancelled) {
            ABANDONED.incrementAndGet();
            if (!state.compareAndSet(TOGETHER, CALLER_LEFT)) {
                ABANDONED.decrementAndGet();
            }
            throw cancelled;
        }
        return switch (outcome) {
            case Outcome.Success<T>(T value) -> value;
            case Outcome.Failure<T>(Throwable exception) -> throw Throwing.<X>any(exception);
            case Outcome.Cancellation<T>(CancelReason reason) -> throw new Cancelled(reason, null);
        };
    }

    private static <T extends @Nullable Object> Outcome<T> outcomeOf(Strand worker, Coroutine<? extends T, ?> body) {
        try {
            return new Outcome.Success<>(
                    worker.<T, Throwable>runAsRoot(() -> worker.context().restore(body)));
        } catch (Throwable t) {
            return new Outcome.Failure<>(t);
        }
    }

    private static <T extends @Nullable Object> void discard(Outcome<T> outcome, Consumer<? super T> onDiscard) {
        if (outcome instanceof Outcome.Success<T>(T value)) {
            try {
                onDiscard.accept(value);
            } catch (Throwable e) {
                Reports.discardFailed(e);
            }
        }
    }
}
