package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Throwing;
import dev.yibu.sync.Exchange.End;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pipe between tasks that can be closed: any number of them send, any number receive, each item reaches one of them.
 * Compare Go's channels and {@code trio.open_memory_channel}. A {@link Queue} also counts what has been done, and knows
 * other orders.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=channel}
 *
 * <p><b>Kinds.</b> {@link #rendezvous()}: the sender waits for a receiver. {@link #buffered}: the sender waits only while
 * so many items are on their way. {@link #unlimited()}: the sender never waits, and nothing stops it from filling the
 * memory.
 *
 * <p><b>Order and fairness.</b> Items are received in the order in which they were sent. Who waits is served in the order
 * of arrival, from hand to hand: nobody can come in between.
 *
 * <p><b>Cancellation.</b> {@link #send} and {@link #receive} are checkpoints. A cancelled {@code receive} has taken
 * nothing; the item of a cancelled {@code send} reaches nobody. If the item was handed over first, the call returns
 * normally and the cancellation meets the next checkpoint: what was delivered is never lost.
 *
 * <p><b>Closing.</b> After {@link #close()} sending fails, also for those who wait in it, and their items reach nobody.
 * Receivers get what is in the buffer, then the end: a plain {@code for} over the channel is over, {@link #receive} throws
 * {@link ChannelClosedException}. After {@link #close(Throwable)} they get that error in place of the end.
 *
 * <p><b>Thread-safety and memory effects.</b> Any thread may call any method. What happened before an item was sent is
 * visible to whoever receives it.
 *
 * @param <T> the items; never null
 */
public final class Channel<T> implements Iterable<T>, AutoCloseable {
    private static final String KIND = "channel";

    private final Exchange<T> exchange;

    private Channel(@Nullable String name, int capacity) {
        this.exchange = new Exchange<>(KIND, name, capacity, null);
    }

    // ---------------------------------------------------------------- factories

    /**
     * A channel whose senders wait until a receiver takes their item.
     *
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> rendezvous() {
        return new Channel<>(null, 0);
    }

    /**
     * {@link #rendezvous()} with a name.
     *
     * @param name appears in listings and reports
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> rendezvous(String name) {
        return new Channel<>(Objects.requireNonNull(name, "name"), 0);
    }

    /**
     * A channel whose senders wait while the buffer is full.
     *
     * @param capacity how many items the buffer holds, at least 1
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> buffered(int capacity) {
        return new Channel<>(null, checked(capacity));
    }

    /**
     * {@link #buffered(int)} with a name.
     *
     * @param name appears in listings and reports
     * @param capacity how many items the buffer holds, at least 1
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> buffered(String name, int capacity) {
        return new Channel<>(Objects.requireNonNull(name, "name"), checked(capacity));
    }

    /**
     * A channel whose senders never wait.
     *
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> unlimited() {
        return new Channel<>(null, Integer.MAX_VALUE);
    }

    /**
     * {@link #unlimited()} with a name.
     *
     * @param name appears in listings and reports
     * @param <T> the items
     * @return an open channel
     */
    public static <T> Channel<T> unlimited(String name) {
        return new Channel<>(Objects.requireNonNull(name, "name"), Integer.MAX_VALUE);
    }

    private static int checked(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "the buffer's capacity is " + capacity + "; it must hold an item, or use Channel.rendezvous()");
        }
        return capacity;
    }

    // ---------------------------------------------------------------- send

    /**
     * Sends an item; waits until a receiver has taken it or it is in the buffer.
     *
     * @param item the item
     * @throws Cancelled if the caller is cancelled; the item reaches nobody
     * @throws ChannelClosedException if the channel is closed, before or meanwhile; the item reaches nobody
     */
    public void send(T item) {
        Objects.requireNonNull(item, "item");
        if (exchange.give(item) instanceof End refused) {
            throw notSent(refused);
        }
    }

    /**
     * Sends an item if that is possible without waiting. No checkpoint.
     *
     * @param item the item
     * @return whether it was sent
     * @throws ChannelClosedException if the channel is closed
     */
    public boolean trySend(T item) {
        Object given = exchange.tryGive(Objects.requireNonNull(item, "item"));
        if (given instanceof End refused) {
            throw notSent(refused);
        }
        return given != null;
    }

    private ChannelClosedException notSent(End end) {
        return new ChannelClosedException(exchange + " is closed; nothing can be sent any more", end.error());
    }

    // ---------------------------------------------------------------- receive

    /**
     * Receives the next item; waits until there is one.
     *
     * @return the item
     * @throws Cancelled if the caller is cancelled; nothing has been taken
     * @throws ChannelClosedException if the channel is closed, before or meanwhile, and nothing is left. If it was closed
     *     with an error, that error is thrown, whatever its type
     */
    public T receive() {
        return item(exchange.take());
    }

    /**
     * {@link #receive}, for those who expect the end.
     *
     * @return the item, or nothing if the channel is closed, before or meanwhile, and nothing is left. If it was closed
     *     with an error, that error is thrown, whatever its type
     * @throws Cancelled if the caller is cancelled; nothing has been taken
     */
    public Optional<T> receiveOrEnd() {
        return itemOrEnd(exchange.take());
    }

    /**
     * Receives the next item if there is one. No checkpoint.
     *
     * @return the item, or nothing if there is none now
     * @throws ChannelClosedException if the channel is closed and nothing is left. If it was closed with an error, that
     *     error is thrown, whatever its type
     */
    public Optional<T> tryReceive() {
        Object taken = exchange.tryTake();
        return taken == null ? Optional.empty() : Optional.of(item(taken));
    }

    /**
     * What is sent, in a plain {@code for}, until the channel is closed. Several loops may run at a time; each item reaches
     * one of them. The iterator waits; it throws the error if the channel was closed with one. Leaving the loop leaves
     * the channel as it is.
     *
     * @return an iterator for one task
     */
    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            private @Nullable T upcoming;

            @Override
            public boolean hasNext() {
                if (upcoming == null) {
                    upcoming = receiveOrEnd().orElse(null);
                }
                return upcoming != null;
            }

            @Override
            public T next() {
                T item = hasNext() ? upcoming : null;
                if (item == null) {
                    throw new NoSuchElementException();
                }
                upcoming = null;
                return item;
            }
        };
    }

    @SuppressWarnings("unchecked") // an exchange yields its items, or the end
    private T item(Object taken) {
        if (taken instanceof End(Throwable error)) {
            throw error == null
                    ? new ChannelClosedException(exchange + " is closed, and nothing is left in it", null)
                    : Throwing.<RuntimeException>any(error);
        }
        return (T) taken;
    }

    private Optional<T> itemOrEnd(Object taken) {
        return taken instanceof End(Throwable error) && error == null ? Optional.empty() : Optional.of(item(taken));
    }

    // ---------------------------------------------------------------- in a select

    /**
     * {@link #receive}, as one of several things to wait for. If the channel is closed and empty, this is ready, and
     * throws.
     *
     * @return a branch for {@link Select}
     */
    public Selectable<T> receiving() {
        return exchange.taking(this::item);
    }

    /**
     * {@link #receiveOrEnd}, as one of several things to wait for.
     *
     * @return a branch for {@link Select}
     */
    public Selectable<Optional<T>> receivingOrEnd() {
        return exchange.taking(this::itemOrEnd);
    }

    /**
     * {@link #send}, as one of several things to wait for. The item is sent if this branch is chosen. If the channel is
     * closed, this is ready, and throws.
     *
     * @param item the item
     * @return a branch for {@link Select}
     */
    public Selectable<@Nullable Void> sending(T item) {
        return exchange.giving(Objects.requireNonNull(item, "item"), given -> {
            if (given instanceof End refused) {
                throw notSent(refused);
            }
            return null;
        });
    }

    // ---------------------------------------------------------------- close

    /** Ends the channel: nothing can be sent any more. Never waits. Idempotent; the first call of either form counts. */
    @Override
    public void close() {
        exchange.end(new End(null), false);
    }

    /**
     * Ends the channel with an error, which receivers get when they have got what is in the buffer. Never waits.
     *
     * @param error what they throw, this very object
     */
    public void close(Throwable error) {
        exchange.end(new End(Objects.requireNonNull(error, "error")), false);
    }

    /**
     * Whether nothing can be sent any more. There may be items left to receive.
     *
     * @return whether it was closed
     */
    public boolean isClosed() {
        return exchange.hasEnded();
    }

    // ---------------------------------------------------------------- what others see

    /**
     * The channel at some moment.
     *
     * @param buffered how many items are in the buffer
     * @param capacity how many it can hold
     * @param waitingReceivers how many tasks and threads wait in {@link #receive}; not those who have come a few microseconds
     *     ago and may not have to wait
     * @param waitingSenders how many wait in {@link #send}; likewise
     * @param isClosed whether it is closed
     */
    public record Statistics(int buffered, int capacity, int waitingReceivers, int waitingSenders, boolean isClosed) {}

    /**
     * What the channel is like now.
     *
     * @return a consistent snapshot
     */
    public Statistics statistics() {
        Exchange.Snapshot now = exchange.snapshot();
        return new Statistics(now.size(), exchange.capacity(), now.takers(), now.givers(), now.ended());
    }

    @Override
    public String toString() {
        return exchange.toString();
    }
}
