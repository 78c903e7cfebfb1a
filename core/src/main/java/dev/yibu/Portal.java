package dev.yibu;

import dev.yibu.lowlevel.Strand;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The way into a running {@code run} for threads outside it: a GUI's, a servlet's, a callback's. Compare {@code
 * asyncio.run_coroutine_threadsafe}. Opened inside the run with {@link Async#portal()}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=portal}
 *
 * <p>What is submitted becomes a background task of that run, as with {@link Async#createTask}. The portal closes when the
 * run ends, or earlier by {@link #close()}; a later submission is an {@link IllegalStateException}.
 *
 * <p><b>Thread-safety.</b> Any thread may use it.
 */
public final class Portal implements AutoCloseable {
    private final RunScope run;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    Portal(RunScope run) {
        this.run = run;
        run.opened(this);
    }

    /**
     * Starts a task in the run, and returns at once.
     *
     * @param coroutine the task's work
     * @param <T> what it yields
     * @param <X> what it may throw, when it is awaited
     * @return the task; also a {@link java.util.concurrent.Future}
     * @throws X never here; declared so that the caller's signature carries it
     * @throws IllegalStateException if the portal is closed
     */
    public <T extends @Nullable Object, X extends Throwable> Task<T> submit(
            Coroutine<? extends T, ? extends X> coroutine) throws X {
        return start(Objects.requireNonNull(coroutine, "coroutine"));
    }

    /**
     * Starts a task in the run, and returns at once.
     *
     * @param action the task's work
     * @param <X> what it may throw, when it is awaited
     * @return the task; also a {@link java.util.concurrent.Future}
     * @throws X never here; declared so that the caller's signature carries it
     * @throws IllegalStateException if the portal is closed
     */
    public <X extends Throwable> Task<@Nullable Void> submit(Action<? extends X> action) throws X {
        return start(Actions.asCoroutine(action));
    }

    /**
     * Runs a coroutine as a task of the run, and waits for it on the calling thread.
     *
     * @param coroutine the work
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the coroutine does
     * @throws IllegalStateException if the portal is closed
     * @throws CancellationException if the run ended first, or the calling thread was interrupted; then the task is
     *     cancelled too, and the thread's interrupt flag is set
     */
    public <T extends @Nullable Object, X extends Throwable> T call(Coroutine<? extends T, ? extends X> coroutine)
            throws X {
        Task<T> task = start(Objects.requireNonNull(coroutine, "coroutine"));
        try {
            return task.await();
        } catch (Cancelled | CancellationException e) {
            task.cancel("the submitter was cancelled");
            throw e;
        }
    }

    private <T extends @Nullable Object> Task<T> start(Coroutine<? extends T, ?> coroutine) {
        return run.createTask(null, coroutine, this::admit);
    }

    /** Counts a task, so that the run ends after it; it is started when the lock is free again. */
    private void admit() {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(
                        "the portal is closed: " + run.label() + " has ended, or close() was called");
            }
            run.admit(1);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Refuses further submissions; tasks that were submitted go on. Idempotent. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            closed = true;
        } finally {
            lock.writeLock().unlock();
        }
        run.closed(this);
    }

    static Portal open() {
        RunScope run = RunScope.around(Strand.current());
        if (run == null) {
            throw new IllegalStateException("a portal leads into a run: open it inside run(...)");
        }
        return new Portal(run);
    }
}
