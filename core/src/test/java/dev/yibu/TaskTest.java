package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.CancelReason.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TaskTest {
    private static final Duration LONG = Duration.ofHours(1);

    // ---------------------------------------------------------------- await

    @Test
    void await_returns_what_the_task_returned() {
        Object value = new Object();

        Object awaited = TaskGroup.call(group -> group.start(() -> value).await());

        assertThat(awaited).isSameAs(value);
    }

    @Test
    void a_task_may_yield_null() {
        String awaited = TaskGroup.call(
                group -> group.<String, RuntimeException>start(() -> null).await());

        assertThat(awaited).isNull();
    }

    @Test
    void await_throws_the_very_exception_of_the_task() throws IOException {
        IOException failure = new IOException("it broke");

        run(() -> {
            Task<?> task = createTask(() -> {
                throw failure;
            });
            assertThatThrownBy(task::await).isSameAs(failure);
            assertThatThrownBy(task::await).as("again").isSameAs(failure);
            assertThatThrownBy(() -> task.await(IOException.class)).isSameAs(failure);
            assertThatThrownBy(() -> task.await(InterruptedException.class)).isSameAs(failure);
        });
    }

    @Test
    void await_of_a_type_shows_the_compiler_a_checked_exception() {
        run(() -> {
            Task<String> task = startsBroken();
            String caught;
            try {
                caught = task.await(IOException.class);
            } catch (IOException e) {
                caught = e.getMessage();
            }
            assertThat(caught).isEqualTo("it broke");
        });
    }

    private static Task<String> startsBroken() {
        try {
            return createTask(() -> {
                throw new IOException("it broke");
            });
        } catch (IOException e) {
            throw new AssertionError("createTask throws nothing itself", e);
        }
    }

    @Test
    void a_task_can_be_awaited_by_many_tasks_and_by_other_threads() throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            Task<Integer> task = group.start("awaited", () -> {
                open.await();
                return 7;
            });
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                threads.add(Thread.ofPlatform().start(() -> seen.add(task.await())));
                group.start("waiter " + i, () -> seen.add(task.await()));
            }
            threads.forEach(Polling::untilWaiting);
            for (int i = 0; i < 5; i++) {
                Polling.untilWaiting("waiter " + i);
            }
            open.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        });

        assertThat(seen).hasSize(10).containsOnly(7);
    }

    @Test
    void a_cancelled_waiter_of_a_task_leaves_the_task_alone() throws InterruptedException {
        TaskGroup.run(group -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = group.start(() -> {
                open.await();
                return 7;
            });
            Task<Integer> waiter = group.start("waiter", () -> task.await());
            Polling.untilWaiting("waiter");
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class);

            assertThat(task.isDone()).isFalse();
            open.countDown();
            assertThat(task.await()).isEqualTo(7);
        });
    }

    @Test
    void a_waiter_from_outside_that_is_interrupted_leaves_the_task_alone() throws InterruptedException {
        TaskGroup.run(group -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = group.start(() -> {
                open.await();
                return 7;
            });
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread waiter = Thread.ofPlatform().start(() -> {
                thrown.set(catchThrowable(task::await));
                flag.set(Thread.currentThread().isInterrupted());
            });
            Polling.untilWaiting(waiter);
            waiter.interrupt();
            waiter.join();

            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            assertThat(flag).isTrue();
            open.countDown();
            assertThat(task.await()).isEqualTo(7);
        });
    }

    @Test
    void what_happened_before_the_start_is_visible_in_the_task_and_what_happened_in_it_after_await() {
        TaskGroup.run(group -> {
            for (int i = 1; i <= 1000; i++) {
                int[] plain = {i, 0};
                Task<?> task = group.start(() -> {
                    plain[1] = -plain[0];
                });
                task.await();
                assertThat(plain[1]).isEqualTo(-i);
            }
        });
    }

    // ---------------------------------------------------------------- cancel

    @Test
    void a_task_that_is_cancelled_before_its_start_never_runs() {
        HeldStarts driver = new HeldStarts();
        AtomicBoolean ran = new AtomicBoolean();

        driver.run(() -> TaskGroup.run(group -> {
            Task<?> task = group.start(() -> ran.set(true));
            assertThat(task.cancel("not needed")).isTrue();
            assertThat(task.isDone()).isFalse();
            driver.release();
            assertThatThrownBy(task::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("not needed");
            assertThat(task.isCancelled()).isTrue();
        }));

        assertThat(ran).isFalse();
    }

    @Test
    void a_task_whose_thread_can_not_be_started_has_failed() {
        HeldStarts driver = new HeldStarts();
        driver.failure = new OutOfMemoryError("no thread");

        assertThatThrownBy(() -> driver.run(() -> gather(() -> 1))).isSameAs(driver.failure);
    }

    @Test
    void cancel_of_a_finished_task_returns_false_and_changes_nothing() {
        TaskGroup.run(group -> {
            Task<Integer> task = group.start(() -> 7);
            task.await();

            assertThat(task.cancel()).isFalse();
            assertThat(task.cancel("too late")).isFalse();
            assertThat(task.cancel(true)).isFalse();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.await()).isEqualTo(7);
        });
    }

    @Test
    void cancel_again_is_idempotent_and_the_first_reason_is_kept() {
        TaskGroup.run(group -> {
            Task<?> task = group.start("sleeper", () -> sleep(LONG));
            Polling.untilWaiting("sleeper");

            assertThat(task.cancel("the first reason")).isTrue();
            assertThat(task.cancel("the second reason")).isFalse();
            assertThatThrownBy(task::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("sleeper")
                    .hasMessageContaining("the first reason");
            assertThat(task.cancel()).isFalse();
            assertThat(task.outcome())
                    .contains(new Outcome.Cancellation<>(new CancelReason(Kind.REQUESTED, "the first reason")));
        });
    }

    @Test
    void cancel_from_any_thread_is_safe_and_one_of_many_requests_it() throws InterruptedException {
        for (int round = 0; round < 100; round++) {
            AtomicInteger taken = new AtomicInteger();
            TaskGroup.run(group -> {
                Task<?> task = group.start(() -> sleep(LONG));
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    threads.add(Thread.ofPlatform().start(() -> {
                        if (task.cancel()) {
                            taken.incrementAndGet();
                        }
                    }));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });
            assertThat(taken).hasValue(1);
        }
    }

    @Test
    void a_cancel_that_races_with_completion_has_one_winner() {
        TaskGroup.run(group -> {
            for (int round = 0; round < 3000; round++) {
                AtomicBoolean completed = new AtomicBoolean();
                AtomicInteger calls = new AtomicInteger();
                Task<Integer> task = group.start(() -> {
                    checkpoint();
                    completed.set(true);
                    return 7;
                });
                task.onCompletion(_ -> calls.incrementAndGet());
                boolean taken = task.cancel();
                var _ = catchThrowable(task::await);

                switch (task.outcome().orElseThrow()) {
                    case Outcome.Success<Integer>(Integer value) ->
                        assertThat(value).isEqualTo(7);
                    case Outcome.Cancellation<Integer> _ -> {
                        assertThat(taken).isTrue();
                        assertThat(completed).isFalse();
                    }
                    case Outcome.Failure<Integer>(Throwable exception) -> throw new AssertionError(exception);
                }
                Polling.until("the callback was called", () -> calls.get() > 0);
                assertThat(calls).hasValue(1);
            }
        });
    }

    @Test
    void being_cancelled_oneself_throws_an_error_that_catch_exception_does_not_swallow() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            Task<?> task = group.start("sleeper", () -> {
                try {
                    sleep(LONG);
                } catch (Exception e) {
                    throw new AssertionError("swallowed", e);
                } catch (Cancelled e) {
                    met.set(e);
                    throw e;
                }
            });
            Polling.untilWaiting("sleeper");
            task.cancel("enough");
        });

        assertThat(met.get()).isInstanceOf(Error.class).hasMessage("enough");
        assertThat(((Cancelled) met.get()).reason().kind()).isEqualTo(Kind.REQUESTED);
    }

    @Test
    void a_task_that_swallows_its_cancellation_is_done_with_its_value_and_a_warning_names_it() {
        try (LogCapture log = new LogCapture()) {
            TaskGroup.run(group -> {
                Task<String> task = group.start("stubborn", () -> {
                    try {
                        sleep(LONG);
                    } catch (Cancelled swallowed) {
                        return "all the same";
                    }
                    return "slept";
                });
                Polling.untilWaiting("stubborn");
                task.cancel();
                assertThat(task.await()).isEqualTo("all the same");
                assertThat(task.isCancelled()).isFalse();
            });

            assertThat(log.warnings("stubborn")).singleElement().asString().contains("swallowed");
        }
    }

    @Test
    void a_task_that_ends_before_it_meets_its_cancellation_has_swallowed_nothing() {
        try (LogCapture log = new LogCapture()) {
            TaskGroup.run(group -> {
                CountDownLatch open = new CountDownLatch(1);
                Task<Integer> task = group.start("quick", () -> {
                    Polling.uninterruptibly(open);
                    return 7;
                });
                task.cancel();
                open.countDown();
                var _ = catchThrowable(task::await);
            });

            assertThat(log.messages("quick")).isEmpty();
        }
    }

    @Test
    void a_task_may_cancel_itself() {
        TaskGroup.run(group -> {
            Task<?> task = group.start(() -> {
                currentTask().cancel("by myself");
                checkpoint();
                throw new AssertionError("a checkpoint let a cancelled task pass");
            });
            assertThatThrownBy(task::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("by myself");
        });
    }

    @Test
    void an_exception_of_clean_up_is_the_outcome_of_a_cancelled_task() throws IOException {
        IOException failure = new IOException("clean-up broke");
        run(() -> {
            Task<?> task = createTask("cleaner", () -> {
                try {
                    sleep(LONG);
                } finally {
                    throwing(failure);
                }
            });
            Polling.untilWaiting("cleaner");
            task.cancel();
            assertThatThrownBy(task::await).isSameAs(failure);
        });
    }

    private static void throwing(IOException failure) throws IOException {
        throw failure;
    }

    // ---------------------------------------------------------------- names and handles

    @Test
    void a_task_has_the_name_it_was_given_and_its_thread_too() {
        TaskGroup.run(group -> {
            AtomicReference<String> threadName = new AtomicReference<>();
            Task<?> named = group.start(
                    "the name", () -> threadName.set(Thread.currentThread().getName()));
            Task<?> unnamed = group.start(() -> {});
            named.await();

            assertThat(named.name()).isEqualTo("the name");
            assertThat(threadName).hasValue("the name");
            assertThat(unnamed.name()).matches("task-\\d+");
            assertThat(named).hasToString("task \"the name\" SUCCESS");
            assertThat(named.creationSite()).isEqualTo(Optional.empty());
        });
    }

    @Test
    void two_handles_of_one_task_are_equal() {
        TaskGroup.run(group -> {
            AtomicReference<Task<?>> self = new AtomicReference<>();
            Task<?> task = group.start(() -> self.set(currentTask()));
            Task<?> other = group.start(() -> {});
            task.await();

            assertThat(self.get()).isEqualTo(task).hasSameHashCodeAs(task);
            assertThat(other).isNotEqualTo(task);
        });
    }

    @Test
    void a_task_runs_on_a_virtual_thread_of_its_own() {
        TaskGroup.run(group -> {
            Task<Thread> first = group.start(Thread::currentThread);
            Task<Thread> second = group.start(Thread::currentThread);

            assertThat(first.await().isVirtual()).isTrue();
            assertThat(first.await()).isNotSameAs(second.await()).isNotSameAs(Thread.currentThread());
        });
    }
}
