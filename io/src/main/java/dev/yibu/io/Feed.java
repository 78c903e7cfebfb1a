package dev.yibu.io;

import dev.yibu.Async;
import dev.yibu.lowlevel.Throwing;
import dev.yibu.sync.Event;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Something that is read by one call after the other, on the blocking pool. A caller that is cancelled leaves its call
 * behind, and the next caller gets what that call yields: nothing is read twice or lost, and however often somebody
 * tries with a timeout, no more than one call hangs.
 *
 * <p>For one strand at a time.
 *
 * @param <T> what a call yields
 */
final class Feed<T> {
    private enum Stage {
        NEW,
        WITHDRAWN,
        RUNNING,
        /** Its caller has left, and has closed what it reads. */
        LAST,
        ENDED
    }

    /** Reads something. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws IOException;
    }

    private final Closeable resource;

    /** The call that runs, or that its caller has left. */
    private @Nullable Call<T> call;

    Feed(Closeable resource) {
        this.resource = resource;
    }

    /** Runs a step on the pool, or waits for the one that was left. If it throws Cancelled, nothing has been read. */
    T next(Step<? extends T> step) throws IOException {
        Call<T> own = call;
        if (own == null) {
            Call<T> fresh = new Call<>(step, resource);
            call = fresh;
            own = fresh;
            try {
                Async.<@Nullable Void, RuntimeException>abandon(() -> {
                    fresh.run();
                    return null;
                });
            } catch (Throwable t) {
                if (fresh.stage.compareAndSet(Stage.NEW, Stage.WITHDRAWN)) {
                    call = null;
                }
                throw t;
            }
        } else {
            own.ended.await();
        }
        call = null;
        return own.result();
    }

    /** Whether there is something to wait for, or to collect, before something else may be done with the resource. */
    boolean isBehind() {
        return call != null;
    }

    /**
     * Leaves it to the call that was left behind, if it still runs, to close the resource when it ends.
     *
     * @return whether there is such a call; if not, the resource is the caller's to close
     */
    boolean closesBehind() {
        Call<T> left = call;
        return left != null && left.stage.compareAndSet(Stage.RUNNING, Stage.LAST);
    }

    private static final class Call<T> {
        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.NEW);
        private final Event ended = Event.create("a read that was left behind");
        private final Step<? extends T> step;
        private final Closeable resource;

        // Written by the worker, before the event is set.
        private @Nullable T value;
        private @Nullable Throwable thrown;

        Call(Step<? extends T> step, Closeable resource) {
            this.step = step;
            this.resource = resource;
        }

        void run() {
            if (!stage.compareAndSet(Stage.NEW, Stage.RUNNING)) {
                return;
            }
            try {
                value = step.run();
            } catch (Throwable t) {
                thrown = t;
            }
            if (!stage.compareAndSet(Stage.RUNNING, Stage.ENDED)) {
                try {
                    resource.close();
                } catch (Throwable t) {
                    System.getLogger("dev.yibu")
                            .log(Level.WARNING, "closing after a read that was left behind failed", t);
                }
            }
            ended.set();
        }

        @SuppressWarnings("NullAway") // a step that does not throw yields a T
        T result() throws IOException {
            if (thrown != null) {
                throw Throwing.<IOException>any(thrown);
            }
            return value;
        }
    }
}
