package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Completion stages as things to await, and tasks as completable futures. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuturesTest {
    private static final Duration LONG = Duration.ofHours(1);

    // ---------------------------------------------------------------- await a stage

    @Test
    void a_stage_can_be_awaited_before_and_after_it_completes() {
        run(() -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            Task<String> waiter = createTask(() -> Async.await(future));
            Until.holds(() -> future.getNumberOfDependents() == 1);
            assertThat(waiter.isDone()).isFalse();
            future.complete("done");
            assertThat(waiter.await()).isEqualTo("done");
            assertThat(Async.<String>await(future)).isEqualTo("done");
        });
    }

    @Test
    void a_stage_may_yield_null() {
        run(() -> assertThat(Async.<String>await(CompletableFuture.completedFuture(null)))
                .isNull());
    }

    @Test
    void a_stage_can_be_awaited_outside_of_run() {
        assertThat(Async.<Integer>await(CompletableFuture.completedFuture(7))).isEqualTo(7);
    }

    @Test
    void what_a_stage_failed_with_is_thrown_without_a_wrapper() {
        IOException failure = new IOException("it broke");
        CompletableFuture<String> failed = CompletableFuture.failedFuture(failure);
        run(() -> {
            assertThatThrownBy(() -> Async.await(failed)).isSameAs(failure);
            assertThatThrownBy(() -> Async.await(failed.thenApply(x -> x).thenApply(x -> x)))
                    .isSameAs(failure);
            Throwable caught = null;
            try {
                Async.await(failed, IOException.class);
            } catch (IOException e) { // the compiler knows
                caught = e;
            }
            assertThat(caught).isSameAs(failure);
        });
    }

    @Test
    void a_stage_that_was_cancelled_is_a_cancellation_exception() {
        run(() -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            future.cancel(true);
            assertThatThrownBy(() -> Async.await(future)).isInstanceOf(CancellationException.class);
            checkpoint();
        });
    }

    @Test
    void a_waiter_that_is_cancelled_leaves_the_stage_alone_and_loses_nothing() {
        run(() -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            Task<String> waiter = createTask("waiter", () -> Async.await(future));
            Until.waits(waiter);
            waiter.cancel("enough");
            assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class);
            assertThat(future.isDone()).isFalse();
            future.complete("later");
            assertThat(Async.<String>await(future)).isEqualTo("later");
        });
    }

    @Test
    void a_stage_has_no_more_listeners_than_have_waited_for_it_at_a_time() {
        run(() -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            for (int i = 0; i < 20; i++) {
                List<Task<String>> waiters = List.of(
                        createTask("first " + i, () -> Async.await(future)),
                        createTask("second " + i, () -> Async.await(future)));
                waiters.forEach(Until::waits);
                waiters.forEach(Task::cancel);
                waiters.forEach(waiter -> assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class));
            }
            assertThat(future.getNumberOfDependents()).isEqualTo(2);
        });
    }

    @Test
    void whoever_waits_after_others_were_cancelled_hears_of_the_end_whenever_it_comes() {
        run(() -> {
            for (boolean waitsBefore : new boolean[] {true, false}) {
                CompletableFuture<String> future = new CompletableFuture<>();
                Task<String> cancelled = createTask(() -> Async.await(future));
                Until.waits(cancelled);
                cancelled.cancel();
                assertThatThrownBy(cancelled::await).isInstanceOf(CancellationException.class);
                Task<String> waiter = null;
                if (waitsBefore) {
                    waiter = createTask(() -> Async.await(future));
                    Until.waits(waiter);
                    assertThat(future.getNumberOfDependents()).isEqualTo(1);
                }
                future.complete("done");
                assertThat(Async.<String>await(future)).isEqualTo("done");
                if (waiter != null) {
                    assertThat(waiter.await()).isEqualTo("done");
                }
            }
        });
    }

    @Test
    void a_stage_that_has_ended_is_not_kept_by_a_wait_that_was_cancelled_before() {
        WeakReference<CompletableFuture<Object>> kept = run(() -> {
            CompletableFuture<Object> future = new CompletableFuture<>();
            Task<Object> waiter = createTask(() -> Async.await(future));
            Until.waits(waiter);
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class);
            future.complete(List.of(future)); // it leads back to itself
            return new WeakReference<>(future);
        });
        run(() -> Until.holds(() -> {
            System.gc();
            return kept.refersTo(null);
        }));
    }

    @Test
    void to_await_a_stage_is_a_checkpoint_even_if_it_is_complete() {
        run(() -> {
            Task<Throwable> task = createTask(() -> {
                currentTask().cancel();
                return catchThrowable(() -> Async.await(CompletableFuture.completedFuture(1)));
            });
            assertThat(task.await()).isInstanceOf(Cancelled.class);
        });
    }

    // ---------------------------------------------------------------- a task as a future

    @Test
    void a_task_as_a_future_has_its_value() {
        run(() -> {
            CompletableFuture<Void> mayEnd = new CompletableFuture<>();
            CompletableFuture<String> future = createTask(() -> {
                        Async.await(mayEnd);
                        return "done";
                    })
                    .toCompletableFuture();
            CompletableFuture<String> derived = future.thenApply(value -> value + "!");
            assertThat(derived).isNotDone();
            mayEnd.complete(null);
            assertThat(Async.<String>await(derived)).isEqualTo("done!");
            assertThat(future.join()).isEqualTo("done");
        });
    }

    @Test
    void a_task_as_a_future_has_its_failure() throws IOException {
        IOException failure = new IOException("it broke");
        run(() -> {
            CompletableFuture<Object> future = createTask(() -> {
                        if (failure != null) {
                            throw failure;
                        }
                        return new Object();
                    })
                    .toCompletableFuture();
            assertThatThrownBy(() -> Async.await(future)).isSameAs(failure);
            assertThatThrownBy(future::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
        });
    }

    @Test
    void to_cancel_the_future_cancels_the_task() {
        TaskGroup.run(group -> {
            Task<?> task = group.start(() -> sleep(LONG));
            CompletableFuture<?> future = task.toCompletableFuture();
            assertThat(future.cancel(false)).isTrue();
            assertThat(future.isCancelled()).isTrue();
            assertThatThrownBy(task::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("its future was cancelled");
            assertThat(future.cancel(true)).as("still cancelled").isTrue();
        });
    }

    @Test
    void a_task_that_is_cancelled_cancels_its_future() {
        TaskGroup.run(group -> {
            Task<?> task = group.start(() -> sleep(LONG));
            CompletableFuture<?> future = task.toCompletableFuture();
            task.cancel("enough");
            assertThatThrownBy(() -> Async.await(future))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    void to_cancel_a_derived_future_does_not_cancel_the_task() {
        TaskGroup.run(group -> {
            CompletableFuture<Void> mayEnd = new CompletableFuture<>();
            Task<Integer> task = group.start(() -> {
                Async.await(mayEnd);
                return 1;
            });
            assertThat(task.toCompletableFuture().thenApply(value -> value).cancel(true))
                    .isTrue();
            mayEnd.complete(null);
            assertThat(task.await()).isEqualTo(1);
        });
    }

    @Test
    void a_null_stage_is_named() {
        assertThatThrownBy(() -> Async.await(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("stage");
    }
}
