package dev.yibu.tests.adapters;

import dev.yibu.Action;
import dev.yibu.Async;
import dev.yibu.Outcome;
import dev.yibu.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A task in a run of its own, on which the test looks from outside: a task that does not end can't hang the test. */
final class Running {
    private final CompletableFuture<Task<?>> task = new CompletableFuture<>();
    private final CompletableFuture<Outcome<?>> outcome = new CompletableFuture<>();

    private Running() {}

    static Running start(Action<?> body) {
        Running running = new Running();
        Thread.ofVirtual().name("test").start(() -> running.run(body));
        return running;
    }

    private void run(Action<?> body) {
        try {
            Async.run(() -> {
                Task<?> started = Async.<Throwable>createTask("operation", body::run);
                task.complete(started);
                Async.gatherOutcomes(List.of(started), Task::await);
                outcome.complete(started.outcome().orElseThrow());
            });
        } catch (Throwable e) {
            task.completeExceptionally(e);
            outcome.completeExceptionally(e);
        }
    }

    void cancel() {
        task.join().cancel("the test wants it");
    }

    boolean isDone() {
        return outcome.isDone();
    }

    /** How it ended; it is given this long to do so. */
    Outcome<?> outcome(Duration limit) {
        try {
            return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("the operation has not ended within " + limit, e);
        } catch (ExecutionException e) {
            throw new AssertionError("the run failed", e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError("the test is given up", e);
        }
    }
}
