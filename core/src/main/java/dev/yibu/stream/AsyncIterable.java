package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.AsyncFunction;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Items that take time, for a plain {@code for} whose steps may wait. Compare asynchronous iterables in Python. Made by
 * {@link Async#generator}, {@link #from} and the stages of a pipeline.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=generator}
 *
 * <p><b>Ownership.</b> The tasks behind it belong to the scope in which it was made: the enclosing {@code run}, task group
 * or timeout. They are cancelled and joined, so that their {@code finally} blocks have run, by {@link #close()}, at the
 * end of the try-with-resources block for a {@code break} or an exception, when the items are exhausted, and at the
 * latest when that scope ends. A task that ignores this is waited for. Items that nobody has read are then discarded.
 *
 * <p><b>Failure.</b> What a producer throws is thrown by {@code next()}, or {@code hasNext()}, as it was thrown, after the
 * items that were emitted before. Then the iteration is over, and everything behind it has ended. If a producer fails only after it was told to stop, in its
 * clean-up, {@code close()} throws the failure; one that nobody has got to read is logged.
 *
 * <p><b>Cancellation.</b> Each step is a checkpoint. A step that is cancelled takes no item: the iteration may go on, for
 * instance after {@link Async#moveOnAfter}, and nothing is missing.
 *
 * <p><b>Thread-safety.</b> It can be iterated once. Any task below the one that made it may ask for items, but one at a
 * time, so it can be given to {@link Async#forEachConcurrent}; only the task that made it may close it.
 *
 * @param <T> the items
 */
public final class AsyncIterable<T extends @Nullable Object> implements Iterable<T>, AutoCloseable {
    /** The buffer of a generator that asks for none. */
    public static final int DEFAULT_BUFFER = 128;

    private static final String GENERATOR = "a generator";
    private static final Object NONE = new Object();

    private final Strand owner;
    private final Source<T> source;

    /** What uses it up: an iteration, or a stage made of it. */
    private @Nullable String usedBy;

    /** Whether there are no more items: because of exhaustion, a failure, or a close. */
    private volatile boolean over;

    AsyncIterable(Source<T> source) {
        this.owner = Objects.requireNonNull(Strand.current());
        this.source = source;
    }

    /**
     * What {@link Async#generator(Class, Producer)} does.
     *
     * @param type the type of the items
     * @param producer emits the items
     * @param <T> the items
     * @param <X> what the producer may throw
     * @return the items
     * @throws X never here
     */
    public static <T extends @Nullable Object, X extends Throwable> AsyncIterable<T> generator(
            Class<? super T> type, Producer<T, ? extends X> producer) throws X {
        return generated(type, new Handoff<>(DEFAULT_BUFFER, DEFAULT_BUFFER / 2, GENERATOR), producer);
    }

    /**
     * What {@link Async#generator(Class, int, Producer)} does.
     *
     * @param type the type of the items
     * @param buffer how many items may wait for the consumer
     * @param producer emits the items
     * @param <T> the items
     * @param <X> what the producer may throw
     * @return the items
     * @throws X never here
     */
    public static <T extends @Nullable Object, X extends Throwable> AsyncIterable<T> generator(
            Class<? super T> type, int buffer, Producer<T, ? extends X> producer) throws X {
        checkBuffer(buffer);
        return generated(type, new Handoff<>(buffer, GENERATOR), producer);
    }

    private static <T extends @Nullable Object, X extends Throwable> AsyncIterable<T> generated(
            Class<? super T> type, Handoff<T> handoff, Producer<T, ? extends X> producer) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(producer, "producer");
        return new AsyncIterable<>(TaskSource.of(handoff, producer::run));
    }

    private static void checkBuffer(int buffer) {
        if (buffer < 0) {
            throw new IllegalArgumentException("the buffer is " + buffer + "; 0 is the smallest, and means in step");
        }
    }

    /**
     * The items of any iterable, for a pipeline. If it is {@link AutoCloseable}, it is closed with the pipeline, and at the
     * latest when the enclosing scope ends.
     *
     * @param items the items; their iterator may wait. It is asked by one task at a time, but perhaps not by the calling
     *     one
     * @param <T> the items
     * @return the items, once
     * @throws IllegalStateException outside of any scope: use it inside {@link Async#run} or a task
     */
    public static <T extends @Nullable Object> AsyncIterable<T> from(Iterable<? extends T> items) {
        return new AsyncIterable<>(AsyncIterable.<T>sourceOf(Objects.requireNonNull(items, "items")));
    }

    /**
     * The items of a stream, for a pipeline that closes the stream.
     *
     * @param items the items, pulled one by one
     * @param <T> the items
     * @return the items, once
     * @throws IllegalStateException outside of any scope: use it inside {@link Async#run} or a task
     */
    public static <T extends @Nullable Object> AsyncIterable<T> from(Stream<T> items) {
        Objects.requireNonNull(items, "items");
        checkScope();
        return new AsyncIterable<>(new IterableSource<T>(() -> items.iterator(), items));
    }

    /**
     * The items of a publisher, with back-pressure. It is subscribed to when the first item is asked for; closing the
     * pipeline, or the end of the enclosing scope, cancels the subscription.
     *
     * @param publisher yields the items
     * @param buffer how many items may be on their way; one or more
     * @param <T> the items
     * @return the items, once; the publisher's error is thrown as it is
     * @throws IllegalStateException outside of any scope: use it inside {@link Async#run} or a task
     */
    public static <T> AsyncIterable<T> from(Flow.Publisher<? extends T> publisher, int buffer) {
        Objects.requireNonNull(publisher, "publisher");
        checkPositive("buffer", buffer);
        checkScope();
        return new AsyncIterable<>(new Subscribed<T>(buffer, publisher));
    }

    /**
     * Items for subscribers, as a publisher. For each subscriber a task of the current scope obtains the items and passes
     * them on as fast as the subscriber asks for them; it is cancelled when the subscriber cancels, and at the latest when
     * the scope ends, which is an error for subscribers that are not done. Any thread may subscribe.
     *
     * @param items yields what a subscriber gets, such as a {@linkplain Async#generator generator} made there; closed
     *     afterwards if it is {@link AutoCloseable}. No item may be null
     * @param <T> the items
     * @return the publisher
     * @throws IllegalStateException outside of any scope: use it inside {@link Async#run} or a task
     */
    public static <T> Flow.Publisher<T> publisher(Coroutine<? extends Iterable<? extends T>, ?> items) {
        return new ScopedPublisher<>(Objects.requireNonNull(items, "items"));
    }

    /**
     * The items of several iterables, as they come; those of each one in their order. A task for each pulls it, about one
     * item ahead. The first failure ends them all.
     *
     * @param sources what yields the items; closed with the result if it is {@link AutoCloseable}
     * @param <T> the items
     * @return the items, once
     * @throws IllegalStateException outside of any scope: use it inside {@link Async#run} or a task
     */
    @SafeVarargs
    public static <T extends @Nullable Object> AsyncIterable<T> merge(Iterable<? extends T>... sources) {
        for (Iterable<? extends T> source : sources) {
            Objects.requireNonNull(source, "a source is null");
        }
        List<Source<T>> upstreams = new ArrayList<>();
        for (Iterable<? extends T> source : sources) {
            upstreams.add(AsyncIterable.<T>sourceOf(source));
        }
        return new AsyncIterable<>(TaskSource.<T>pulling("a merge", sources.length, upstreams));
    }

    @SuppressWarnings("unchecked") // who pulls a T need not know that it is something more special
    private static <T extends @Nullable Object> Source<T> sourceOf(Iterable<? extends T> items) {
        checkScope();
        if (items instanceof AsyncIterable<? extends T> own) {
            return (Source<T>) own.upstream();
        }
        return new IterableSource<T>(items::iterator, items instanceof AutoCloseable closeable ? closeable : null);
    }

    private static void checkScope() {
        if (Strand.current() == null) {
            throw new IllegalStateException(
                    "a pipeline needs a scope that ends what is left over: use it inside run(...),"
                            + " a task or a task group");
        }
    }

    // ---------------------------------------------------------------- stages

    /** The source, for a stage that is made of it. */
    private Source<T> upstream() {
        if (Strand.current() != owner) {
            throw new IllegalStateException("only the task that made these items can go on with them");
        }
        use("another stage");
        return source;
    }

    /**
     * Applies a function to each item, on the asking thread, one after the other. For several at a time see {@link
     * Async#mapConcurrent} and {@link Async#asCompleted(Iterable, int, AsyncFunction)}.
     *
     * @param function may wait; if it is cancelled together with a step that is repeated later, it gets the item again
     * @param <R> what it yields
     * @param <X> what it may throw, when an item is asked for; ends the iteration
     * @return the results; closing them closes this too, as with all stages
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException if this is used already
     */
    public <R extends @Nullable Object, X extends Throwable> AsyncIterable<R> map(
            AsyncFunction<? super T, ? extends R, ? extends X> function) throws X {
        Objects.requireNonNull(function, "function");
        return new AsyncIterable<>(Stages.<T, R>map(upstream(), function));
    }

    /**
     * Lets only some items through.
     *
     * @param predicate tells which; may wait
     * @param <X> what it may throw, when an item is asked for; ends the iteration
     * @return the items that pass
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException if this is used already
     */
    public <X extends Throwable> AsyncIterable<T> filter(AsyncFunction<? super T, Boolean, ? extends X> predicate)
            throws X {
        Objects.requireNonNull(predicate, "predicate");
        return new AsyncIterable<>(Stages.filter(upstream(), predicate));
    }

    /**
     * The first items; more are not asked for.
     *
     * @param count how many at most; not negative
     * @return the first items
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<T> take(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("the count is " + count + "; it can't be negative");
        }
        return new AsyncIterable<>(Stages.take(upstream(), count));
    }

    /**
     * Lets a task of its own run ahead: it asks for items while the consumer is busy with earlier ones.
     *
     * @param size how many items may wait for the consumer; 0 = none, the task works only while it is asked
     * @return the same items
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<T> buffer(int size) {
        checkBuffer(size);
        return new AsyncIterable<>(TaskSource.<T>pulling("a buffer", size, List.of(upstream())));
    }

    /**
     * Collects items in lists. The last one may be shorter; so may the one before a failure.
     *
     * @param count how many items a list has; one or more
     * @return the lists
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<List<T>> chunked(int count) {
        checkPositive("count", count);
        return new AsyncIterable<>(Chunks.of(upstream(), count));
    }

    /**
     * Collects items in lists that are passed on when they are full, or a time after their first item came. No list is
     * empty. A task of its own asks for items meanwhile, unless this is a generator, which has one.
     *
     * @param count how many items a list has at most; one or more
     * @param time how long the first item of a list may have to wait for the others; more than zero
     * @return the lists
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<List<T>> window(int count, Duration time) {
        checkPositive("count", count);
        long nanos = checkTime(time);
        Source<T> upstream = upstream();
        TaskSource<T> timed = upstream instanceof TaskSource<T> tasks
                ? tasks
                : TaskSource.<T>pulling("a window", count, List.of(upstream));
        return new AsyncIterable<>(Chunks.of(timed, count, nanos));
    }

    /**
     * Limits how long the consumer waits for each item.
     *
     * @param timeout how long; more than zero. An item that takes longer is a {@link dev.yibu.TimeoutException} and ends
     *     the iteration
     * @return the same items
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<T> timeoutEach(Duration timeout) {
        checkTime(timeout);
        return new AsyncIterable<>(Stages.timeoutEach(upstream(), timeout));
    }

    /**
     * Slows items down: no more than so many in any stretch of time of this length. None is dropped; the asking task waits.
     *
     * @param items how many; one or more
     * @param per the length; more than zero
     * @return the same items
     * @throws IllegalStateException if this is used already
     */
    public AsyncIterable<T> throttle(int items, Duration per) {
        checkPositive("number of items", items);
        Stages.Pace pace = new Stages.Pace(items, checkTime(per));
        return new AsyncIterable<>(Stages.throttle(upstream(), pace));
    }

    /**
     * Combines the items of two iterables one by one; ends with the shorter one. They are asked one after the other; put a
     * {@link #buffer} behind one of them to wait for both at a time.
     *
     * @param other the other items; closed with the result if it is {@link AutoCloseable}
     * @param combine combines two items, on the asking thread
     * @param <B> the other items
     * @param <R> the results
     * @return the results
     * @throws IllegalStateException if this is used already
     */
    public <B extends @Nullable Object, R extends @Nullable Object> AsyncIterable<R> zip(
            Iterable<? extends B> other, Async.Combine<? super T, ? super B, ? extends R> combine) {
        Objects.requireNonNull(other, "other");
        Objects.requireNonNull(combine, "combine");
        Source<T> left = upstream();
        return new AsyncIterable<>(Stages.<T, B, R>zip(left, AsyncIterable.<B>sourceOf(other), combine));
    }

    private static void checkPositive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; one is the smallest");
        }
    }

    private static long checkTime(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("the time is " + time + "; it must be more than zero");
        }
        return Deadlines.saturatedNanos(time);
    }

    // ---------------------------------------------------------------- iteration

    /**
     * The iteration, once.
     *
     * @return the iterator; its {@code hasNext()} and {@code next()} wait
     * @throws IllegalStateException if it was called before, or a stage was made of this
     */
    @Override
    public Iterator<T> iterator() {
        use("an iteration");
        return new Iterator<>() {
            private @Nullable Object upcoming = NONE;

            @Override
            public boolean hasNext() {
                if (upcoming == NONE && !over) {
                    upcoming = pull();
                }
                return upcoming != NONE;
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                T item = Source.item(upcoming);
                upcoming = NONE;
                return item;
            }
        };
    }

    /** The next item, or {@link #NONE} after the last one. */
    private @Nullable Object pull() {
        Strand strand = Strand.current();
        if (strand == null) {
            throw new IllegalStateException(
                    "this thread is outside of the scope that owns the iteration: iterate inside"
                            + " run(...), a task or a task group");
        }
        Object item;
        try {
            item = source.next();
        } catch (Cancelled cancelled) {
            throw cancelled;
        } catch (Throwable t) {
            over = true; // nothing more comes
            if (strand == owner) {
                closeAfter(t);
            } else {
                source.cancel(new CancelReason(Kind.FAILURE, "the iteration ended with " + t, t)); // the owner joins
            }
            throw t;
        }
        if (item != Source.END) {
            return item;
        }
        over = true;
        if (strand == owner) {
            source.close();
        } else {
            source.cancel(new CancelReason(Kind.SCOPE_ENDED, "the items are exhausted")); // the owner joins
        }
        return NONE;
    }

    private void closeAfter(Throwable thrown) {
        try {
            source.close();
        } catch (Throwable t) {
            Source.suppress(thrown, t);
        }
    }

    private void use(String by) {
        if (usedBy != null) {
            throw new IllegalStateException(
                    "these items are used by " + usedBy + " and come only once; collect them in a list");
        }
        if (over) {
            throw new IllegalStateException("these items are closed");
        }
        usedBy = by;
    }

    /**
     * Gives all items to a consumer and closes, whatever happens.
     *
     * @param consumer receives each item; runs on the calling thread
     * @param <X> what it may throw
     * @throws X if the consumer does
     */
    public <X extends Throwable> void each(AsyncConsumer<? super T, ? extends X> consumer) throws X {
        Objects.requireNonNull(consumer, "consumer");
        try (this) {
            for (Iterator<T> items = iterator(); items.hasNext(); ) {
                consumer.accept(items.next());
            }
        }
    }

    /**
     * Collects all items and closes, whatever happens.
     *
     * @return the items, in a list that can be changed
     */
    public List<T> toList() {
        List<T> list = new ArrayList<>();
        this.<RuntimeException>each(list::add);
        return list;
    }

    /**
     * Stops what produces the items, waits until it has ended, and discards items that nobody has read. Throws, whatever
     * its type, what a producer throws in its clean-up. Idempotent.
     *
     * @throws IllegalStateException if another task than the one that made this calls it
     */
    @Override
    public void close() {
        if (Strand.current() != owner) {
            throw new IllegalStateException(
                    "only the task that made these items may close them: it waits for their end");
        }
        over = true;
        source.close();
    }
}
