package dev.yibu.stream;

import dev.yibu.AsyncFunction;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.ScopedTasks;
import dev.yibu.Task;
import dev.yibu.lowlevel.Strand;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.Gatherer.Downstream;
import org.jspecify.annotations.Nullable;

/** One evaluation of a stream that maps concurrently: a task for each item, a limited number at a time. */
final class ConcurrentMapping<T extends @Nullable Object, R extends @Nullable Object> {
    private final int limit;
    private final AsyncFunction<? super T, ? extends R, ?> function;
    private final ScopedTasks tasks;

    /** Tasks whose results have not been passed on, in the order of their start; unused if the order does not matter. */
    private final @Nullable Queue<Task<R>> started;

    /** Tasks that have ended, in the order of their ends; unused if the order is that of the items. */
    private final Handoff<Task<?>> ended = new Handoff<>(Integer.MAX_VALUE, "mapConcurrentUnordered");

    /** How many tasks have been started whose results have not been passed on. */
    private int open;

    private ConcurrentMapping(int limit, boolean keepsOrder, AsyncFunction<? super T, ? extends R, ?> function) {
        this.limit = limit;
        this.function = function;
        this.started = keepsOrder ? new ArrayDeque<>() : null;
        ScopedTasks.Listener listener = keepsOrder
                ? new ScopedTasks.Listener() {}
                : new ScopedTasks.Listener() {
                    @Override
                    public void taskEnded(Task<?> task) {
                        ended.put(task);
                    }
                };
        this.tasks = ScopedTasks.open(keepsOrder ? "mapConcurrent" : "mapConcurrentUnordered", listener);
    }

    static <T extends @Nullable Object, R extends @Nullable Object> ConcurrentMapping<T, R> ordered(
            int limit, AsyncFunction<? super T, ? extends R, ?> function) {
        return new ConcurrentMapping<>(limit, true, function);
    }

    static <T extends @Nullable Object, R extends @Nullable Object> ConcurrentMapping<T, R> unordered(
            int limit, AsyncFunction<? super T, ? extends R, ?> function) {
        return new ConcurrentMapping<>(limit, false, function);
    }

    /** Takes an item; returns whether more are wanted. */
    boolean accept(T item, Downstream<? super R> downstream) {
        if (tasks.isClosed()) {
            throw new IllegalStateException(
                    "the scope in which the stream began has ended: evaluate it inside one scope");
        }
        boolean wanted = false;
        try {
            Objects.requireNonNull(Strand.current(), "a concurrent stream is evaluated by one task")
                    .checkpoint();
            wanted = passOn(limit - 1, downstream);
            if (wanted) {
                Task<R> task = tasks.<R>start(() -> function.apply(item));
                open++;
                if (started != null) {
                    started.add(task);
                }
            }
            return wanted;
        } finally {
            if (!wanted) {
                stop();
            }
        }
    }

    /** The stream has ended, or nobody wants more of it. */
    void finish(Downstream<? super R> downstream) {
        if (tasks.isClosed()) {
            return;
        }
        try {
            passOn(0, downstream);
        } finally {
            stop();
        }
    }

    /** Passes on what is ready, and waits until no more than so many tasks are open; returns whether more is wanted. */
    private boolean passOn(int mayStayOpen, Downstream<? super R> downstream) {
        while (!downstream.isRejecting()) {
            Task<R> task = next(open > mayStayOpen);
            if (task == null) {
                return true;
            }
            open--;
            if (!downstream.push(task.await())) {
                return false;
            }
        }
        return false;
    }

    /** The next task whose result is to be passed on; null if there is none, or it has not ended and we need not wait. */
    private @Nullable Task<R> next(boolean waits) {
        if (open == 0) {
            return null;
        }
        if (started != null) {
            Task<R> oldest = started.element();
            if (!waits && !oldest.isDone()) {
                return null;
            }
            return started.remove();
        }
        Object task = waits ? ended.take(Objects.requireNonNull(Strand.current())) : ended.poll();
        return task == Handoff.NOTHING ? null : Source.<Task<R>>item(task);
    }

    private void stop() {
        if (tasks.isOwner()) {
            tasks.close();
        } else {
            tasks.dismiss(new CancelReason(Kind.SCOPE_ENDED, "the stream has ended"));
        }
    }
}
