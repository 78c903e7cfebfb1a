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
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunTest {
    private static final Duration LONG = Duration.ofHours(1);

    // ---------------------------------------------------------------- values and exceptions

    @Test
    void it_runs_main_on_the_calling_thread_and_returns_its_value() {
        assertThat(run(Thread::currentThread)).isSameAs(Thread.currentThread());
        AtomicBoolean ran = new AtomicBoolean();
        run(() -> ran.set(true));
        assertThat(ran).isTrue();
        assertThat(Async.<String, RuntimeException>run(() -> null)).isNull();
    }

    @Test
    void exceptions_of_main_come_out_unchanged_and_with_their_own_type() {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try {
            run(() -> fail(failure));
        } catch (IOException e) {
            caught = e;
        }
        assertThat(caught).isSameAs(failure);
        assertThat(failure.getSuppressed()).isEmpty();

        AssertionError error = new AssertionError("an error");
        assertThatThrownBy(() -> run(() -> {
                    throw error;
                }))
                .isSameAs(error);
        CancellationException own = new CancellationException("the user's own");
        assertThatThrownBy(() -> run(() -> {
                    throw own;
                }))
                .isSameAs(own);
    }

    private static void fail(IOException failure) throws IOException {
        throw failure;
    }

    @Test
    void main_that_is_cancelled_is_a_cancellation_exception_and_never_cancelled() {
        assertThatThrownBy(() -> run(() -> {
                    currentTask().cancel("stop it all");
                    checkpoint();
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessage("stop it all");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        checkpoint();
    }

    @Test
    void main_that_swallows_its_cancellation_returns_its_value() {
        String value = run(() -> {
            currentTask().cancel();
            try {
                checkpoint();
                return "not cancelled";
            } catch (Cancelled swallowed) {
                return "swallowed";
            }
        });

        assertThat(value).isEqualTo("swallowed");
    }

    @Test
    void run_works_on_a_virtual_thread() throws InterruptedException {
        AtomicReference<List<Integer>> values = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> values.set(run(
                        () -> gather(() -> 1, () -> createTask(() -> 2).await()))))
                .join();

        assertThat(values.get()).containsExactly(1, 2);
    }

    @Test
    void two_runs_in_parallel_do_not_know_each_other() throws InterruptedException {
        CyclicBarrier together = new CyclicBarrier(2);
        AtomicReference<Throwable> first = new AtomicReference<>();
        AtomicReference<Object> second = new AtomicReference<>();
        Thread cancelled = Thread.ofPlatform()
                .start(() -> first.set(catchThrowable(() -> run(() -> {
                    together.await();
                    currentTask().cancel("only this one");
                    checkpoint();
                }))));
        Thread other = Thread.ofPlatform().start(() -> {
            try {
                second.set(run(() -> {
                    together.await();
                    Polling.until("the first has ended", () -> !cancelled.isAlive());
                    checkpoint();
                    return "undisturbed";
                }));
            } catch (Exception e) {
                second.set(e);
            }
        });
        cancelled.join();
        other.join();

        assertThat(first.get()).isInstanceOf(CancellationException.class).hasMessage("only this one");
        assertThat(second).hasValue("undisturbed");
    }

    // ---------------------------------------------------------------- nested

    @Test
    void run_inside_run_on_one_thread_is_an_ordinary_nested_scope() {
        try (LogCapture log = new LogCapture()) {
            String value = run(() -> {
                Task<?> outer = createTask("of the outer run", () -> sleep(LONG));
                Task<?> main = currentTask();
                AtomicReference<Task<?>> inner = new AtomicReference<>();
                String nested = run(RunOptions.defaults().withName("inner"), () -> {
                    assertThat(currentTask()).isEqualTo(main);
                    inner.set(createTask("of the inner run", () -> sleep(LONG)));
                    return "nested";
                });
                assertThat(inner.get().isCancelled()).isTrue();
                assertThat(outer.isDone()).isFalse();
                outer.cancel();
                Polling.until("it ended", outer::isDone);
                return nested;
            });

            assertThat(value).isEqualTo("nested");
            assertThat(log.warnings("of the inner run"))
                    .singleElement()
                    .asString()
                    .contains("has ended");
            assertThat(log.messages("of the outer run")).isEmpty();
        }
    }

    @Test
    void a_cancellation_passes_through_a_nested_run_as_cancelled() {
        AtomicReference<Throwable> fromNested = new AtomicReference<>();
        TaskGroup.run(group -> {
            Task<?> task = group.start("outer", () -> {
                fromNested.set(catchThrowable(() -> run(() -> sleep(LONG))));
                checkpoint();
            });
            Polling.untilWaiting("outer");
            task.cancel("stop");
        });

        assertThat(fromNested.get()).isInstanceOf(Cancelled.class).hasMessage("stop");
    }

    @Test
    void run_inside_a_task_is_a_nested_scope_too() {
        int value =
                run(() -> gather(() -> run(() -> createTask(() -> 7).await())).getFirst());

        assertThat(value).isEqualTo(7);
    }

    // ---------------------------------------------------------------- background tasks at the end

    @Test
    void background_tasks_that_still_run_when_main_ends_are_cancelled_joined_and_named_in_a_warning() {
        Queue<String> ended = new ConcurrentLinkedQueue<>();
        try (LogCapture log = new LogCapture()) {
            String value = run(RunOptions.defaults().withName("the program"), () -> {
                for (String name : List.of("first", "second")) {
                    createTask(name, () -> {
                        try {
                            sleep(LONG);
                        } catch (Cancelled e) {
                            ended.add(name + ": " + e.getMessage() + ", "
                                    + e.reason().kind());
                            throw e;
                        }
                    });
                    Polling.untilWaiting(name);
                }
                return "the value";
            });

            assertThat(value).isEqualTo("the value");
            assertThat(ended)
                    .containsExactlyInAnyOrder(
                            "first: run has ended, " + Kind.SCOPE_ENDED, "second: run has ended, " + Kind.SCOPE_ENDED);
            assertThat(log.warnings("run has ended"))
                    .singleElement()
                    .asString()
                    .contains("task \"first\", task \"second\"")
                    .contains("await");
        }
    }

    @Test
    void the_warning_names_at_most_20_of_them_and_counts_the_rest() {
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                for (int i = 0; i < 25; i++) {
                    createTask("background " + i, () -> sleep(LONG));
                }
            });

            assertThat(log.warnings("run has ended"))
                    .singleElement()
                    .asString()
                    .contains("\"background 0\"", "\"background 19\"", "and 5 more")
                    .doesNotContain("\"background 20\"");
        }
    }

    @Test
    void a_background_task_that_ended_is_not_named_in_a_warning() {
        try (LogCapture log = new LogCapture()) {
            for (int round = 0; round < 2000; round++) {
                run(() -> createTask(() -> 1).await());
            }

            assertThat(log.warnings("run has ended")).isEmpty();
        }
    }

    @Test
    void a_failure_of_main_ends_the_background_tasks_and_comes_out() {
        IOException failure = new IOException("it broke");
        AtomicReference<Task<?>> background = new AtomicReference<>();
        try (LogCapture _ = new LogCapture()) {
            assertThatThrownBy(() -> run(() -> {
                        background.set(createTask(() -> sleep(LONG)));
                        throw failure;
                    }))
                    .isSameAs(failure);
        }

        assertThat(background.get().isCancelled()).isTrue();
        assertThat(failure.getSuppressed()).isEmpty();
    }

    @Test
    void a_run_that_is_cancelled_itself_gives_no_warning_about_its_background_tasks() {
        try (LogCapture log = new LogCapture()) {
            assertThatThrownBy(() -> run(() -> {
                        createTask("background", () -> sleep(LONG));
                        currentTask().cancel("stop");
                        checkpoint();
                    }))
                    .isInstanceOf(CancellationException.class);

            assertThat(log.messages("background")).isEmpty();
        }
    }

    @Test
    void a_background_task_may_not_outlive_run_even_if_it_cleans_up_for_long() {
        AtomicBoolean cleaned = new AtomicBoolean();
        try (LogCapture _ = new LogCapture()) {
            run(() -> {
                CountDownLatch begun = new CountDownLatch(1);
                createTask(() -> {
                    try {
                        begun.countDown();
                        sleep(LONG);
                    } finally {
                        shield(LONG, () -> {
                            for (int i = 0; i < 100; i++) {
                                checkpoint();
                            }
                            cleaned.set(true);
                        });
                    }
                });
                Polling.uninterruptibly(begun);
            });
        }

        assertThat(cleaned).isTrue();
    }

    // ---------------------------------------------------------------- options

    @Test
    void a_deadline_ends_main_and_background_tasks_with_a_timeout_exception() {
        AtomicReference<Task<?>> background = new AtomicReference<>();
        try (LogCapture _ = new LogCapture()) {
            assertThatThrownBy(() -> run(RunOptions.defaults().withDeadline(Duration.ofMillis(10)), () -> {
                        background.set(createTask(() -> sleep(LONG)));
                        sleep(LONG);
                    }))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("10 ms");
        }

        assertThat(background.get().isCancelled()).isTrue();
    }

    @Test
    void a_deadline_that_is_far_away_does_not_matter() {
        RunOptions patient = RunOptions.defaults().withDeadline(LONG);
        assertThat(run(patient, () -> deadline().isSet())).isTrue();
        assertThat(run(() -> deadline().isSet())).isFalse();
    }

    @Test
    void the_name_is_that_of_the_main_task() {
        String name = run(RunOptions.defaults().withName("the program"), () -> {
            assertThat(Polling.task("the program").orElseThrow().thread()).contains(Thread.currentThread());
            return currentTask().name();
        });

        assertThat(name).isEqualTo("the program");
        assertThat(run(() -> currentTask().name())).isEqualTo("main");
    }

    @Test
    void the_debug_option_records_creation_sites_while_it_runs() {
        List<String> sites = new ArrayList<>();
        try (LogCapture log = new LogCapture()) {
            run(RunOptions.defaults().withDebug(true), () -> {
                Task<?> task = createTask("traced", () -> sleep(LONG));
                sites.add(task.creationSite().orElseThrow());
                sites.add(TaskGroup.call(
                        group -> group.start(() -> currentTask().creationSite().orElseThrow())
                                .await()));
                Polling.untilWaiting("traced");
                sites.add(Polling.task("traced").orElseThrow().creationSite().orElseThrow());
            });

            assertThat(sites).hasSize(3).allMatch(site -> site.matches("RunTest\\.java:\\d+"));
            assertThat(log.warnings("run has ended"))
                    .singleElement()
                    .asString()
                    .contains("task \"traced\" (started at RunTest.java:");
        }
        assertThat(run(() -> createTask(() -> {}).creationSite())).isEmpty();
    }

    @Test
    void the_debug_option_gives_cancellations_a_stack_trace() {
        assertThat(run(RunOptions.defaults().withDebug(true), RunTest::cancellation)
                        .getStackTrace())
                .isNotEmpty();
        assertThat(run(RunTest::cancellation).getStackTrace()).isEmpty();
    }

    private static Cancelled cancellation() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            group.cancel("enough");
            met.set(catchThrowable(Async::checkpoint));
        });
        return (Cancelled) met.get();
    }

    // ---------------------------------------------------------------- interrupts

    @Test
    void an_interrupt_from_outside_cancels_run_and_the_flag_is_set_again() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Throwable> inBackground = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread servlet = Thread.ofPlatform().start(() -> {
            thrown.set(catchThrowable(() -> run(() -> {
                createTask("background", () -> {
                    inBackground.set(catchThrowable(() -> sleep(LONG)));
                    checkpoint();
                });
                Polling.untilWaiting("background");
                sleep(LONG);
            })));
            flag.set(Thread.currentThread().isInterrupted());
        });
        Polling.untilWaiting("background");
        Polling.untilWaiting(servlet);
        servlet.interrupt();
        servlet.join();

        assertThat(thrown.get()).isInstanceOf(CancellationException.class).hasMessageContaining("interrupted");
        assertThat(inBackground.get()).isInstanceOf(Cancelled.class);
        assertThat(flag).isTrue();
    }

    @Test
    void a_thread_that_is_interrupted_already_runs_nothing() throws InterruptedException {
        AtomicBoolean ran = new AtomicBoolean();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread.ofPlatform()
                .start(() -> {
                    Thread.currentThread().interrupt();
                    thrown.set(catchThrowable(() -> run(() -> ran.set(true))));
                    flag.set(Thread.currentThread().isInterrupted());
                })
                .join();

        assertThat(thrown.get()).isInstanceOf(CancellationException.class);
        assertThat(ran).isFalse();
        assertThat(flag).isTrue();
    }

    @Test
    void an_interrupt_of_a_tasks_thread_cancels_that_task_alone() {
        run(() -> {
            AtomicReference<Thread> thread = new AtomicReference<>();
            Task<?> task = createTask("victim", () -> {
                thread.set(Thread.currentThread());
                sleep(LONG);
            });
            Polling.untilWaiting("victim");
            thread.get().interrupt();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            assertThat(task.outcome())
                    .containsInstanceOf(Outcome.Cancellation.class)
                    .hasValueSatisfying(outcome -> assertThat(
                                    ((Outcome.Cancellation<?>) outcome).reason().kind())
                            .isEqualTo(Kind.INTERRUPTED));
            checkpoint();
        });
    }
}
