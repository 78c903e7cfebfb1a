package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShieldTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(15);

    private final List<String> steps = new CopyOnWriteArrayList<>();

    private interface Body {
        void run() throws Exception;
    }

    /** Runs a body in a task that is cancelled already, which the body learns at its first checkpoint; returns the task. */
    private Task<?> cancelledTask(Body body) throws Exception {
        AtomicReference<Task<?>> started = new AtomicReference<>();
        AtomicReference<Throwable> unexpected = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                Async.currentTask().cancel("enough");
                try {
                    body.run();
                } catch (AssertionError e) {
                    unexpected.set(e);
                }
                Thread.interrupted();
            });
            started.set(task);
            Eventually.isTrue("the task ends", task::isDone);
        });
        assertThat(unexpected.get()).isNull();
        return started.get();
    }

    @Test
    void it_yields_the_value_or_the_exception_of_its_body() {
        IOException mine = new IOException("mine");

        assertThat(shield(LONG, () -> "value")).isEqualTo("value");
        assertThatThrownBy(() -> shield(LONG, () -> {
                    throw mine;
                }))
                .isSameAs(mine);
    }

    @Test
    void a_cancellation_can_not_enter_and_is_met_behind_it() throws Exception {
        Task<?> task = cancelledTask(() -> {
            shield(LONG, () -> {
                checkpoint();
                sleep(Duration.ofMillis(1));
                assertThat(gather(() -> "a", () -> "b")).containsExactly("a", "b");
                new Semaphore(1).acquire();
                steps.add("shielded");
            });
            steps.add("behind");
            checkpoint();
            steps.add("never");
        });

        assertThat(steps).containsExactly("shielded", "behind");
        assertThat(task.isCancelled()).isTrue();
    }

    @Test
    void a_cancellation_that_comes_while_it_waits_does_not_wake_it() throws Exception {
        Semaphore go = new Semaphore(0);
        AtomicReference<Strand> strand = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> shield(LONG, () -> {
                strand.set(Strand.current());
                createTask(() -> go.acquire()).await();
                steps.add("shielded");
            }));
            Eventually.isTrue("the task begins", () -> strand.get() != null);
            Eventually.waits(strand.get());
            task.cancel();
            Eventually.waits(strand.get());
            go.release();
            Eventually.isTrue("the task ends", task::isDone);
        });
        assertThat(steps).containsExactly("shielded");
    }

    @Test
    void a_deadline_can_not_enter_either() {
        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    Deadline outer = deadline();
                    shield(LONG, () -> {
                        Eventually.isTrue("the deadline passes", outer::expired);
                        sleep(Duration.ofMillis(1));
                        steps.add("shielded");
                    });
                    checkpoint();
                    steps.add("never");
                }))
                .isInstanceOf(TimeoutException.class);
        assertThat(steps).containsExactly("shielded");
    }

    @Test
    void the_grace_is_counted_from_entry_if_the_cancellation_was_there_before() throws Exception {
        cancelledTask(() -> {
            long entry = System.nanoTime();
            assertThatThrownBy(() -> shield(SHORT, () -> sleep(LONG))).isInstanceOf(Cancelled.class);
            assertThat(System.nanoTime() - entry).isGreaterThanOrEqualTo(SHORT.toNanos());
            steps.add("over");
        });
        assertThat(steps).containsExactly("over");
    }

    @Test
    void the_grace_is_counted_from_the_cancellation_if_that_comes_later() {
        AtomicReference<Duration> between = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                Task<?> self = Async.currentTask();
                shield(SHORT, () -> {
                    sleep(SHORT.multipliedBy(3));
                    steps.add("without a cancellation it lasts");
                    long cancelled = System.nanoTime();
                    self.cancel();
                    try {
                        sleep(LONG);
                    } finally {
                        between.set(Duration.ofNanos(System.nanoTime() - cancelled));
                    }
                });
            });
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(steps).hasSize(1);
        assertThat(between.get()).isGreaterThanOrEqualTo(SHORT);
    }

    @Test
    void the_grace_ends_a_foreign_call_too() throws Exception {
        cancelledTask(() -> {
            assertThatThrownBy(() -> shield(SHORT, () -> new Semaphore(0).acquire()))
                    .isInstanceOf(Cancelled.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            steps.add("over");
        });
        assertThat(steps).containsExactly("over");
    }

    @Test
    void a_grace_of_zero_keeps_out_nothing() throws Exception {
        cancelledTask(() -> {
            assertThatThrownBy(() -> shield(Duration.ZERO, () -> {
                        steps.add("the body begins");
                        checkpoint();
                        steps.add("never");
                    }))
                    .isInstanceOf(Cancelled.class);
            assertThatThrownBy(() -> shield(Duration.ZERO, () -> new Semaphore(1).acquire()))
                    .isInstanceOf(Cancelled.class);
        });
        assertThat(steps).containsExactly("the body begins");
    }

    @Test
    void its_own_cancellations_and_deadlines_work_inside() throws Exception {
        cancelledTask(() -> shield(LONG, () -> {
            assertThat(moveOnAfter(SHORT, () -> sleep(LONG))).isFalse();
            assertThatThrownBy(() -> timeout(SHORT, () -> new Semaphore(0).acquire()))
                    .isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        group.start(() -> sleep(LONG));
                        throw new IOException("mine");
                    }))
                    .isInstanceOf(IOException.class);
            checkpoint();
            steps.add("shielded");
        }));
        assertThat(steps).containsExactly("shielded");
    }

    @Test
    void children_started_inside_are_shielded_with_it() throws Exception {
        cancelledTask(() -> {
            shield(
                    LONG,
                    () -> TaskGroup.run(group -> {
                        group.start(() -> {
                            sleep(Duration.ofMillis(2));
                            new Semaphore(1).acquire();
                            steps.add("child");
                        });
                    }));
            assertThatThrownBy(() -> shield(
                            SHORT,
                            () -> gather(
                                    () -> {
                                        new Semaphore(0).acquire();
                                        return "never";
                                    },
                                    () -> {
                                        sleep(LONG);
                                        return "never";
                                    })))
                    .isInstanceOf(Cancelled.class);
            steps.add("children ended with the grace");
        });
        assertThat(steps).containsExactly("child", "children ended with the grace");
    }

    @Test
    void background_tasks_started_inside_are_not() {
        run(() -> {
            Task<?> task = shield(
                    LONG,
                    () -> createTask(() -> {
                        sleep(LONG);
                        steps.add("never");
                    }));
            task.cancel();
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void shields_nest_and_the_inner_one_goes_on_when_the_outer_one_is_over() throws Exception {
        cancelledTask(() -> {
            assertThatThrownBy(() -> shield(SHORT, () -> {
                        shield(LONG, () -> {
                            sleep(SHORT.multipliedBy(3));
                            checkpoint();
                            steps.add("inner");
                        });
                        checkpoint();
                        steps.add("never");
                    }))
                    .isInstanceOf(Cancelled.class);
            shield(LONG, () -> {
                assertThat(moveOnAfter(LONG, () -> shield(SHORT, () -> sleep(SHORT.multipliedBy(3)))))
                        .as("nothing to keep out: the inner grace does not begin")
                        .isTrue();
                steps.add("outer");
            });
        });
        assertThat(steps).containsExactly("inner", "outer");
    }

    @Test
    void one_shield_after_the_other_each_has_its_own_grace() throws Exception {
        cancelledTask(() -> {
            for (int i = 0; i < 3; i++) {
                shield(Duration.ofSeconds(10), () -> sleep(Duration.ofMillis(1)));
                steps.add("released");
            }
        });
        assertThat(steps).hasSize(3);
    }

    @Test
    void bad_arguments_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shield(Duration.ofNanos(-1), () -> {}))
                .withMessageContaining("negative");
        assertThatNullPointerException().isThrownBy(() -> shield(null, () -> {}));
        assertThatNullPointerException().isThrownBy(() -> shield(LONG, (Coroutine<String, RuntimeException>) null));
        assertThat(shield(ChronoUnit.FOREVER.getDuration(), () -> "value")).isEqualTo("value");
    }
}
