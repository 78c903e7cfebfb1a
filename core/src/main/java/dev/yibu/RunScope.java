package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The scope of one {@code run}: it owns the background tasks of {@code createTask} and ends them when main ends. */
final class RunScope extends Roster {
    private static final Cleaner CLEANER = Cleaner.create();

    private final RunOptions options;
    private boolean mainReturned;

    /** What a task inherits that is started from outside any task, through a portal. */
    private final Context context;

    /** Background tasks that failed and whose failure may still be read; in the order of their start. */
    private final Map<Long, Cleaner.Cleanable> unread = new ConcurrentSkipListMap<>();

    private final Set<Portal> portals = ConcurrentHashMap.newKeySet();

    /** A background task, which knows whether anybody could still read its failure. */
    private static final class Background<T extends @Nullable Object> extends TaskStrand<T> {
        private @Nullable WeakReference<Task<T>> handle;

        Background(RunScope run, Coroutine<? extends T, ?> coroutine, @Nullable String name, Context context) {
            super(run, coroutine, name, context);
        }

        Task<T> newHandle() {
            Task<T> task = new Task<>(this);
            handle = new WeakReference<>(task);
            return task;
        }

        @Nullable
        Task<T> handle() {
            return handle == null ? null : handle.get();
        }
    }

    private RunScope(Strand strand, RunOptions options) {
        super(strand);
        this.options = options;
        this.context = strand.context();
    }

    /** What {@code Async.run} does. */
    static <T extends @Nullable Object, X extends Throwable> T run(
            RunOptions options, Coroutine<? extends T, ? extends X> main) throws X {
        if (options.debug()) {
            Debug.begin();
        }
        try {
            Strand strand = Strand.current();
            if (TaskStrand.of(strand) != null) {
                return RunScope.<T, X>within(Objects.requireNonNull(strand), options, main);
            }
            TaskStrand<T> task = strand == null
                    ? new TaskStrand<>(Driver.real(), options.name())
                    : new TaskStrand<>(strand, options.name());
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
        return createTask(name, coroutine, () -> admit(1));
    }

    /** Starts a task that a given step counts, or refuses, before it starts. */
    <T extends @Nullable Object> Task<T> createTask(
            @Nullable String name, Coroutine<? extends T, ?> coroutine, Runnable admission) {
        Strand caller = Strand.current();
        Context inherited = caller == null ? context : caller.context().captured();
        Background<T> child = new Background<>(this, coroutine, name, inherited);
        Task<T> task = child.newHandle();
        admission.run();
        startAdmitted(child);
        return task;
    }

    void opened(Portal portal) {
        portals.add(portal);
    }

    void closed(Portal portal) {
        portals.remove(portal);
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
        Task<?> task = child instanceof Background<?> background ? background.handle() : null;
        if (task == null) {
            Reports.unreadFailure(child, exception);
            return;
        }
        try {
            unread.put(child.id(), CLEANER.register(task, () -> report(child)));
        } finally {
            Reference.reachabilityFence(task); // else it might be reported before it is put
        }
    }

    private void report(TaskStrand<?> child) {
        if (unread.remove(child.id()) != null
                && !child.isRead()
                && child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
            Reports.unreadFailure(child, exception);
        }
    }

    private void reportUnread() {
        unread.values().forEach(Cleaner.Cleanable::clean);
    }

    /** Main's value; what becomes of the background tasks does not matter to it. */
    @Override
    boolean hasResult() {
        return mainReturned;
    }

    @Override
    void bodyEnded(@Nullable Throwable thrown) {
        mainReturned = thrown == null;
        portals.forEach(Portal::close);
        if (pending() == 1) {
            return; // nobody is left who could start a task
        }
        List<TaskStrand<?>> running = new ArrayList<>(children());
        running.removeIf(TaskStrand::isCancelled); // they are about to end, as they were told
        if (!running.isEmpty() && !(thrown instanceof Cancelled)) {
            Reports.stillRunning(running);
        }
        cancel(new CancelReason(Kind.SCOPE_ENDED, "run has ended"));
    }

    @Override
    public String toString() {
        return "the background tasks of " + label();
    }
}
