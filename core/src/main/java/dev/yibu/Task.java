package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work in progress, or done. Compare {@code asyncio.Task}. It is owned by the group, or the {@code run}, that started
 * it, and cannot outlive that owner.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=task}
 *
 * <p><b>Failure.</b> {@link #await()} throws what the task threw, the very object. As a {@link Future}, for tools that
 * know only that, {@link #get()} wraps it in an {@link ExecutionException}.
 *
 * <p><b>Cancellation.</b> {@link #cancel()} requests that the task unwinds; it does not wait for it. If the waiter of
 * {@code await} is cancelled, the awaited task is not.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. What happened in the task is visible to whoever has
 * seen that it ended. Two handles of one task are equal.
 *
 * @param <T> what the task yields
 */
public final class Task<T extends @Nullable Object> implements Future<T> {
    private final TaskStrand<T> strand;

    Task(TaskStrand<T> strand) {
        this.strand = strand;
    }

    /**
     * Waits until the task has ended.
     *
     * @return its value
     * @throws Cancelled if the caller is cancelled; the task is not
     * @throws CancellationException if the task was cancelled
     * @throws DeadlockException if the task waits, directly or through others, for the caller
     */
    public T await() {
        Strand waiter = Strand.current();
        if (waiter == null) {
            return Strand.attached(this::await);
        }
        strand.awaitEnd(waiter);
        return result(waiter);
    }

    /**
     * Waits until the task has ended; a handle that has travelled no longer tells the compiler what its task may throw,
     * and this form does.
     *
     * @param type the checked exception to expect; what the task throws is thrown as it is, whatever its type
     * @param <X> the checked exception
     * @return its value
     * @throws X if the task threw it
     * @throws Cancelled if the caller is cancelled; the task is not
     * @throws CancellationException if the task was cancelled
     */
    public <X extends Throwable> T await(Class<X> type) throws X {
        Objects.requireNonNull(type, "type");
        return await();
    }

    private T result(Strand waiter) {
        strand.markRead();
        return switch (strand.outcome()) {
            case Outcome.Success<T>(T value) -> value;
            case Outcome.Failure<T>(Throwable exception) -> throw Throwing.<RuntimeException>any(exception);
            case Outcome.Cancellation<T>(CancelReason reason) -> {
                if (waiter.scope().isCancelled()) {
                    throw waiter.unwind(null);
                }
                CancellationException exception = new CancellationException(strand + " was cancelled: " + reason);
                exception.initCause(reason.cause());
                throw exception;
            }
        };
    }

    /**
     * Requests that the task unwinds. Does not wait for it. Idempotent; the first reason is kept.
     *
     * @return whether this call requested it: false if the task has ended or was cancelled before
     */
    public boolean cancel() {
        return cancel("the task was cancelled");
    }

    /**
     * Requests that the task unwinds, and says why. Does not wait for it.
     *
     * @param reason appears in {@link Cancelled#getMessage()}, in the outcome and in logs
     * @return whether this call requested it: false if the task has ended or was cancelled before
     */
    public boolean cancel(String reason) {
        Objects.requireNonNull(reason, "reason");
        return strand.outcomeOrNull() == null && strand.cancel(new CancelReason(Kind.REQUESTED, reason));
    }

    /**
     * As {@link #cancel()}; the argument is ignored, since interrupts are the runtime's business.
     *
     * @param mayInterruptIfRunning ignored
     * @return whether this call requested it
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return cancel();
    }

    /**
     * How the task has ended.
     *
     * @return the outcome, or nothing while the task runs
     */
    public Optional<Outcome<T>> outcome() {
        Outcome<T> outcome = strand.outcomeOrNull();
        if (outcome != null) {
            strand.markRead();
        }
        return Optional.ofNullable(outcome);
    }

    /**
     * Calls a function when the task has ended, on the task's thread, or at once on the calling one if it has ended.
     * The function must not wait; what it throws is logged. Functions are called in the order of registration.
     *
     * @param consumer receives the outcome
     */
    @SuppressWarnings("unchecked") // the outcome is this task's
    public void onCompletion(Consumer<? super Outcome<T>> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        strand.whenDone(outcome -> {
            strand.markRead();
            consumer.accept((Outcome<T>) outcome);
        });
    }

    /**
     * {@link #await()}, as one of several things to wait for.
     *
     * @return a branch for {@code dev.yibu.sync.Select}; if another branch is chosen, the task goes on
     */
    public Selectable<T> awaiting() {
        return new End<>(strand, () -> result(Objects.requireNonNull(Strand.current())));
    }

    /**
     * How the task ends, as one of several things to wait for: a failure is no exception here.
     *
     * @return a branch for {@code dev.yibu.sync.Select}; if another branch is chosen, the task goes on
     */
    public Selectable<Outcome<T>> awaitingOutcome() {
        return new End<>(strand, () -> {
            strand.markRead();
            return strand.outcome();
        });
    }

    private static final class End<V extends @Nullable Object> extends Selectable<V> {
        private static final Object ENDED = new Object();

        private final TaskStrand<?> task;
        private final Supplier<V> value;

        End(TaskStrand<?> task, Supplier<V> value) {
            this.task = task;
            this.value = value;
        }

        @Override
        public @Nullable Object poll(List<? super Suspension<?>> claimed) {
            return task.isFinished() ? ENDED : null;
        }

        @Override
        public Registration register(Suspension<Object> suspension, int branch) {
            Callbacks.Callback callback = task.whenDone(_ -> suspension.resume(new Chosen(branch, ENDED)));
            return () -> task.forget(callback);
        }

        @Override
        public V value(Object raw) {
            return value.get();
        }

        @Override
        public String toString() {
            return task.toString();
        }
    }

    /**
     * The task as a future of the JDK, for code that composes those. It completes on the task's thread, with the task's
     * value or exception; a task that was cancelled completes it with a {@link CancellationException}. To cancel the
     * future requests the cancellation of the task. To complete it otherwise does nothing to the task.
     *
     * @return a new future; it counts as somebody who has seen the task's failure
     */
    public CompletableFuture<T> toCompletableFuture() {
        return Futures.futureOf(this);
    }

    /**
     * The name given at the start, or one made from the task's number.
     *
     * @return the name
     */
    public String name() {
        return strand.name();
    }

    /**
     * Where the task was started, in debug mode.
     *
     * @return such as {@code Main.java:12}, or nothing if debug mode is off
     */
    public Optional<String> creationSite() {
        return Optional.ofNullable(strand.site);
    }

    // ---------------------------------------------------------------- java.util.concurrent.Future

    /**
     * As {@link #await()}, but a failure comes wrapped. An interrupt is a cancellation of the caller, as everywhere.
     *
     * @throws ExecutionException with the task's exception as its cause
     * @throws CancellationException if the task was cancelled
     */
    @Override
    public T get() throws ExecutionException {
        Strand waiter = Strand.current();
        if (waiter == null) {
            return Strand.<T, ExecutionException>attached(this::get);
        }
        strand.awaitEnd(waiter);
        if (strand.outcome() instanceof Outcome.Failure<T>(Throwable exception)) {
            strand.markRead();
            throw new ExecutionException(exception);
        }
        return result(waiter);
    }

    /**
     * As {@link #get()}, for at most a while. Prefer {@link Async#timeout}.
     *
     * @throws java.util.concurrent.TimeoutException if the task has not ended by then; it goes on
     */
    @Override
    public T get(long timeout, TimeUnit unit) throws ExecutionException, java.util.concurrent.TimeoutException {
        Objects.requireNonNull(unit, "unit");
        Duration atMost = Duration.ofNanos(unit.toNanos(Math.max(0, timeout)));
        if (!isDone()) {
            boolean inTime = Deadlines.saturatedNanos(atMost) > 0
                    && Async.moveOnAfter(atMost, () -> {
                        Strand waiter = Objects.requireNonNull(Strand.current());
                        strand.awaitEnd(waiter);
                    });
            if (!inTime) {
                throw new java.util.concurrent.TimeoutException(strand + " has not ended within " + atMost);
            }
        }
        return get();
    }

    @Override
    public boolean isDone() {
        return strand.outcomeOrNull() != null;
    }

    @Override
    public boolean isCancelled() {
        return strand.endedCancelled();
    }

    @Override
    public T resultNow() {
        return switch (strand.outcomeOrNull()) {
            case null -> throw new IllegalStateException(strand + " has not ended");
            case Outcome.Success<T>(T value) -> value;
            case Outcome.Failure<T> _ -> throw new IllegalStateException(strand + " failed");
            case Outcome.Cancellation<T> _ -> throw new IllegalStateException(strand + " was cancelled");
        };
    }

    @Override
    public Throwable exceptionNow() {
        return switch (strand.outcomeOrNull()) {
            case null -> throw new IllegalStateException(strand + " has not ended");
            case Outcome.Success<T> _ -> throw new IllegalStateException(strand + " has a value");
            case Outcome.Failure<T>(Throwable exception) -> {
                strand.markRead();
                yield exception;
            }
            case Outcome.Cancellation<T> _ -> throw new IllegalStateException(strand + " was cancelled");
        };
    }

    @Override
    public State state() {
        return switch (strand.outcomeOrNull()) {
            case null -> State.RUNNING;
            case Outcome.Success<T> _ -> State.SUCCESS;
            case Outcome.Failure<T> _ -> State.FAILED;
            case Outcome.Cancellation<T> _ -> State.CANCELLED;
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Task<?> task && task.strand == strand;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(strand.id());
    }

    @Override
    public String toString() {
        return strand + " " + state();
    }
}
