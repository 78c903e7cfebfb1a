package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Coroutine;
import dev.yibu.Outcome;
import dev.yibu.ScopedTasks;
import dev.yibu.Task;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Items that tasks emit: the producer of a generator, or those who pull the upstreams of a stage. The tasks start when
 * the first item is asked for, and belong to the scope in which the source was made.
 */
final class TaskSource<T extends @Nullable Object> extends Source<T> implements ScopedTasks.Listener {
    private static final CancelReason CLOSED = new CancelReason(Kind.SCOPE_ENDED, "the iteration was closed");

    /** What a task of the source does. */
    interface Work<T extends @Nullable Object> {
        void run(Emitter<T> out) throws Throwable;
    }

    private final Handoff<T> handoff;
    private final ScopedTasks tasks;
    private final List<? extends Source<?>> upstreams;
    private final AtomicInteger running;
    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile boolean closed;

    /** What is to be started; empty once it is. */
    private List<Work<T>> works;

    /** The task whose end is the end of the items; written before the handoff ends. */
    private @Nullable Task<?> last;

    private TaskSource(Handoff<T> handoff, List<Work<T>> works, List<? extends Source<?>> upstreams) {
        this.handoff = handoff;
        this.works = works;
        this.upstreams = upstreams;
        this.running = new AtomicInteger(works.size());
        this.tasks = ScopedTasks.open(handoff.label(), this);
    }

    /** A task for the producer. */
    static <T extends @Nullable Object> TaskSource<T> of(Handoff<T> handoff, Work<T> producer) {
        return new TaskSource<>(handoff, List.of(producer), List.of());
    }

    /** A task for each upstream pulls it. */
    static <T extends @Nullable Object> TaskSource<T> pulling(
            String label, int buffer, List<? extends Source<? extends T>> upstreams) {
        List<Work<T>> works = new ArrayList<>();
        for (Source<? extends T> upstream : upstreams) {
            works.add(out -> pump(upstream, out));
        }
        TaskSource<T> source = new TaskSource<>(new Handoff<>(buffer, label), works, upstreams);
        if (works.isEmpty()) {
            source.handoff.end();
        }
        return source;
    }

    private static <T extends @Nullable Object> void pump(Source<? extends T> upstream, Emitter<T> out) {
        try {
            for (Object item = upstream.next(); item != END; item = upstream.next()) {
                out.emit(item(item));
            }
        } catch (CancellationException e) {
            if (upstream.isClosed()) {
                // On purpose, so it is no failure of this task, for which somebody would have to answer.
                Async.currentTask().cancel("what it pulls from was closed");
                Async.checkpoint();
            }
            throw e;
        }
    }

    @Override
    @Nullable
    Object next() {
        begin();
        Object item = handoff.take(Objects.requireNonNull(Strand.current()));
        return item == END ? end() : item;
    }

    /** The next item if it is there, else {@link Handoff#NOTHING}. Never waits, and is no checkpoint. */
    @Nullable
    Object poll() {
        begin();
        Object item = handoff.poll();
        return item == END ? end() : item;
    }

    private void begin() {
        if (tasks.isClosed() && !closed) {
            throw new IllegalStateException("the scope that owned this iteration has ended: iterate inside it");
        }
        if (works.isEmpty()) {
            return;
        }
        List<Work<T>> all = works;
        works = List.of();
        for (Work<T> work : all) {
            Coroutine<@Nullable Void, Throwable> coroutine = () -> {
                work.run(handoff);
                return null;
            };
            Task<?> _ = tasks.start(coroutine);
        }
    }

    private Object end() {
        Outcome<?> outcome = last == null ? null : last.outcome().orElse(null);
        if (outcome instanceof Outcome.Failure<?>(Throwable exception)) {
            throw Throwing.<RuntimeException>any(exception);
        }
        if (outcome instanceof Outcome.Cancellation<?>(CancelReason reason)) {
            throw cancelled(reason);
        }
        if (outcome == null && tasks.isClosed()) {
            throw cancelled(CLOSED); // its tasks have been told to stop, and have not come to their end yet
        }
        return END;
    }

    /** Meets a cancellation of the calling strand itself first. */
    private static CancellationException cancelled(CancelReason reason) {
        Objects.requireNonNull(Strand.current()).checkpoint();
        CancellationException exception = new CancellationException("what produced the items was cancelled: " + reason);
        exception.initCause(reason.cause());
        return exception;
    }

    @Override
    public void taskEnded(Task<?> task) {
        boolean endedWell = task.state() == Task.State.SUCCESS;
        // A failure decides before its task is counted as ended: else the last of the others could take its place.
        boolean decides = !endedWell && decides(task);
        if (running.decrementAndGet() > 0) {
            if (endedWell) {
                return;
            }
            // And it decides before the others are cancelled, for the same reason. Only then do the items end: what the
            // others emit meanwhile is met by their cancellation.
            tasks.cancel(new CancelReason(Kind.FAILURE, task.name() + " did not end well"));
        } else if (endedWell) {
            decides = decides(task);
        }
        if (decides) {
            handoff.end();
        }
    }

    /** Whether this task is the first to say how the items end. */
    private boolean decides(Task<?> task) {
        boolean first = ending.compareAndSet(false, true);
        if (first) {
            last = task;
        }
        return first;
    }

    @Override
    public void closing() {
        handoff.letNobodyIn();
    }

    @Override
    public void stopping() {
        handoff.close(CLOSED);
    }

    @Override
    void cancel(CancelReason reason) {
        tasks.dismiss(reason);
        upstreams.forEach(upstream -> upstream.cancel(reason));
    }

    @Override
    void close() {
        closed = true;
        closeAll(tasks::close, upstreams);
    }

    @Override
    boolean isClosed() {
        return tasks.isClosed() || upstreams.stream().anyMatch(Source::isClosed);
    }
}
