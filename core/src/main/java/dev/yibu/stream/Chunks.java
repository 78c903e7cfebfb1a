package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Items in lists: full when they have so many, or when their first item has waited for so long. What is there when the
 * upstream fails comes before the failure; what is there when a step is cancelled is kept for the next step.
 */
final class Chunks<T extends @Nullable Object> extends Source<List<T>> {
    private final Source<T> upstream;
    private final int count;

    /** The upstream again if there is a time limit: it can be asked for a while without losing anything. */
    private final @Nullable TaskSource<T> timed;

    private final long limitNanos;

    private List<T> chunk = new ArrayList<>();
    private long deadlineNanos;
    private boolean ended;
    private @Nullable Throwable failure;

    private Chunks(Source<T> upstream, int count, @Nullable TaskSource<T> timed, long limitNanos) {
        this.upstream = upstream;
        this.count = count;
        this.timed = timed;
        this.limitNanos = limitNanos;
    }

    static <T extends @Nullable Object> Chunks<T> of(Source<T> upstream, int count) {
        return new Chunks<>(upstream, count, null, 0);
    }

    static <T extends @Nullable Object> Chunks<T> of(TaskSource<T> upstream, int count, long limitNanos) {
        return new Chunks<>(upstream, count, upstream, limitNanos);
    }

    @Override
    @Nullable
    Object next() {
        Throwable late = failure;
        if (late != null) {
            failure = null;
            ended = true;
            throw Throwing.<RuntimeException>any(late);
        }
        while (chunk.size() < count && !ended && failure == null) {
            Object item;
            try {
                item = nextItem();
            } catch (Cancelled cancelled) {
                throw cancelled;
            } catch (Throwable t) {
                if (chunk.isEmpty()) {
                    throw t;
                }
                failure = t;
                break;
            }
            if (item == Handoff.NOTHING) {
                break;
            }
            if (item == END) {
                ended = true;
            } else {
                chunk.add(item(item));
            }
        }
        if (chunk.isEmpty()) {
            return END;
        }
        List<T> full = chunk;
        chunk = new ArrayList<>();
        return full;
    }

    /** The next item, or {@link Handoff#NOTHING} if the time of the chunk is over. */
    private @Nullable Object nextItem() {
        TaskSource<T> source = timed;
        if (source == null) {
            return upstream.next();
        }
        Driver driver = Objects.requireNonNull(Strand.current()).driver();
        if (chunk.isEmpty()) {
            Object first = source.next();
            deadlineNanos = Deadlines.after(driver.nanoTime(), limitNanos);
            return first;
        }
        long left = deadlineNanos - driver.nanoTime();
        if (left <= 0) {
            return Handoff.NOTHING;
        }
        Object there = source.poll();
        if (there != Handoff.NOTHING) {
            return there;
        }
        return Async.<@Nullable Object, RuntimeException>moveOnAfter(
                Duration.ofNanos(left), source::next, Handoff.NOTHING);
    }

    @Override
    void cancel(CancelReason reason) {
        upstream.cancel(reason);
    }

    @Override
    void close() {
        upstream.close();
    }

    @Override
    boolean isClosed() {
        return upstream.isClosed();
    }
}
