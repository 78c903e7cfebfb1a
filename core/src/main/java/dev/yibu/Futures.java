package dev.yibu;

import dev.yibu.StageListener.Ended;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Throwing;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** To and from {@link CompletionStage}. */
final class Futures {
    private Futures() {}

    static <T extends @Nullable Object> T await(Strand strand, CompletionStage<? extends T> stage) {
        strand.checkpoint();
        Suspension<Ended<T>> suspension = new Suspension<>(strand, "a completion stage");
        StageListener<T> listener = StageListener.listen(stage, suspension);
        Ended<T> ended = suspension.await(() -> {
            listener.leave(suspension);
            return Suspension.Abort.ABORTED;
        });
        Throwable thrown = ended.thrown();
        if (thrown == null) {
            return ended.value();
        }
        throw Throwing.<RuntimeException>any(unwrapped(thrown));
    }

    /** Stages that depend on others wrap what they threw. */
    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    static <T extends @Nullable Object> CompletableFuture<T> futureOf(Task<T> task) {
        CompletableFuture<T> future = new TaskFuture<>(task);
        task.onCompletion(outcome -> {
            switch (outcome) {
                case Outcome.Success<T>(T value) -> future.complete(value);
                case Outcome.Failure<T>(Throwable exception) -> future.completeExceptionally(exception);
                case Outcome.Cancellation<T>(CancelReason reason) -> {
                    CancellationException exception =
                            new CancellationException(task.name() + " was cancelled: " + reason);
                    exception.initCause(reason.cause());
                    future.completeExceptionally(exception);
                }
            }
        });
        return future;
    }

    /** Passes its cancellation on to the task. */
    private static final class TaskFuture<T extends @Nullable Object> extends CompletableFuture<T> {
        private final Task<?> task;

        TaskFuture(Task<?> task) {
            this.task = task;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            task.cancel("its future was cancelled");
            return super.cancel(mayInterruptIfRunning);
        }

        /** Futures derived from this one are ordinary ones: their cancellation is theirs alone. */
        @Override
        public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }
}
