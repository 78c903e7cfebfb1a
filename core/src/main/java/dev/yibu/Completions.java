package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Throwing;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Results of concurrent work in the order in which they become ready, for a plain {@code for}. Compare {@code
 * asyncio.as_completed}. Made by {@link Async#asCompleted} and {@link Async#asCompletedOutcomes}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=as-completed}
 *
 * <p><b>Ownership.</b> The work belongs to the scope in which the call was made: the enclosing {@code run}, task group or
 * timeout. An iteration that is left early, by {@code break} or by an exception, is cancelled and joined at the latest
 * when that scope ends; in try-with-resources, or with {@link #each}, when the block ends.
 *
 * <p><b>Failure.</b> A failure is thrown by {@code next()}, as the task threw it, and cancels the rest; it is joined on
 * close. {@code asCompletedOutcomes} yields it as an {@link Outcome} instead and goes on. Exhaustion closes.
 *
 * <p><b>Thread-safety.</b> For the task that made it only. It can be iterated once.
 *
 * @param <T> what the iteration yields
 */
public final class Completions<T extends @Nullable Object> implements Iterable<T>, AutoCloseable {

    /** A result that is ready, and the worker that may go on once it is taken. */
    private record Ready(
            Outcome<?> outcome,
            @Nullable TaskStrand<?> task,
            @Nullable Suspension<@Nullable Void> producer) {}

    private static final Object ENDED = new Object();

    private final Strand owner;
    private final CancelScope enclosing;
    private final Group group;
    private final Function<Outcome<?>, T> element;
    private final Queue<Ready> ready = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Suspension<@Nullable Void> consumer;
    private boolean iterated;
    private boolean closed;

    Completions(Strand owner, String label, boolean handsOver, Function<Outcome<?>, T> element) {
        this.owner = owner;
        this.enclosing = owner.scope();
        this.element = element;
        this.group = new Group(owner, label, handsOver);
        enclosing.adopt(group);
    }

    /** What turns an outcome into an element that throws. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the caller's tasks yield T
    static <T extends @Nullable Object> T valueOf(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Success<?>(Object value) -> (T) value;
            case Outcome.Failure<?>(Throwable exception) -> throw Throwing.<RuntimeException>any(exception);
            case Outcome.Cancellation<?>(CancelReason reason) ->
                throw new CancellationException("the task was cancelled: " + reason);
        };
    }

    /** Starts a task for each item; if that fails half-way, nothing is left behind. */
    @SuppressWarnings("unchecked") // a batch may hold tasks of any type
    <A extends @Nullable Object> Completions<T> startAll(
            Iterable<? extends A> items, Function<? super A, ? extends Coroutine<?, ?>> coroutine) {
        try {
            for (A item : items) {
                group.start((Coroutine<Object, ?>) coroutine.apply(item));
            }
        } catch (Throwable t) {
            close();
            throw t;
        }
        return this;
    }

    /** Works on items with a limit; a worker takes its next item when its result has been taken. */
    @SuppressWarnings("unchecked")
    <A extends @Nullable Object> Completions<T> startWorkers(
            Iterable<? extends A> items, int limit, AsyncFunction<? super A, ?, ?> function) {
        Batch<?> workers = group;
        try {
            new ConcurrentMap<A, Outcome<?>>(
                            (Batch<@Nullable Void>) workers,
                            items.iterator(),
                            limit,
                            item -> outcomeOf(function, item),
                            (index, outcome) -> handOver(outcome))
                    .start();
        } catch (Throwable t) {
            close();
            throw t;
        }
        return this;
    }

    private static <A extends @Nullable Object> Outcome<?> outcomeOf(AsyncFunction<? super A, ?, ?> function, A item) {
        try {
            return new Outcome.Success<@Nullable Object>(function.apply(item));
        } catch (Cancelled cancelled) {
            throw cancelled;
        } catch (Throwable t) {
            return new Outcome.Failure<@Nullable Object>(t);
        }
    }

    private void handOver(Outcome<?> outcome) {
        Strand worker = Objects.requireNonNull(Strand.current());
        if (outcome instanceof Outcome.Failure<?>(Throwable exception)
                && worker.translate(exception) instanceof Cancelled cancelled) {
            throw cancelled;
        }
        Suspension<@Nullable Void> taken = new Suspension<>(worker, "the taker of its result");
        offer(new Ready(outcome, TaskStrand.of(worker), taken));
        taken.await();
    }

    private void offer(Ready result) {
        ready.add(result);
        wakeConsumer();
    }

    private void wakeConsumer() {
        Suspension<@Nullable Void> waiting = consumer;
        if (waiting != null) {
            waiting.resume(null);
        }
    }

    /** Waits for a result; null if there will be none. */
    private @Nullable Ready await() {
        owner.checkpoint();
        for (; ; ) {
            Ready result = ready.poll();
            if (result != null) {
                return result;
            }
            Suspension<@Nullable Void> waiting = new Suspension<>(owner, group);
            consumer = waiting;
            if (group.pending() == 1) {
                consumer = null;
                Ready last = ready.poll();
                if (last == null) {
                    owner.checkpoint(); // children that ended cancelled with us have left nothing
                }
                return last;
            }
            if (ready.isEmpty()) {
                waiting.await();
            }
            consumer = null;
        }
    }

    /**
     * The iteration, once.
     *
     * @return the iterator; its {@code hasNext()} and {@code next()} wait
     * @throws IllegalStateException if it was called before, or by another task
     */
    @Override
    public Iterator<T> iterator() {
        checkOwner();
        if (iterated) {
            throw new IllegalStateException(
                    "results as they complete can be iterated only once; collect them in a list");
        }
        checkOpen();
        iterated = true;
        return new Iterator<>() {
            private @Nullable Ready upcoming;

            @Override
            public boolean hasNext() {
                checkOwner();
                if (upcoming == null && !closed) {
                    checkOpen();
                    upcoming = await();
                    if (upcoming == null) {
                        close();
                    }
                }
                return upcoming != null;
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Ready result = Objects.requireNonNull(upcoming);
                upcoming = null;
                return take(result);
            }
        };
    }

    private T take(Ready result) {
        if (result.task() != null) {
            result.task().markRead();
        }
        if (result.producer() != null) {
            result.producer().resume(null);
        }
        try {
            return element.apply(result.outcome());
        } catch (Throwable t) {
            closed = true; // nothing more comes; close() still joins
            group.cancel(new CancelReason(Kind.FAILURE, "the iteration ended with " + t, t));
            throw t;
        }
    }

    /**
     * Consumes all results and closes, whatever happens.
     *
     * @param consumer receives each result; runs on the calling thread
     * @param <X> what it may throw
     * @throws X if the consumer does
     */
    @SuppressWarnings("NullAway") // a result is null only where T allows it
    public <X extends Throwable> void each(AsyncConsumer<? super T, ? extends X> consumer) throws X {
        Objects.requireNonNull(consumer, "consumer");
        try (this) {
            for (T result : this) {
                consumer.accept(result);
            }
        }
    }

    /**
     * Cancels what is still running, and waits until it has ended. Results that nobody has read are discarded; a failure
     * among them is logged. Idempotent.
     */
    @Override
    public void close() {
        checkOwner();
        closed = true;
        group.end();
    }

    private void checkOpen() {
        if (group.ended && !closed) {
            throw new IllegalStateException("the scope that owned these results has ended: iterate inside it");
        }
    }

    private void checkOwner() {
        if (Strand.current() != owner) {
            throw new IllegalStateException("results as they complete belong to the task that asked for them");
        }
    }

    private final class Group extends Batch<Object> {
        private final boolean handsOver;
        private boolean ended;

        Group(Strand strand, String label, boolean handsOver) {
            super(strand, label);
            this.handsOver = handsOver;
        }

        @Override
        boolean waitsForChildren() {
            return false;
        }

        @Override
        void ended(TaskStrand<?> child) {
            if (handsOver && child.outcome() instanceof Outcome.Success) {
                return; // the worker has handed over what it had
            }
            if (child.endedCancelled() && isCancelled()) {
                return; // nobody waits for it any more
            }
            offer(new Ready(child.outcome(), child, null));
        }

        /** Results are in the queue; the slot only says that the child has ended. */
        @Override
        Object resultOf(Outcome<?> outcome) {
            return ENDED;
        }

        @Override
        void left(int count) {
            if (count == 1) {
                wakeConsumer();
            }
        }

        void end() {
            if (ended) {
                return;
            }
            ended = true;
            cancel(new CancelReason(Kind.SCOPE_ENDED, "the iteration over the results was closed"));
            join();
            for (Ready unread = ready.poll(); unread != null; unread = ready.poll()) {
                if (unread.task() != null && unread.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
                    Reports.unreadFailure(unread.task(), exception);
                }
            }
            enclosing.release(this);
        }

        @Override
        protected boolean hasEnded() {
            return closed && pending() == 1;
        }

        @Override
        protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
            end();
            return thrown;
        }
    }
}
