package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PortalTest {
    private static final Duration LONG = Duration.ofHours(1);

    /** Runs code on a platform thread of its own, and waits for it without being a checkpoint. */
    private static <X extends Exception> void outside(Action<X> action) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> failure.set(catchThrowable(action::run)));
        Polling.until("the thread outside ended", () -> !thread.isAlive());
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    @Test
    void what_is_submitted_from_outside_becomes_a_task_of_the_run() {
        run(() -> {
            Portal portal = portal();
            outside(() -> {
                Task<Boolean> task = portal.submit(() -> {
                    checkpoint();
                    return createTask(() -> Thread.currentThread().isVirtual()).await();
                });
                assertThat(task.get()).isTrue();
                AtomicBoolean ran = new AtomicBoolean();
                portal.submit(() -> ran.set(true)).await();
                assertThat(ran).isTrue();
            });
        });
    }

    @Test
    void a_submitted_task_is_cancelled_and_joined_when_the_run_ends() {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Portal portal = portal();
                outside(() -> task.set(portal.submit(() -> sleep(LONG))));
            });

            assertThat(task.get().isCancelled()).isTrue();
            assertThat(log.warnings(task.get().name())).hasSize(1);
        }
    }

    @Test
    void call_waits_on_the_calling_thread_and_returns_the_value() {
        run(() -> {
            Portal portal = portal();
            outside(() -> assertThat(portal.call(() -> {
                        sleep(Duration.ofMillis(1));
                        return "the value";
                    }))
                    .isEqualTo("the value"));
        });
    }

    @Test
    void call_throws_the_exception_of_the_coroutine_as_it_is() {
        IOException failure = new IOException("it broke");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Portal portal = portal();
                outside(() -> assertThatThrownBy(() -> portal.call(() -> {
                            throw failure;
                        }))
                        .isSameAs(failure));
            });

            assertThat(log.records("nobody has awaited it")).isEmpty();
        }
    }

    @Test
    void call_works_inside_a_task_of_another_run_too() {
        run(() -> {
            Portal portal = portal();
            outside(() ->
                    assertThat(run(() -> gather(() -> portal.call(() -> 7)))).containsExactly(7));
        });
    }

    @Test
    void a_submission_after_close_is_a_clear_error_and_earlier_ones_go_on() {
        run(() -> {
            Portal portal = portal();
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> earlier = portal.submit(() -> {
                Polling.uninterruptibly(open);
                return 7;
            });
            portal.close();
            portal.close();
            outside(() -> {
                assertThatThrownBy(() -> portal.submit(() -> 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("portal is closed");
                assertThatThrownBy(() -> portal.call(() -> 1)).isInstanceOf(IllegalStateException.class);
            });
            open.countDown();
            assertThat(earlier.await()).isEqualTo(7);
        });
    }

    @Test
    void a_submission_after_the_end_of_the_run_is_a_clear_error() {
        Portal portal = run(RunOptions.defaults().withName("the program"), Async::portal);

        assertThatThrownBy(() -> portal.submit(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("portal is closed")
                .hasMessageContaining("the program");
    }

    @Test
    void it_leads_into_a_run_and_needs_one() {
        assertThatThrownBy(Async::portal)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
    }

    @Test
    void an_interrupted_submitter_cancels_the_task_and_its_flag_is_set() {
        run(() -> {
            Portal portal = portal();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Throwable> inTask = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            CountDownLatch begun = new CountDownLatch(1);
            Thread submitter = Thread.ofPlatform().start(() -> {
                thrown.set(catchThrowable(() -> portal.call(() -> {
                    begun.countDown();
                    inTask.set(catchThrowable(() -> sleep(LONG)));
                    checkpoint();
                    return 1;
                })));
                flag.set(Thread.currentThread().isInterrupted());
            });
            Polling.uninterruptibly(begun);
            Polling.untilWaiting(submitter);
            submitter.interrupt();
            Polling.until("the submitter has ended", () -> !submitter.isAlive());
            Polling.until("the task was cancelled", () -> inTask.get() != null);

            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            assertThat(inTask.get()).isInstanceOf(Cancelled.class).hasMessageContaining("submitter");
            assertThat(flag).isTrue();
            checkpoint();
        });
    }

    @Test
    void a_submitter_that_waits_when_the_run_ends_gets_a_cancellation_exception() {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (LogCapture _ = new LogCapture()) {
            Thread submitter = run(() -> {
                Portal portal = portal();
                Thread thread = Thread.ofPlatform()
                        .start(() -> thrown.set(catchThrowable(() -> portal.call(() -> {
                            sleep(LONG);
                            return 1;
                        }))));
                Polling.untilWaiting(thread);
                return thread;
            });
            Polling.until("the submitter ended", () -> !submitter.isAlive());
        }

        assertThat(thrown.get()).isInstanceOf(CancellationException.class);
    }

    @Test
    void submissions_that_race_with_the_end_of_the_run_end_or_are_refused() {
        for (int round = 0; round < 100; round++) {
            int enough = round % 5;
            Queue<Task<?>> submitted = new ConcurrentLinkedQueue<>();
            AtomicInteger refused = new AtomicInteger();
            AtomicReference<Thread> submitter = new AtomicReference<>();
            try (LogCapture _ = new LogCapture()) {
                run(() -> {
                    Portal portal = portal();
                    submitter.set(Thread.ofPlatform().start(() -> {
                        while (refused.get() == 0) {
                            try {
                                Task<?> task = portal.submit(() -> checkpoint());
                                submitted.add(task);
                                Polling.until("it ended", task::isDone);
                            } catch (IllegalStateException closed) {
                                refused.incrementAndGet();
                            }
                        }
                    }));
                    Polling.until("some were submitted", () -> submitted.size() > enough);
                });
                assertThat(submitted).as("at the end of run").allMatch(Task::isDone);
                Polling.until("the submitter ended", () -> !submitter.get().isAlive());
            }
            assertThat(submitted).allMatch(Task::isDone);
            assertThat(refused).hasValue(1);
        }
    }

    @Test
    void a_task_that_was_submitted_is_a_future_for_tools_that_know_only_that() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Portal portal = portal();
            outside(() -> assertThatThrownBy(() -> portal.submit(() -> {
                                throw failure;
                            })
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure));
        });
    }
}
