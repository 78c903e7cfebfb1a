package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
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
}
