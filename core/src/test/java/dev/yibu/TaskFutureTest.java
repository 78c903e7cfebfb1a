package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task as the {@link Future} that existing tools know, and its completion callbacks. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TaskFutureTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static Task<String> failed(Throwable failure) {
        Task<String> task = createTask(() -> {
            throw Throwing.<RuntimeException>any(failure);
        });
        Polling.until("the task ended", task::isDone);
        return task;
    }

    private static Task<?> cancelled() {
        Task<?> task = createTask(() -> sleep(LONG));
        task.cancel("not needed");
        Polling.until("the task ended", task::isDone);
        return task;
    }

    @Test
    void get_returns_the_value() throws Exception {
        run(() -> {
            Future<Integer> future = createTask(() -> 7);
            assertThat(future.get()).isEqualTo(7);
            assertThat(future.get(1, TimeUnit.HOURS)).isEqualTo(7);
            assertThat(future.get(0, TimeUnit.SECONDS)).as("it is there").isEqualTo(7);
            assertThat(future.get(-1, TimeUnit.SECONDS)).as("it is there").isEqualTo(7);
        });
    }

    @Test
    void get_wraps_a_failure() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Task<String> task = failed(failure);
            assertThatThrownBy(task::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isSameAs(failure);
            assertThatThrownBy(() -> task.get(1, TimeUnit.HOURS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isSameAs(failure);
        });
    }

    @Test
    void get_of_a_cancelled_task_throws_a_cancellation_exception() {
        run(() -> {
            Task<?> task = cancelled();
            assertThatThrownBy(task::get)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("not needed");
            assertThatThrownBy(() -> task.get(1, TimeUnit.HOURS)).isInstanceOf(CancellationException.class);
        });
    }

    @Test
    void get_with_a_timeout_gives_up_waiting_and_the_task_goes_on() throws Exception {
        run(() -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = createTask("slow", () -> {
                open.await();
                return 7;
            });
            assertThatThrownBy(() -> task.get(1, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("slow");
            assertThatThrownBy(() -> task.get(0, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> task.get(-1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(task.isDone()).isFalse();
            open.countDown();
            assertThat(task.get()).isEqualTo(7);
        });
    }

    @ParameterizedTest
    @EnumSource(TimeUnit.class)
    void get_may_be_told_to_wait_for_ever_in_any_unit(TimeUnit unit) throws Exception {
        run(() -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = createTask(() -> {
                open.await();
                return 7;
            });
            Task<Integer> getter = createTask("getter", () -> task.get(Long.MAX_VALUE, unit));
            Polling.until(
                    "it waits or has failed",
                    () -> getter.isDone()
                            || Polling.task("getter")
                                    .filter(info -> info.state() == TaskInfo.State.WAITING)
                                    .isPresent());
            open.countDown();
            assertThat(getter.get()).isEqualTo(7);
        });
    }

    @Test
    void get_by_a_thread_that_is_no_task_works_and_an_interrupt_ends_it() throws InterruptedException {
        run(() -> {
            Task<?> task = createTask(() -> sleep(LONG));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread getter = Thread.ofPlatform().start(() -> {
                try {
                    task.get();
                } catch (Throwable t) {
                    thrown.set(Thread.currentThread().isInterrupted() ? t : new AssertionError("no flag", t));
                }
            });
            Polling.untilWaiting(getter);
            getter.interrupt();
            getter.join();

            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            assertThat(task.isDone()).isFalse();
            task.cancel();
        });
    }

    @Test
    void cancel_with_a_flag_answers_whether_the_request_was_taken() {
        run(() -> {
            Future<?> mayInterrupt = createTask(() -> sleep(LONG));
            Future<?> mayNot = createTask(() -> sleep(LONG));

            assertThat(mayInterrupt.cancel(true)).isTrue();
            assertThat(mayInterrupt.cancel(true)).isFalse();
            assertThat(mayNot.cancel(false)).isTrue();
            Polling.until("both ended", () -> mayInterrupt.isDone() && mayNot.isDone());
            assertThat(mayInterrupt.isCancelled()).isTrue();
            assertThat(mayNot.isCancelled()).isTrue();
        });
    }

    @Test
    void a_running_task_shows_its_state() {
        run(() -> {
            Task<?> task = createTask("running", () -> sleep(LONG));

            assertThat(task.state()).isEqualTo(Future.State.RUNNING);
            assertThat(task.isDone()).isFalse();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.outcome()).isEmpty();
            assertThatThrownBy(task::resultNow)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("running")
                    .hasMessageContaining("not ended");
            assertThatThrownBy(task::exceptionNow)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not ended");
            task.cancel();
        });
    }

    @Test
    void a_successful_task_shows_its_state() {
        run(() -> {
            Task<Integer> task = createTask(() -> 7);
            task.await();

            assertThat(task.state()).isEqualTo(Future.State.SUCCESS);
            assertThat(task.isDone()).isTrue();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.resultNow()).isEqualTo(7);
            assertThat(task.outcome()).contains(new Outcome.Success<>(7));
            assertThatThrownBy(task::exceptionNow).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void a_failed_task_shows_its_state() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Task<String> task = failed(failure);

            assertThat(task.state()).isEqualTo(Future.State.FAILED);
            assertThat(task.isDone()).isTrue();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.exceptionNow()).isSameAs(failure);
            assertThat(task.outcome()).contains(new Outcome.Failure<>(failure));
            assertThatThrownBy(task::resultNow)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("failed");
        });
    }

    @Test
    void a_cancelled_task_shows_its_state() {
        run(() -> {
            Task<?> task = cancelled();

            assertThat(task.state()).isEqualTo(Future.State.CANCELLED);
            assertThat(task.isDone()).isTrue();
            assertThat(task.isCancelled()).isTrue();
            assertThatThrownBy(task::resultNow)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cancelled");
            assertThatThrownBy(task::exceptionNow)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cancelled");
        });
    }

    // ---------------------------------------------------------------- callbacks

    @Test
    void callbacks_are_called_in_the_order_of_registration_on_the_tasks_thread() throws InterruptedException {
        Queue<String> calls = new ConcurrentLinkedQueue<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Thread> task = group.start(() -> {
                open.await();
                return Thread.currentThread();
            });
            task.onCompletion(outcome -> calls.add("first " + outcome.isSuccess()));
            task.onCompletion(_ -> thread.set(Thread.currentThread()));
            task.onCompletion(_ -> calls.add("second"));
            task.onCompletion(_ -> calls.add("third"));
            open.countDown();
            assertThat(task.await()).isNotNull();
        });

        assertThat(calls).containsExactly("first true", "second", "third");
        assertThat(thread.get().isVirtual()).isTrue();
    }

    @Test
    void a_callback_that_comes_late_is_called_at_once_on_the_calling_thread() {
        TaskGroup.run(group -> {
            Task<Integer> task = group.start(() -> 7);
            task.await();
            Polling.until("callbacks are closed", () -> {
                AtomicInteger called = new AtomicInteger();
                task.onCompletion(_ -> called.incrementAndGet());
                return called.get() == 1;
            });
            AtomicReference<Thread> thread = new AtomicReference<>();
            task.onCompletion(_ -> thread.set(Thread.currentThread()));

            assertThat(thread).hasValue(Thread.currentThread());
        });
    }

    @Test
    void callbacks_receive_failures_and_cancellations() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Queue<Outcome<?>> outcomes = new ConcurrentLinkedQueue<>();
            failed(failure).onCompletion(outcomes::add);
            Polling.until("the failure is there", () -> outcomes.size() == 1);
            cancelled().onCompletion(outcomes::add);
            Polling.until("both are there", () -> outcomes.size() == 2);

            assertThat(outcomes.poll()).isEqualTo(new Outcome.Failure<>(failure));
            assertThat(outcomes.poll()).isInstanceOf(Outcome.Cancellation.class);
        });
    }

    @Test
    void what_a_callback_throws_is_logged_and_the_others_are_called() throws InterruptedException {
        List<Throwable> thrown = List.of(
                new IllegalStateException("unchecked"), new AssertionError("an error"), new IOException("sneaked"));
        for (Throwable failure : thrown) {
            try (LogCapture log = new LogCapture()) {
                AtomicInteger calls = new AtomicInteger();
                TaskGroup.run(group -> {
                    CountDownLatch open = new CountDownLatch(1);
                    Task<?> task = group.start("called back", () -> open.await());
                    task.onCompletion(_ -> calls.incrementAndGet());
                    task.onCompletion(_ -> {
                        throw Throwing.<RuntimeException>any(failure);
                    });
                    task.onCompletion(_ -> calls.incrementAndGet());
                    open.countDown();
                });

                assertThat(calls).hasValue(2);
                assertThat(log.records("called back"))
                        .singleElement()
                        .satisfies(record -> assertThat(record.getThrown()).isSameAs(failure));
            }
        }
    }
}
