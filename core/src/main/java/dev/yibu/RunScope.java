package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The scope of one {@code run}: it owns the background tasks of {@code createTask} and ends them when main ends. */
final class RunScope extends Roster {
    private static final Cleaner CLEANER = Cleaner.create();

    private final RunOptions options;

    /** Background tasks that failed and whose failure may still be read; in the order of their start. */
    private final Map<Long, TaskStrand<?>> unread = new ConcurrentSkipListMap<>();

    private final List<Runnable> atEnd = new CopyOnWriteArrayList<>();

    private RunScope(Strand strand, RunOptions options) {
        super(strand);
        this.options = options;
    }

    /** What {@code Async.run} does. */
    static <T extends @Nullable Object, X extends Throwable> T run(
            RunOptions options, Coroutine<? extends T, ? extends X> main) throws X {
        if (options.debug()) {
            Debug.begin();
        }
        try {
            Strand strand = Strand.current();
            if (strand != null) {
                return RunScope.<T, X>within(strand, options, main);
            }
            TaskStrand<T> task = new TaskStrand<>(Driver.real(), options.name());
            if (options.signals()) {
                TerminationSignals.listen(task);
            }
            try {
                return task.<X>runMain(() -> RunScope.<T, X>within(task, options, main));
            } finally {
                if (options.signals()) {
                    TerminationSignals.ignore(task);
                }
            }
        } finally {
            if (options.debug()) {
                Debug.end();
            }
        }
    }

    private static <T extends @Nullable Object, X extends Throwable> T within(
            Strand strand, RunOptions options, Coroutine<? extends T, ? extends X> main) throws X {
        strand.checkpoint();
        RunScope scope = new RunScope(strand, options);
        scope.enter();
        T value = null;
        Throwable thrown = null;
        try {
            value = options.deadline().isPresent()
                    ? Timeouts.<T, X>timeout(
                            strand, Deadlines.saturatedNanos(options.deadline().get()), main)
                    : main.run();
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = scope.finish(thrown);
        scope.reportUnread();
        if (thrown != null) {
            throw Throwing.<X>any(thrown);
        }
        return Parametric.value(value);
    }

    /** The nearest {@code run} around a strand. */
    static @Nullable RunScope around(@Nullable Strand strand) {
        for (CancelScope scope = strand == null ? null : strand.scope(); scope != null; scope = scope.parent()) {
            if (scope instanceof RunScope run) {
                return run;
            }
        }
        return null;
    }

    /** How long a release may take where nobody has said anything else. */
    static long graceNanos(Strand strand) {
        RunScope run = around(strand);
        return run == null ? RunOptions.DEFAULT_GRACE.toNanos() : run.options.graceNanos();
    }

    <T extends @Nullable Object> Task<T> createTask(@Nullable String name, Coroutine<? extends T, ?> coroutine) {
        TaskStrand<T> child = new TaskStrand<>(this, coroutine, name);
        Task<T> task = new Task<>(child);
        child.handle = new WeakReference<>(task);
        start(child);
        return task;
    }

    void atEnd(Runnable action) {
        atEnd.add(action);
    }

    @Override
    String label() {
        return "run \"" + options.name() + '"';
    }

    @Override
    boolean waitsForChildren() {
        return false;
    }

    @Override
    void ended(TaskStrand<?> child) {
        if (!(child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) || child.isRead()) {
            return;
        }
        WeakReference<Task<?>> handle = child.handle;
        Task<?> task = handle == null ? null : handle.get();
        if (task == null) {
            Reports.unreadFailure(child, exception);
            return;
        }
        unread.put(child.id(), child);
        CLEANER.register(task, () -> report(child));
    }

    private void report(TaskStrand<?> child) {
        if (unread.remove(child.id()) != null
                && !child.isRead()
                && child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
            Reports.unreadFailure(child, exception);
        }
    }

    private void reportUnread() {
        unread.values().forEach(this::report);
    }

    @Override
    void bodyEnded(@Nullable Throwable thrown) {
        atEnd.forEach(Runnable::run);
        List<TaskStrand<?>> running = children();
        if (running.isEmpty()) {
            return;
        }
        if (!(thrown instanceof Cancelled)) {
            Reports.stillRunning(running);
        }
        cancel(new CancelReason(Kind.SCOPE_ENDED, "run has ended"));
    }

    @Override
    public String toString() {
        return "the background tasks of " + label();
    }
}
