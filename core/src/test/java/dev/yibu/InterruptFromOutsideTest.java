package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a raw Thread.interrupt means, that of a task and that of a thread that is no task. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptFromOutsideTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicReference<Strand> strand = new AtomicReference<>();

    private void interruptWhenItWaits() {
        Eventually.isTrue("it begins", () -> strand.get() != null);
        Eventually.waits(strand.get());
        strand.get().thread().interrupt();
    }

    // ---------------------------------------------------------------- of a task

    @Test
    void an_interrupt_of_a_task_that_waits_is_a_cancel_of_that_task_alone() {
        run(() -> {
            Task<?> sibling = createTask(() -> sleep(LONG));
            Task<?> task = createTask(() -> {
                strand.set(Strand.current());
                timeout(LONG, () -> sleep(LONG));
            });
            interruptWhenItWaits();

            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.outcome())
                    .hasValueSatisfying(outcome -> assertThat(outcome)
                            .isInstanceOfSatisfying(
                                    Outcome.Cancellation.class,
                                    cancellation -> assertThat(
                                                    cancellation.reason().kind())
                                            .isEqualTo(Kind.INTERRUPTED)));
            assertThat(sibling.isDone()).isFalse();
            sibling.cancel();
        });
    }

    @Test
    void an_interrupt_of_a_task_that_computes_is_noticed_at_its_next_checkpoint() {
        List<Object> seen = new CopyOnWriteArrayList<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                strand.set(Strand.current());
                Eventually.isInterrupted();
                try {
                    checkpoint();
                } finally {
                    seen.add(Thread.currentThread().isInterrupted());
                }
            });
            Eventually.isTrue("it begins", () -> strand.get() != null);
            strand.get().thread().interrupt();
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(seen).containsExactly(false);
    }

    @Test
    void an_interrupt_of_a_task_in_foreign_code_is_the_exception_of_that_code() throws InterruptedException {
        run(() -> {
            Task<?> task = createTask(() -> {
                strand.set(Strand.current());
                new Semaphore(0).acquire();
            });
            Eventually.isTrue("it begins", () -> strand.get() != null);
            Eventually.isIn(strand.get().thread(), "java.util.concurrent.Semaphore", "acquire");
            strand.get().thread().interrupt();
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.exceptionNow()).isInstanceOf(InterruptedException.class);
        });
    }

    @Test
    void an_interrupt_of_a_task_inside_a_shield_meets_it_afterwards() throws InterruptedException {
        List<String> steps = new CopyOnWriteArrayList<>();
        run(() -> {
            Semaphore go = new Semaphore(0);
            Task<?> task = createTask(() -> {
                shield(LONG, () -> {
                    strand.set(Strand.current());
                    timeout(LONG, () -> createTask(() -> go.acquire()).await());
                    steps.add("shielded");
                });
                steps.add("after");
                checkpoint();
                steps.add("never");
            });
            interruptWhenItWaits();
            Eventually.waits(strand.get());
            go.release();
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(steps).containsExactly("shielded", "after");
    }

    // ---------------------------------------------------------------- of a thread that is no task

    /** Runs a body on a thread that Yibu knows nothing of, interrupts it when it waits; returns what was thrown. */
    private Throwable interrupted(Action<Exception> body, List<Boolean> flags, Thread.Builder threads)
            throws InterruptedException {
        FutureTask<Boolean> work = new FutureTask<>(() -> {
            try {
                body.run();
                return true;
            } finally {
                flags.add(Thread.currentThread().isInterrupted());
            }
        });
        threads.start(work);
        interruptWhenItWaits();
        try {
            throw new AssertionError("it ended with " + work.get());
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void an_interrupt_of_any_other_thread_cancels_its_outermost_call_and_sets_the_flag_again()
            throws InterruptedException {
        List<String> childrenEnded = new CopyOnWriteArrayList<>();
        for (Thread.Builder threads : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            List<Boolean> flags = new CopyOnWriteArrayList<>();
            childrenEnded.clear();
            strand.set(null);

            Throwable thrown = interrupted(
                    () -> timeout(LONG, () -> {
                        Strand caller = Strand.current();
                        CountDownLatch begun = new CountDownLatch(2); // one that has not would never run
                        gather(List.of("a", "b"), name -> {
                            begun.countDown();
                            if (begun.getCount() == 0) {
                                strand.set(caller);
                            }
                            try {
                                sleep(LONG);
                            } finally {
                                childrenEnded.add(name);
                            }
                            return name;
                        });
                    }),
                    flags,
                    threads);

            assertThat(thrown).isInstanceOf(CancellationException.class).hasMessage("interrupted");
            assertThat(flags).containsExactly(true);
            assertThat(childrenEnded).containsExactlyInAnyOrder("a", "b");
        }
    }

    @Test
    void a_run_that_is_interrupted_throws_a_cancellation_exception_and_sets_the_flag_again()
            throws InterruptedException {
        List<Boolean> flags = new CopyOnWriteArrayList<>();

        Throwable thrown = interrupted(
                () -> run(() -> {
                    strand.set(Strand.current());
                    sleep(LONG);
                }),
                flags,
                Thread.ofPlatform());

        assertThat(thrown).isInstanceOf(CancellationException.class);
        assertThat(flags).containsExactly(true);
    }

    @Test
    void a_flag_that_is_set_beforehand_stops_the_call_at_once_and_stays() {
        for (Action<RuntimeException> call : List.<Action<RuntimeException>>of(
                () -> sleep(LONG),
                () -> sleep(Duration.ZERO),
                Async::checkpoint,
                () -> timeout(LONG, () -> {}),
                () -> run(() -> {}),
                () -> gather(() -> "a", () -> "b"))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(call::run).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void a_call_that_ends_normally_though_it_was_interrupted_keeps_the_flag() throws Exception {
        FutureTask<List<Object>> work = new FutureTask<>(() -> {
            String value = timeout(LONG, () -> {
                strand.set(Strand.current());
                try {
                    sleep(LONG);
                } catch (Cancelled swallowed) {
                    return "swallowed";
                }
                return "not interrupted";
            });
            return List.of(value, Thread.currentThread().isInterrupted());
        });
        Thread.ofPlatform().daemon().start(work);
        interruptWhenItWaits();

        assertThat(work.get()).containsExactly("swallowed", true);
    }

    @Test
    void a_cancel_of_ours_leaves_no_flag_on_a_thread_from_outside() {
        assertThatThrownBy(() -> timeout(Duration.ofMillis(10), () -> new Semaphore(0).acquire()))
                .isInstanceOf(TimeoutException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        assertThatThrownBy(() -> run(() -> {
                    Async.currentTask().cancel("myself");
                    sleep(LONG);
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessage("myself");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void an_interrupt_that_foreign_code_met_passes_as_its_exception() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                timeout(LONG, () -> new Semaphore(0).acquire());
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        Eventually.isIn(thread, "java.util.concurrent.Semaphore", "acquire");
        thread.interrupt();
        thread.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }
}
