package dev.yibu;

import dev.yibu.lowlevel.Strand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/*
 * Bounded concurrency without a task for each item: a worker takes the next item from the iterator, under a baton, and
 * before it works on it starts one more worker if there may be another item and the limit allows. So there are never more
 * workers than items, nor than the limit, and an iterator that waits holds up only those who have nothing to do.
 */
final class ConcurrentMap<A extends @Nullable Object, T extends @Nullable Object> {
    private static final int CHUNK = 1024;

    /** What becomes of a result. */
    interface Sink<T extends @Nullable Object> {
        /** Makes room for the next number; called by one worker at a time. */
        default void reserve(long index) {}

        /** Called by the worker that has the result of the item with this number. May wait. */
        void accept(long index, T value);
    }

    private final Batch<@Nullable Void> group;
    private final Iterator<? extends A> items;
    private final int limit;
    private final AsyncFunction<? super A, ? extends T, ?> function;
    private final Sink<? super T> sink;
    private final Baton baton = new Baton("the next item");

    // Guarded by the baton.
    private long taken;
    private int workers;

    /** Whether the iterator has ended or failed: then it is not asked again. */
    private boolean isOver;

    ConcurrentMap(
            Batch<@Nullable Void> group,
            Iterator<? extends A> items,
            int limit,
            AsyncFunction<? super A, ? extends T, ?> function,
            Sink<? super T> sink) {
        this.group = group;
        this.items = items;
        this.limit = limit;
        this.function = function;
        this.sink = sink;
    }

    /** Starts the first worker; the others follow. */
    void start() {
        workers = 1;
        group.start(this::work);
    }

    /** A worker; if it is cancelled on its own, another one takes its place. */
    private @Nullable Void work() throws Throwable {
        Strand self = Objects.requireNonNull(Strand.current());
        try {
            return takeAndWork(self);
        } catch (Cancelled cancelled) {
            if (!group.isCancelled()) {
                Timeouts.shield(self, Long.MAX_VALUE, Actions.asCoroutine(() -> startAnother(self)));
            }
            throw cancelled;
        }
    }

    private void startAnother(Strand self) {
        baton.acquire(self);
        try {
            group.start(this::work);
        } finally {
            baton.release();
        }
    }

    private @Nullable Void takeAndWork(Strand self) throws Throwable {
        for (; ; ) {
            A item;
            long index;
            baton.acquire(self);
            try {
                if (isOver) {
                    return null;
                }
                isOver = true; // should it fail, the next in line has the baton before the group knows of it
                if (!items.hasNext()) {
                    return null;
                }
                item = items.next();
                isOver = false;
                index = taken++;
                sink.reserve(index);
                if (workers < limit) {
                    workers++;
                    group.start(this::work);
                }
            } catch (Cancelled cancelled) {
                isOver = false; // a step that is cancelled has taken nothing
                throw cancelled;
            } finally {
                baton.release();
            }
            sink.accept(index, function.apply(item));
        }
    }

    /** Results by number, while their count is not known; each slot is written once, and read after the join. */
    static final class Results<T extends @Nullable Object> implements Sink<T> {
        private volatile @Nullable Object[][] chunks = {};

        @Override
        public void reserve(long index) {
            int chunk = (int) (index / CHUNK);
            if (chunk == chunks.length) {
                @Nullable Object[][] longer = Arrays.copyOf(chunks, chunk + 1);
                longer[chunk] = new @Nullable Object[CHUNK];
                chunks = longer;
            }
        }

        @Override
        public void accept(long index, T value) {
            chunks[(int) (index / CHUNK)][(int) (index % CHUNK)] = value;
        }

        @SuppressWarnings("unchecked") // accept() lets in nothing else
        List<T> toList(long size) {
            List<T> list = new ArrayList<>((int) size);
            for (int i = 0; i < size; i++) {
                list.add((T) chunks[i / CHUNK][i % CHUNK]);
            }
            return list;
        }
    }

    /** How many items were taken; to be asked after the join. */
    long taken() {
        return taken;
    }
}
