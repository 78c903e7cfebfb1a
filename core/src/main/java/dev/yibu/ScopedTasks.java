package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that belong to the scope in which they were opened, without being a block of it: they end when they are closed,
 * and at the latest when that scope does. For authors of things that outlive a call and that somebody may forget to
 * close, as iterations, streams and subscriptions; everybody else uses a {@link TaskGroup}.
 *
 * <p><b>Failure.</b> A task that fails disturbs neither the others nor the owner; its author hands the failure on to
 * whoever is to see it, by {@link Task#outcome()} or {@link Task#await()}. What nobody has seen when the tasks are closed
 * is logged; but what a task threw after it had been told to stop, thus while it cleaned up, is thrown by {@link #close()},
 * or by the end of the enclosing scope.
 *
 * <p><b>Thread-safety.</b> Any thread may start and cancel; only the strand that opened this may close it. The tasks
 * inherit the context variables of the strand that opened this, whoever starts them.
 */
public final class ScopedTasks implements AutoCloseable {

    /** What the author wants to be told. Its methods must not wait. */
    public interface Listener {
        /**
         * A task has ended. Called on its thread, before {@link #close()} can return.
         *
         * @param task the task; to ask for its {@linkplain Task#outcome() outcome} counts as having seen its failure
         */
        default void taskEnded(Task<?> task) {}

        /** The tasks are about to be told to stop. Called once, by the owner. */
        default void closing() {}

        /** The tasks have been told to stop and are about to be joined. Called once, by the owner. */
        default void stopping() {}
    }

    /** Failures beyond these are reported at once. */
    private static final int KEPT = 32;

    private record Failed(TaskStrand<?> task, Throwable exception, boolean toldToStop) {}

    private final Group group;
    private final Context context;

    private ScopedTasks(Strand owner, String label, Listener listener) {
        this.context = owner.context().captured();
        this.group = new Group(owner, label, listener);
        group.enclosing.adopt(group);
    }

    /**
     * Opens a place for tasks in the current scope of the calling strand.
     *
     * @param label what listings and messages call it, such as "generator"
     * @param listener is told when tasks end
     * @return the place, empty
     * @throws IllegalStateException outside of any scope: on a thread that is not inside {@link Async#run} or a task
     */
    public static ScopedTasks open(String label, Listener listener) {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(listener, "listener");
        Strand owner = Strand.current();
        if (owner == null) {
            throw new IllegalStateException(label + " needs a scope that ends what is left over: use it inside"
                    + " run(...), a task or a task group");
        }
        return new ScopedTasks(owner, label, listener);
    }

    /**
     * Starts a task.
     *
     * @param coroutine its work
     * @param <T> what it yields
     * @return the task
     * @throws IllegalStateException if this is closed
     */
    public <T extends @Nullable Object> Task<T> start(Coroutine<? extends T, ?> coroutine) {
        TaskStrand<T> child = new TaskStrand<>(group, Objects.requireNonNull(coroutine, "coroutine"), null, context);
        group.start(child);
        return new Task<>(child);
    }

    /**
     * Cancels the tasks; does not wait for them. A task that is started later is cancelled from the start.
     *
     * @param reason why
     * @return whether this was the first cancellation
     */
    public boolean cancel(CancelReason reason) {
        return group.cancel(reason);
    }

    /**
     * {@link #cancel}, for a task that has used up what these tasks were for, but may not close them: when they have
     * ended, the enclosing scope forgets them, and does not keep them for its own end.
     *
     * @param reason why
     */
    public void dismiss(CancelReason reason) {
        Objects.requireNonNull(reason, "reason");
        group.dismissed = true;
        group.cancel(reason);
    }

    /**
     * Whether the tasks have been closed, by {@link #close()} or because the enclosing scope has ended. For the owner.
     *
     * @return whether nothing of them is left
     */
    public boolean isClosed() {
        return group.closed;
    }

    /**
     * Whether the calling strand is the one that opened this, and may close it.
     *
     * @return whether it is the owner
     */
    public boolean isOwner() {
        return Strand.current() == group.strand();
    }

    /**
     * Cancels the tasks and waits until they have ended; a cancellation does not end this wait. Idempotent. Throws,
     * whatever its type, the first failure of a task that had been told to stop, with others suppressed.
     *
     * @throws IllegalStateException if another strand than the owner calls it
     */
    @Override
    public void close() {
        if (!isOwner()) {
            throw new IllegalStateException(
                    group.label() + " can be closed only by the task that made it, which waits for its end");
        }
        Throwable failure = group.close();
        if (failure != null) {
            throw Throwing.<RuntimeException>any(failure);
        }
    }

    @Override
    public String toString() {
        return group.toString();
    }

    private static final class Group extends Roster {
        private final CancelScope enclosing;
        private final String label;
        private final Listener listener;
        private final ReentrantLock lock = new ReentrantLock();
        private final List<Failed> failed = new ArrayList<>();
        private volatile boolean closed;

        /** Whether nobody wants anything of the tasks any more. */
        private volatile boolean dismissed;

        Group(Strand owner, String label, Listener listener) {
            super(owner);
            this.enclosing = owner.scope();
            this.label = label;
            this.listener = listener;
        }

        @Override
        String label() {
            return label;
        }

        @Override
        boolean waitsForChildren() {
            return false;
        }

        @Override
        void ended(TaskStrand<?> child) {
            if (child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
                keep(new Failed(child, exception, isCancelled()));
            }
            listener.taskEnded(new Task<>(child));
        }

        private void keep(Failed failure) {
            lock.lock();
            try {
                failed.removeIf(earlier -> earlier.task().isRead());
                if (failed.size() < KEPT) {
                    failed.add(failure);
                    return;
                }
            } finally {
                lock.unlock();
            }
            Reports.unreadFailure(failure.task(), failure.exception());
        }

        private void call(Runnable callback) {
            try {
                callback.run();
            } catch (Throwable t) {
                failures.add(t);
            }
        }

        /** Returns what is to be thrown. */
        @Nullable
        Throwable close() {
            if (closed) {
                return null;
            }
            closed = true;
            call(listener::closing);
            cancel(new CancelReason(Kind.SCOPE_ENDED, label + " was closed"));
            call(listener::stopping);
            join();
            enclosing.release(this);
            for (Failed failure : failed) {
                if (failure.task().isRead()) {
                    continue;
                }
                if (failure.toldToStop()) {
                    failures.add(failure.exception());
                } else {
                    Reports.unreadFailure(failure.task(), failure.exception());
                }
            }
            return failures.toThrow();
        }

        @Override
        protected boolean hasEnded() {
            return closed || (dismissed && pending() == 1 && allRead());
        }

        private boolean allRead() {
            lock.lock();
            try {
                return failed.stream().allMatch(failure -> failure.task().isRead());
            } finally {
                lock.unlock();
            }
        }

        @Override
        protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
            Throwable failure = close();
            if (failure == null || failure == thrown) {
                return thrown;
            }
            if (thrown == null) {
                return failure;
            }
            if (thrown instanceof Cancelled cancelled) {
                Failures.suppressAll(failure, cancelled);
                strand().cancellationDropped();
                return failure;
            }
            Failures.suppress(thrown, failure);
            return thrown;
        }

        @Override
        public String toString() {
            return "the tasks of " + label;
        }
    }
}
