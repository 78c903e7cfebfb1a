package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.stream.AsyncIterable;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Resources are given back whatever happens, and their release may wait although the task is cancelled. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UsingTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration MOMENT = Duration.ofMillis(1);

    private final List<String> steps = new CopyOnWriteArrayList<>();

    private String acquired(String name) {
        steps.add("acquire " + name);
        return name;
    }

    private void released(String name) {
        sleep(MOMENT);
        steps.add("release " + name);
    }

    /** Cancels a task once it waits inside the body, and returns how it ended. */
    private Throwable cancelledWhileItWaits(Action<? extends Exception> body) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask("user", body);
            Polling.untilWaiting("user");
            task.cancel("enough");
            thrown.set(catchThrowable(task::await));
        });
        return thrown.get();
    }

    @Test
    void a_resource_is_acquired_used_and_released() throws Exception {
        String value = using(() -> acquired("a"), this::released, name -> {
            steps.add("use " + name);
            return name + name;
        });

        assertThat(value).isEqualTo("aa");
        assertThat(steps).containsExactly("acquire a", "use a", "release a");
    }

    @Test
    void the_release_runs_shielded_when_the_body_is_cancelled() throws Exception {
        Throwable thrown = cancelledWhileItWaits(() -> usingRun(() -> acquired("a"), this::released, _ -> sleep(LONG)));

        assertThat(thrown).isInstanceOf(CancellationException.class).hasMessageContaining("enough");
        assertThat(steps).containsExactly("acquire a", "release a");
    }

    @Test
    void the_release_runs_shielded_when_the_time_of_the_body_is_over() throws Exception {
        Action<RuntimeException> body = () -> usingRun(() -> acquired("a"), this::released, _ -> {
            deadline().reschedule(Duration.ZERO);
            sleep(LONG);
        });
        assertThatThrownBy(() -> timeout(LONG, body)).isInstanceOf(TimeoutException.class);
        assertThat(steps).containsExactly("acquire a", "release a");
    }

    @Test
    void a_release_has_the_grace_of_the_run_and_no_longer() throws Exception {
        AtomicReference<Throwable> met = new AtomicReference<>();
        run(RunOptions.defaults().withGrace(MOMENT), () -> {
            Task<?> task = createTask(
                    "user",
                    () -> usingRun(
                            () -> acquired("a"),
                            _ -> {
                                met.set(catchThrowable(() -> sleep(LONG)));
                                checkpoint();
                            },
                            _ -> sleep(LONG)));
            Polling.untilWaiting("user");
            task.cancel("enough");
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
    }

    @Test
    void an_acquisition_that_fails_or_is_cancelled_releases_nothing() throws Exception {
        IOException failure = new IOException("no connection");
        assertThatThrownBy(() -> using(
                        () -> {
                            throw failure;
                        },
                        this::released,
                        x -> x))
                .isSameAs(failure);
        Throwable thrown = cancelledWhileItWaits(() -> usingRun(
                () -> {
                    sleep(LONG);
                    return "never";
                },
                this::released,
                this::released));

        assertThat(thrown).isInstanceOf(CancellationException.class);
        assertThat(steps).isEmpty();
    }

    @Test
    void a_resource_that_was_acquired_although_the_task_is_cancelled_is_released() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        run(() -> {
            Task<?> task = createTask(() -> usingRun(
                    () -> {
                        begun.countDown();
                        Polling.uninterruptibly(cancelled);
                        return acquired("a");
                    },
                    this::released,
                    _ -> sleep(LONG)));
            Polling.uninterruptibly(begun);
            task.cancel();
            cancelled.countDown();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });

        assertThat(steps).containsExactly("acquire a", "release a");
    }

    @Test
    void the_failure_of_the_body_is_thrown_with_that_of_the_release_suppressed() throws Exception {
        IOException failure = new IOException("the body");
        IllegalStateException second = new IllegalStateException("the release");
        assertThatThrownBy(() -> usingRun(
                        () -> acquired("a"),
                        _ -> {
                            throw second;
                        },
                        _ -> {
                            throw failure;
                        }))
                .isSameAs(failure)
                .hasSuppressedException(second);
        assertThatThrownBy(() -> usingRun(
                        () -> acquired("a"),
                        _ -> {
                            throw second;
                        },
                        _ -> {}))
                .as("alone")
                .isSameAs(second);
    }

    @Test
    void what_the_body_leaves_open_ends_before_the_release() {
        run(() -> {
            usingRun(() -> acquired("a"), this::released, _ -> {
                for (int item : generator(Integer.class, out -> {
                    try {
                        for (; ; ) {
                            out.emit(1);
                        }
                    } finally {
                        steps.add("end of use");
                    }
                })) {
                    assertThat(item).isOne();
                    break;
                }
            });
            assertThat(steps).containsExactly("acquire a", "end of use", "release a");
        });
    }

    private void releaseThatFails(Throwable failure) throws Throwable {
        releaseThatFails(failure, () -> {});
    }

    /** Waits inside the block, and fails to release. */
    private void releaseThatFails(Throwable failure, Runnable first) throws Throwable {
        Async.<String, Throwable>usingRun(
                () -> acquired("a"),
                _ -> {
                    throw failure;
                },
                _ -> {
                    first.run();
                    sleep(LONG);
                });
    }

    private static List<Throwable> logged(LogCapture log) {
        return log.records("failed to clean up").stream()
                .map(LogRecord::getThrown)
                .toList();
    }

    @Test
    void a_release_that_fails_while_its_task_is_cancelled_is_logged() throws Throwable {
        IOException failure = new IOException("the release");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Task<?> task = createTask("user", () -> releaseThatFails(failure));
                Polling.untilWaiting("user");
                task.cancel();
                assertThat(catchThrowable(task::await)).isInstanceOf(CancellationException.class);
            });
            assertThat(logged(log)).containsExactly(failure);
            assertThat(log.messages("failed to clean up"))
                    .singleElement()
                    .asString()
                    .contains("task \"user\"");
        }
    }

    @Test
    void a_release_that_fails_inside_a_call_on_another_thread_is_logged_too() throws Throwable {
        IOException failure = new IOException("the release");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Task<?> task = createTask("user", () -> blocking(() -> releaseThatFails(failure)));
                Polling.until("acquired", () -> !steps.isEmpty());
                task.cancel();
                assertThat(catchThrowable(task::await)).isInstanceOf(CancellationException.class);
            });
            assertThat(logged(log)).containsExactly(failure);
        }
    }

    @Test
    void a_release_that_fails_in_a_block_that_moves_on_or_a_group_that_was_told_to_stop_is_logged() throws Throwable {
        IOException first = new IOException("the release in the block");
        IOException second = new IOException("the release in the group");
        try (LogCapture log = new LogCapture()) {
            boolean finished = Async.<Throwable>moveOnAfter(
                    LONG, () -> releaseThatFails(first, () -> deadline().reschedule(Duration.ZERO)));
            assertThat(finished).isFalse();
            TaskGroup.<Throwable>run(group -> releaseThatFails(second, () -> group.cancel("enough")));
            assertThat(logged(log)).containsExactly(first, second);
        }
    }

    @Test
    void a_release_that_fails_in_a_group_whose_task_fails_is_suppressed() {
        IOException failure = new IOException("the task");
        IOException release = new IOException("the release");
        try (LogCapture log = new LogCapture()) {
            assertThatThrownBy(() -> TaskGroup.<Throwable>run(group -> {
                        group.<Throwable>start(() -> {
                            Polling.until("acquired", () -> !steps.isEmpty());
                            throw failure;
                        });
                        releaseThatFails(release);
                    }))
                    .isSameAs(failure)
                    .hasSuppressedException(release);
            assertThat(logged(log)).isEmpty();
        }
    }

    @Test
    void what_a_cancellation_or_its_interrupt_makes_of_a_clean_up_is_no_failure() throws Exception {
        try (LogCapture log = new LogCapture()) {
            cancelledWhileItWaits(() -> {
                try (AutoCloseable _ = () -> sleep(MOMENT);
                        AutoCloseable _ = () -> {
                            throw new InterruptedIOException("closed by an interrupt");
                        }) {
                    sleep(LONG);
                }
            });
            cancelledWhileItWaits(() -> retry(Retry.fixed(2, LONG), () -> {
                throw new IOException("an attempt");
            }));
            assertThat(logged(log)).isEmpty();
        }
    }

    @Test
    void a_stack_releases_the_last_one_first_and_shielded() throws Exception {
        Throwable thrown = cancelledWhileItWaits(() -> {
            try (ResourceStack stack = new ResourceStack()) {
                stack.acquire(() -> acquired("a"), this::released);
                stack.acquire(() -> acquired("b"), this::released);
                stack.defer(() -> released("c"));
                stack.add((Closeable) () -> released("d"));
                sleep(LONG);
            }
        });

        assertThat(thrown).isInstanceOf(CancellationException.class);
        assertThat(steps).containsExactly("acquire a", "acquire b", "release d", "release c", "release b", "release a");
    }

    @Test
    void each_release_of_a_stack_runs_and_the_first_failure_is_thrown_with_the_later_ones_suppressed()
            throws Exception {
        IOException first = new IOException("first");
        IllegalStateException second = new IllegalStateException("second");
        assertThatThrownBy(() -> {
                    try (ResourceStack stack = new ResourceStack()) {
                        stack.acquire(() -> acquired("a"), this::released);
                        stack.defer(() -> {
                            throw second;
                        });
                        stack.defer(() -> {
                            throw first;
                        });
                    }
                })
                .isSameAs(first)
                .hasSuppressedException(second);
        assertThat(steps).containsExactly("acquire a", "release a");
    }

    @Test
    void a_stack_that_is_closed_takes_nothing_more_and_releases_once() throws Exception {
        ResourceStack stack = new ResourceStack();
        stack.defer(() -> steps.add("release"));
        stack.close();
        stack.close();

        assertThat(steps).containsExactly("release");
        assertThatThrownBy(() -> stack.defer(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> stack.acquire(() -> acquired("a"), this::released))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stack.add((Closeable) () -> {})).isInstanceOf(IllegalStateException.class);
        assertThat(steps).containsExactly("release");
    }

    /** What plain try-with-resources is not. */
    @Test
    void the_close_of_a_plain_resource_is_not_shielded() throws Exception {
        AtomicReference<Throwable> met = new AtomicReference<>();
        cancelledWhileItWaits(() -> {
            try (Closeable _ = () -> met.set(catchThrowable(() -> sleep(MOMENT)))) {
                sleep(LONG);
            }
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void what_a_block_leaves_open_ends_before_the_releases_if_it_is_on_the_stack() throws Exception {
        run(() -> {
            try (ResourceStack stack = new ResourceStack()) {
                stack.acquire(() -> acquired("a"), this::released);
                AsyncIterable<Integer> items = stack.add(generator(Integer.class, out -> {
                    try {
                        for (int i = 0; ; i++) {
                            out.emit(i);
                        }
                    } finally {
                        steps.add("generator ends");
                    }
                }));
                assertThat(items.iterator().next()).isZero();
            }
        });

        assertThat(steps).containsExactly("acquire a", "generator ends", "release a");
    }
}
