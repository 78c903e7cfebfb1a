package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import dev.yibu.sync.Exchange.End;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Work for other tasks, with a limit of what may pile up and a count of what has been done. Compare {@code
 * asyncio.Queue}, {@code LifoQueue} and {@code PriorityQueue}. Where nobody counts what is done, a {@link Channel} is the
 * simpler choice.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=queue}
 *
 * <p><b>Fairness.</b> Who waits is served in the order of arrival, and an item goes from hand to hand: nobody can come in
 * between.
 *
 * <p><b>Cancellation.</b> {@link #put}, {@link #get} and {@link #join} are checkpoints. A cancelled {@code get} has taken
 * nothing; the item of a cancelled {@code put} is not in the queue. If the item was handed over first, the call returns
 * normally and the cancellation meets the next checkpoint.
 *
 * <p><b>Shutdown.</b> After {@link #shutdown()} nothing can be put, what is in the queue can still be got, and then {@code
 * get} throws {@link QueueShutdownException}. So do those who are waiting.
 *
 * <p><b>Thread-safety and memory effects.</b> Any thread may call any method. What happened before an item was put is
 * visible to whoever gets it; what happened before {@code taskDone} is visible after {@code join}.
 *
 * @param <T> the items; never null
 */
public final class Queue<T> {
    /** The size of a queue that takes whatever comes. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final String KIND = "queue";

    private final Exchange<T> exchange;
    private final WaitQueue<@Nullable Void> joiners = new WaitQueue<>();

    private Queue(@Nullable String name, int maxSize, java.util.@Nullable Queue<T> ordered) {
        if (maxSize < 1) {
            throw new IllegalArgumentException(
                    "the queue's size is " + maxSize + "; it must have room for an item, or be Queue.UNLIMITED");
        }
        this.exchange = new Exchange<>(KIND, name, maxSize, ordered);
    }

    // ---------------------------------------------------------------- factories

    /**
     * A queue without limit, first in, first out.
     *
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> fifo() {
        return fifo(UNLIMITED);
    }

    /**
     * A queue whose items come out in the order in which they were put.
     *
     * @param maxSize how many items it holds; {@link #put} waits while there are so many
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> fifo(int maxSize) {
        return new Queue<>(null, maxSize, null);
    }

    /**
     * {@link #fifo(int)} with a name.
     *
     * @param name appears in listings and reports
     * @param maxSize how many items it holds
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> fifo(String name, int maxSize) {
        return new Queue<>(Objects.requireNonNull(name, "name"), maxSize, null);
    }

    /**
     * A queue whose youngest item comes out first. Compare {@code asyncio.LifoQueue}.
     *
     * @param maxSize how many items it holds; {@link #put} waits while there are so many
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> lifo(int maxSize) {
        return new Queue<>(null, maxSize, Collections.asLifoQueue(new ArrayDeque<>()));
    }

    /**
     * {@link #lifo(int)} with a name.
     *
     * @param name appears in listings and reports
     * @param maxSize how many items it holds
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> lifo(String name, int maxSize) {
        return new Queue<>(Objects.requireNonNull(name, "name"), maxSize, Collections.asLifoQueue(new ArrayDeque<>()));
    }

    /**
     * A queue whose least item comes out first; of equal ones the oldest. Compare {@code asyncio.PriorityQueue}.
     *
     * @param maxSize how many items it holds; {@link #put} waits while there are so many
     * @param order compares items; must not wait, and is not to throw: what it throws comes out of the call that compares,
     *     or of the waiting put whose item it was, and the queue is as it was before
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> priority(int maxSize, Comparator<? super T> order) {
        return new Queue<>(null, maxSize, new StablePriorityQueue<>(order));
    }

    /**
     * {@link #priority(int, Comparator)} with a name.
     *
     * @param name appears in listings and reports
     * @param maxSize how many items it holds
     * @param order compares items; must not wait, and is not to throw: what it throws comes out of the call that compares,
     *     or of the waiting put whose item it was, and the queue is as it was before
     * @param <T> the items
     * @return an empty queue
     */
    public static <T> Queue<T> priority(String name, int maxSize, Comparator<? super T> order) {
        return new Queue<>(Objects.requireNonNull(name, "name"), maxSize, new StablePriorityQueue<>(order));
    }

    // ---------------------------------------------------------------- put and get

    /**
     * Puts an item into the queue; waits while it is full.
     *
     * @param item the item
     * @throws Cancelled if the caller is cancelled; the item is not in the queue
     * @throws QueueShutdownException if the queue is shut down, before or meanwhile; the item is not in the queue
     */
    public void put(T item) {
        Objects.requireNonNull(item, "item");
        if (exchange.give(item) instanceof End) {
            throw noMore();
        }
    }

    /**
     * Puts an item into the queue if that is possible without waiting. No checkpoint.
     *
     * @param item the item
     * @return whether the item is in the queue, or with a getter; false if the queue is full
     * @throws QueueShutdownException if the queue is shut down
     */
    public boolean tryPut(T item) {
        Object given = exchange.tryGive(Objects.requireNonNull(item, "item"));
        if (given instanceof End) {
            throw noMore();
        }
        return given != null;
    }

    /**
     * Gets the next item; waits while the queue is empty.
     *
     * @return the item
     * @throws Cancelled if the caller is cancelled; nothing has been taken
     * @throws QueueShutdownException if the queue is shut down, before or meanwhile, and empty
     */
    public T get() {
        return item(exchange.take());
    }

    /**
     * Gets the next item if there is one. No checkpoint.
     *
     * @return the item, or nothing if the queue is empty
     * @throws QueueShutdownException if the queue is shut down and empty
     */
    public Optional<T> tryGet() {
        Object taken = exchange.tryTake();
        return taken == null ? Optional.empty() : Optional.of(item(taken));
    }

    @SuppressWarnings("unchecked") // an exchange yields its items, or the end
    private T item(Object taken) {
        if (taken instanceof End) {
            throw new QueueShutdownException(exchange + " is shut down, and empty");
        }
        return (T) taken;
    }

    private QueueShutdownException noMore() {
        return new QueueShutdownException(exchange + " is shut down; nothing can be put into it any more");
    }

    /**
     * {@link #get}, as one of several things to wait for.
     *
     * @return a branch for {@link Select}
     */
    public Selectable<T> getting() {
        return exchange.taking(this::item);
    }

    /**
     * {@link #put}, as one of several things to wait for. The item is put if this branch is chosen.
     *
     * @param item the item
     * @return a branch for {@link Select}
     */
    public Selectable<@Nullable Void> putting(T item) {
        return exchange.giving(Objects.requireNonNull(item, "item"), given -> {
            if (given instanceof End) {
                throw noMore();
            }
            return null;
        });
    }

    // ---------------------------------------------------------------- what has been done

    /**
     * Says that an item that was got has been dealt with. Compare {@code asyncio.Queue.task_done}.
     *
     * @throws IllegalStateException if it was called more often than items were put
     */
    public void taskDone() {
        List<Suspension<@Nullable Void>> woken;
        exchange.lock();
        try {
            if (exchange.unfinished() == 0) {
                throw new IllegalStateException("taskDone() was called more often than items were put into " + this);
            }
            exchange.countDone();
            woken = joinersIfDone();
        } finally {
            exchange.unlock();
        }
        woken.forEach(Suspension::wake);
    }

    /** With the lock; returns the joiners to wake without it. */
    private List<Suspension<@Nullable Void>> joinersIfDone() {
        if (exchange.unfinished() > 0) {
            return List.of();
        }
        List<Suspension<@Nullable Void>> claimed = new ArrayList<>();
        for (Suspension<@Nullable Void> s = joiners.poll(); s != null; s = joiners.poll()) {
            if (s.claim(null)) {
                claimed.add(s);
            }
        }
        return claimed;
    }

    /**
     * Waits until all items that were put have been dealt with: {@link #taskDone} was called for each.
     *
     * @throws Cancelled if the caller is cancelled before
     */
    public void join() {
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, RuntimeException>attached(() -> {
                join();
                return null;
            });
            return;
        }
        strand.checkpoint();
        Suspension<@Nullable Void> suspension;
        exchange.lock();
        try {
            if (exchange.unfinished() == 0) {
                return;
            }
            suspension = new Suspension<>(strand, this + "'s items to be done");
            joiners.add(suspension);
        } finally {
            exchange.unlock();
        }
        joiners.await(suspension);
    }

    // ---------------------------------------------------------------- shutdown

    /** Ends the queue in an orderly way: nothing can be put any more; what is in it can be got. Idempotent. */
    public void shutdown() {
        shutdown(false);
    }

    /**
     * Ends the queue. Those who wait in {@link #put} or {@link #get} fail. May be called again to drain what is left.
     *
     * @param immediate whether to throw away what is in the queue, which then counts as done
     */
    public void shutdown(boolean immediate) {
        exchange.end(new End(null), immediate);
        if (!immediate) {
            return;
        }
        List<Suspension<@Nullable Void>> woken;
        exchange.lock();
        try {
            woken = joinersIfDone();
        } finally {
            exchange.unlock();
        }
        woken.forEach(Suspension::wake);
    }

    // ---------------------------------------------------------------- what others see

    /**
     * The queue at some moment.
     *
     * @param size how many items are in it
     * @param maxSize how many it can hold
     * @param waitingGetters how many tasks and threads wait in {@link #get}
     * @param waitingPutters how many wait in {@link #put}
     * @param unfinished how many items have been put and not been reported as done
     * @param isShutdown whether it is shut down
     */
    public record Statistics(
            int size, int maxSize, int waitingGetters, int waitingPutters, long unfinished, boolean isShutdown) {}

    /**
     * What the queue is like now.
     *
     * @return a consistent snapshot
     */
    public Statistics statistics() {
        Exchange.Snapshot now = exchange.snapshot();
        return new Statistics(
                now.size(), exchange.capacity(), now.takers(), now.givers(), now.unfinished(), now.ended());
    }

    /**
     * How many items are in the queue.
     *
     * @return the number at some moment
     */
    public int size() {
        return exchange.snapshot().size();
    }

    @Override
    public String toString() {
        return exchange.toString();
    }
}
