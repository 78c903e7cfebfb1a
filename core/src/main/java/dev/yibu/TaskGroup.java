package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A block that owns the tasks started in it: it ends when they have all ended. Compare {@code asyncio.TaskGroup} and
 * trio's nursery.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=task-group}
 *
 * <p><b>Failure.</b> If a task or the body fails, everything else in the group is cancelled and joined; then the first
 * failure is thrown with its own type, with the other failures as suppressed exceptions. A {@linkplain
 * GroupOptions#supervised supervised} group lets the siblings of a failed task go on, and throws at its end the first
 * failure that nobody has read. A task that is cancelled on its own does not disturb its group.
 *
 * <p><b>Checked exceptions.</b> {@link #start} declares what its coroutine may throw, although the failure surfaces at
 * the end of the group: so the compiler infers it for {@link #run} and {@link #call}.
 *
 * <p><b>Cancellation.</b> When the group's owner is cancelled, so are body and tasks; the group goes on joining until
 * all have ended, however often it is cancelled again.
 *
 * <p><b>Thread-safety.</b> Tasks of the group, and other threads, may start tasks in it until it is finished.
 */
public final class TaskGroup {
    private final Scope scope;

    private TaskGroup(Strand strand, GroupOptions options) {
        this.scope = options.isSupervised() ? new Supervised(strand, options) : new Scope(strand, options);
    }

    /**
     * Runs a body that starts tasks, and waits for all of them.
     *
     * @param body receives the group; runs on the calling thread
     * @param <X> what body and tasks may throw
     * @throws X the first failure
     */
    public static <X extends Throwable> void run(AsyncConsumer<TaskGroup, ? extends X> body) throws X {
        TaskGroup.<X>run(GroupOptions.DEFAULT, body);
    }

    /**
     * Runs a body that starts tasks, and waits for all of them.
     *
     * @param options name, supervision
     * @param body receives the group; runs on the calling thread
     * @param <X> what body and tasks may throw
     * @throws X the first failure
     */
    public static <X extends Throwable> void run(GroupOptions options, AsyncConsumer<TaskGroup, ? extends X> body)
            throws X {
        Objects.requireNonNull(body, "body");
        TaskGroup.<@Nullable Void, X>within(options, false, group -> {
            body.accept(group);
            return null;
        });
    }

    /**
     * Runs a body that starts tasks and yields a value, and waits for all of them.
     *
     * @param body receives the group; runs on the calling thread
     * @param <T> what the body yields
     * @param <X> what body and tasks may throw
     * @return the body's value
     * @throws X the first failure
     * @throws CancellationException if the group was {@linkplain #cancel cancelled} before the body had its value
     */
    public static <T extends @Nullable Object, X extends Throwable> T call(
            AsyncFunction<TaskGroup, ? extends T, ? extends X> body) throws X {
        return TaskGroup.<T, X>call(GroupOptions.DEFAULT, body);
    }

    /**
     * Runs a body that starts tasks and yields a value, and waits for all of them.
     *
     * @param options name, supervision
     * @param body receives the group; runs on the calling thread
     * @param <T> what the body yields
     * @param <X> what body and tasks may throw
     * @return the body's value
     * @throws X the first failure
     * @throws CancellationException if the group was {@linkplain #cancel cancelled} before the body had its value
     */
    public static <T extends @Nullable Object, X extends Throwable> T call(
            GroupOptions options, AsyncFunction<TaskGroup, ? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(body, "body");
        return TaskGroup.<T, X>within(options, true, body);
    }

    private static <T extends @Nullable Object, X extends Throwable> T within(
            GroupOptions options, boolean needsValue, AsyncFunction<TaskGroup, ? extends T, ? extends X> body)
            throws X {
        Objects.requireNonNull(options, "options");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> TaskGroup.<T, X>within(options, needsValue, body));
        }
        strand.checkpoint();
        TaskGroup group = new TaskGroup(strand, options);
        group.scope.enter();
        T value = null;
        Throwable thrown = null;
        try {
            value = body.apply(group);
        } catch (Throwable t) {
            thrown = t;
        }
        boolean ended = thrown == null;
        thrown = group.scope.finish(thrown);
        if (thrown != null) {
            throw Throwing.<X>any(thrown);
        }
        if (!ended && needsValue) {
            CancelReason reason = group.scope.reason();
            throw new CancellationException(group + " was cancelled: " + reason);
        }
        return Parametric.value(value);
    }

    /**
     * Starts a task in this group.
     *
     * @param coroutine the task's work
     * @param <T> what it yields
     * @param <X> what it may throw, when it is awaited or at the group's end
     * @return the task
     * @throws X never here; declared so that the group's own signature carries it
     * @throws IllegalStateException if the group is finished
     */
    public <T extends @Nullable Object, X extends Throwable> Task<T> start(
            Coroutine<? extends T, ? extends X> coroutine) throws X {
        return spawn(null, Objects.requireNonNull(coroutine, "coroutine"));
    }

    /**
     * Starts a task in this group.
     *
     * @param action the task's work
     * @param <X> what it may throw, when it is awaited or at the group's end
     * @return the task
     * @throws X never here; declared so that the group's own signature carries it
     * @throws IllegalStateException if the group is finished
     */
    public <X extends Throwable> Task<@Nullable Void> start(Action<? extends X> action) throws X {
        return spawn(null, Actions.asCoroutine(action));
    }

    /**
     * Starts a task with a name, which listings, reports and the thread show.
     *
     * @param name the name
     * @param coroutine the task's work
     * @param <T> what it yields
     * @param <X> what it may throw, when it is awaited or at the group's end
     * @return the task
     * @throws X never here; declared so that the group's own signature carries it
     * @throws IllegalStateException if the group is finished
     */
    public <T extends @Nullable Object, X extends Throwable> Task<T> start(
            String name, Coroutine<? extends T, ? extends X> coroutine) throws X {
        return spawn(Objects.requireNonNull(name, "name"), Objects.requireNonNull(coroutine, "coroutine"));
    }

    /**
     * Starts a task with a name, which listings, reports and the thread show.
     *
     * @param name the name
     * @param action the task's work
     * @param <X> what it may throw, when it is awaited or at the group's end
     * @return the task
     * @throws X never here; declared so that the group's own signature carries it
     * @throws IllegalStateException if the group is finished
     */
    public <X extends Throwable> Task<@Nullable Void> start(String name, Action<? extends X> action) throws X {
        return spawn(Objects.requireNonNull(name, "name"), Actions.asCoroutine(action));
    }

    private <T extends @Nullable Object> Task<T> spawn(@Nullable String name, Coroutine<? extends T, ?> coroutine) {
        TaskStrand<T> child = new TaskStrand<>(scope, coroutine, name);
        scope.start(child);
        return new Task<>(child);
    }

    /**
     * Cancels the body and all tasks of this group, as a normal end: {@link #run} then returns.
     *
     * @param reason why
     * @return whether this was the first cancellation of the group
     */
    public boolean cancel(String reason) {
        return scope.cancel(new CancelReason(Kind.REQUESTED, Objects.requireNonNull(reason, "reason")));
    }

    /**
     * The tasks that have not ended yet, in the order of their start.
     *
     * @return a snapshot
     */
    public List<Task<?>> tasks() {
        List<Task<?>> tasks = new ArrayList<>();
        for (TaskStrand<?> child : scope.children()) {
            tasks.add(new Task<>(child));
        }
        return tasks;
    }

    @Override
    public String toString() {
        return scope.label();
    }

    /** Fail-fast: the first failure of a child cancels the rest. */
    private static class Scope extends Roster {
        private final GroupOptions options;

        Scope(Strand strand, GroupOptions options) {
            super(strand);
            this.options = options;
        }

        @Override
        String label() {
            return options.name().isEmpty() ? "task group" : "task group \"" + options.name() + '"';
        }

        @Override
        void announce(Throwable failure) {
            failures.announce(failure);
        }

        @Override
        void ended(TaskStrand<?> child) {
            if (child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
                failAll(exception, child);
            }
        }

        @Override
        public String toString() {
            return "the tasks of " + label();
        }
    }

    /** Children don't disturb each other; what nobody has read is thrown at the end. */
    private static final class Supervised extends Scope {
        /** Failures beyond these are reported at once, so that a group that lives for months keeps a bounded memory. */
        private static final int KEPT = 32;

        private final ReentrantLock lock = new ReentrantLock();
        private final List<TaskStrand<?>> failed = new ArrayList<>();

        Supervised(Strand strand, GroupOptions options) {
            super(strand, options);
        }

        @Override
        void announce(Throwable failure) {
            // perhaps somebody reads it
        }

        @Override
        void ended(TaskStrand<?> child) {
            if (!(child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) || child.isRead()) {
                return;
            }
            lock.lock();
            try {
                failed.removeIf(TaskStrand::isRead);
                if (failed.size() < KEPT) {
                    failed.add(child);
                    return;
                }
            } finally {
                lock.unlock();
            }
            Reports.unreadFailure(child, exception);
        }

        @Override
        void beforeFailuresAreThrown() {
            for (TaskStrand<?> child : failed) {
                if (!child.isRead() && child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
                    failures.add(exception);
                }
            }
        }
    }
}
