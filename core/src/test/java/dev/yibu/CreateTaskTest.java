package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("finally") // a task that swallows what it was thrown
class CreateTaskTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final ContextVar<String> USER = ContextVar.withDefault("user", "nobody");

    @Test
    void it_needs_a_run_around_it() {
        assertThatThrownBy(() -> createTask(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)")
                .hasMessageContaining("TaskGroup");
        assertThatThrownBy(() -> TaskGroup.run(_ -> createTask("named", () -> {})))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
    }

    @Test
    void a_background_task_runs_concurrently_and_is_awaited() {
        run(() -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = createTask("waits", () -> {
                Polling.uninterruptibly(open);
                return 7;
            });
            open.countDown();
            assertThat(task.await()).isEqualTo(7);
            assertThat(task.name()).isEqualTo("waits");
        });
    }

    // ---------------------------------------------------------------- whom it belongs to

    @Test
    void its_cancel_parent_is_the_run_and_not_an_enclosing_timeout() {
        run(() -> {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            var _ = catchThrowable(() -> timeout(Duration.ofMillis(5), () -> {
                task.set(createTask("background", () -> sleep(LONG)));
                sleep(LONG);
            }));
            Polling.untilWaiting("background");
            assertThat(Polling.task("background").orElseThrow().cancelled()).isFalse();
            task.get().cancel();
        });
    }

    @Test
    void its_cancel_parent_is_the_run_and_not_an_enclosing_task_group() {
        run(() -> {
            AtomicReference<Task<?>> task = new AtomicReference<>();
            TaskGroup.run(group -> {
                task.set(createTask("background", () -> sleep(LONG)));
                group.cancel("enough");
            });
            Polling.untilWaiting("background");
            assertThat(Polling.task("background").orElseThrow().cancelled()).isFalse();
            task.get().cancel();
        });
    }

    @Test
    void its_cancel_parent_is_the_run_and_not_the_task_that_created_it() {
        run(() -> {
            AtomicReference<Task<?>> grandchild = new AtomicReference<>();
            Task<?> creator = createTask(() -> grandchild.set(createTask("background", () -> sleep(LONG))));
            creator.await();
            creator.cancel();
            Polling.untilWaiting("background");
            grandchild.get().cancel();
        });
    }

    @Test
    void its_cancel_parent_is_the_run_and_not_an_enclosing_shield() {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        TaskGroup.run(group -> {
            Task<?> runner = group.start(
                    "runner",
                    () -> run(() -> {
                        shield(LONG, () -> {
                            task.set(createTask("background", () -> sleep(LONG)));
                            Polling.untilWaiting("background");
                            currentTask().cancel("all of it");
                            Polling.until("the cancel passes by the shield", task.get()::isDone);
                        });
                        checkpoint();
                    }));
            var _ = catchThrowable(runner::await);
        });

        assertThat(task.get().isCancelled()).isTrue();
    }

    @Test
    void it_belongs_to_the_nearest_enclosing_run() {
        run(() -> {
            AtomicReference<Task<?>> inner = new AtomicReference<>();
            try (LogCapture log = new LogCapture()) {
                run(() -> inner.set(createTask("inner", () -> sleep(LONG))));
                assertThat(inner.get().isCancelled()).isTrue();
                assertThat(log.warnings("inner")).hasSize(1);
            }
            checkpoint();
        });
    }

    @Test
    void its_context_variables_come_from_the_caller() {
        run(() -> {
            Task<String> task = USER.where(
                    "alice",
                    () -> createTask(() -> {
                        checkpoint();
                        return USER.get();
                    }));
            assertThat(task.await()).isEqualTo("alice");
            assertThat(USER.get()).isEqualTo("nobody");
            Task<Task<String>> nested = createTask(() -> USER.where("bob", () -> createTask(() -> USER.get())));
            assertThat(nested.await().await()).isEqualTo("bob");
        });
    }

    // ---------------------------------------------------------------- what is left of it

    @Test
    void a_finished_task_is_unlinked_at_once_so_that_its_result_can_be_collected() {
        try (LogCapture _ = new LogCapture()) {
            run(() -> Polling.untilCollected(new WeakReference<>(resultOfAFinishedTask())));
        }
    }

    /** The task ends between two neighbours that still run. */
    private static Object resultOfAFinishedTask() {
        createTask(() -> sleep(LONG));
        Task<Object> task = createTask(() -> new Object());
        createTask(() -> sleep(LONG));
        return task.await();
    }

    // ---------------------------------------------------------------- failures that nobody reads

    private static void failInBackground(String name, Throwable failure) {
        Task<?> task = createTask(name, () -> {
            throw Throwing.<RuntimeException>any(failure);
        });
        Polling.until("it ended", task::isDone);
    }

    @Test
    void an_unread_failure_is_reported_when_its_handle_becomes_unreachable() {
        IOException failure = new IOException("it broke");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                failInBackground("forgotten", failure);
                Polling.until("the report", () -> {
                    System.gc();
                    return !log.records("forgotten").isEmpty();
                });
                LogRecord record = log.records("forgotten").getFirst();
                assertThat(record.getThrown()).isSameAs(failure);
                assertThat(record.getLevel()).isEqualTo(Level.SEVERE);
                assertThat(record.getMessage()).contains("nobody has awaited it", "await the task");
            });
            assertThat(log.records("forgotten")).as("exactly once").hasSize(1);
        }
    }

    @Test
    void an_unread_failure_is_reported_when_run_ends_if_the_handle_is_still_held() {
        try (LogCapture log = new LogCapture()) {
            Task<String> task = run(() -> {
                Task<String> held = failing("held");
                System.gc();
                assertThat(log.records("held")).isEmpty();
                return held;
            });

            assertThat(log.records("held")).hasSize(1);
            assertThat(task.state()).isEqualTo(Task.State.FAILED);
        }
    }

    @Test
    void a_run_that_has_ended_keeps_no_failed_task_in_memory() {
        try (LogCapture log = new LogCapture()) {
            WeakReference<Object> handle = new WeakReference<>(run(() -> failing("returned")));

            Polling.untilCollected(handle);
            assertThat(log.records("returned")).as("exactly once").hasSize(1);
        }
    }

    @Test
    void an_unread_failure_during_the_end_of_run_is_reported() {
        try (LogCapture log = new LogCapture()) {
            AtomicReference<Task<?>> handle = new AtomicReference<>();
            run(() -> {
                handle.set(createTask("cleaner", () -> {
                    try {
                        sleep(LONG);
                    } finally {
                        throw new IllegalStateException("clean-up broke");
                    }
                }));
                Polling.untilWaiting("cleaner");
            });

            assertThat(log.records("nobody has awaited it"))
                    .singleElement()
                    .satisfies(record -> assertThat(record.getMessage()).contains("cleaner"));
        }
    }

    @Test
    void a_failure_that_was_read_is_not_reported() throws IOException {
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                var _ = catchThrowable(failing("read by await")::await);
                var _ = catchThrowable(failing("read by get")::get);
                failing("read by outcome").outcome();
                failing("read by exceptionNow").exceptionNow();
                failing("read by a callback").onCompletion(_ -> {});
                var _ = catchThrowable(() -> gather(List.of(failing("read by gather")), Task::await));
                for (int i = 0; i < 5; i++) {
                    System.gc();
                }
            });

            assertThat(log.records("read by")).isEmpty();
        }
    }

    private static Task<String> failing(String name) {
        Task<String> task = createTask(name, () -> {
            throw new IllegalStateException("it broke");
        });
        Polling.until("it ended", task::isDone);
        return task;
    }

    @Test
    void looking_whether_a_task_is_done_does_not_count_as_reading() {
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Task<String> task = failing("looked at");
                assertThat(task.isDone()).isTrue();
                assertThat(task.state()).isEqualTo(Task.State.FAILED);
                assertThat(task.isCancelled()).isFalse();
                assertThat(task.toString()).contains("FAILED");
            });

            assertThat(log.records("looked at")).hasSize(1);
        }
    }

    @Test
    void a_task_that_is_cancelled_is_not_reported() {
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Task<?> task = createTask("cancelled one", () -> sleep(LONG));
                task.cancel();
                Polling.until("it ended", () -> Polling.task("cancelled one").isEmpty());
            });

            assertThat(log.records("cancelled one")).isEmpty();
        }
    }

    @Test
    void a_failure_does_not_disturb_run_or_other_tasks() {
        try (LogCapture _ = new LogCapture()) {
            String value = run(() -> {
                Task<String> other = createTask("other", () -> {
                    Polling.until(
                            "the failing one was started",
                            () -> Polling.task("other").isPresent());
                    failInBackground("failing", new IOException("it broke"));
                    checkpoint();
                    return "goes on";
                });
                return other.await();
            });

            assertThat(value).isEqualTo("goes on");
        }
    }
}
