package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Items that take time, for a plain {@code for} whose steps may wait. Compare asynchronous iterables in Python. Made by
 * {@link Async#generator}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=generator}
 *
 * <p><b>Ownership.</b> The tasks behind it belong to the scope in which it was made: the enclosing {@code run}, task group
 * or timeout. They are cancelled and joined, so that their {@code finally} blocks have run, by {@link #close()}, at the
 * end of the try-with-resources block for a {@code break} or an exception, when the items are exhausted, and at the
 * latest when that scope ends. A task that ignores this is waited for. Items that nobody has read are then discarded.
 *
 * <p><b>Failure.</b> What a producer throws is thrown by {@code next()}, or {@code hasNext()}, as it was thrown, after the
 * items that were emitted before. Then the iteration is over. If a producer fails only after it was told to stop, in its
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
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(producer, "producer");
        checkBuffer(buffer);
        return new AsyncIterable<>(TaskSource.of("a generator", buffer, producer::run));
    }

    private static void checkBuffer(int buffer) {
        if (buffer < 0) {
            throw new IllegalArgumentException("the buffer is " + buffer + "; 0 is the smallest, and means in step");
        }
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
            over = true; // nothing more comes; close() still joins
            source.cancel(new CancelReason(Kind.FAILURE, "the iteration ended with " + t, t));
            throw t;
        }
        if (item != Source.END) {
            return item;
        }
        over = true;
        if (strand == owner) {
            source.close();
        }
        return NONE;
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
