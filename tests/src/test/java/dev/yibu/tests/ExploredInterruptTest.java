package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.random;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.usingRun;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The interrupt rule, sentence by sentence: a cancellation owes a task in foreign code one interrupt; none arrives outside
 * of the cancelled scope, in a shield or in clean-up, and no foreign call blocks for ever because one got lost.
 */
class ExploredInterruptTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Instant start = clock().instant();
        private final List<Object> events = new ArrayList<>();

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        private static void read(String name) throws InterruptedException {
            new ForeignLatch(name).await();
        }

        /** Runs a task, and cancels it once while it does whatever it does. */
        private static Task<?> cancelledSometime(TaskGroup group, dev.yibu.Action<Exception> body) throws Exception {
            Task<?> task = group.start("task", body);
            group.start("canceller", () -> {
                checkpoint();
                checkpoint();
                task.cancel("enough");
            });
            return task;
        }

        @Test
        void each_cancel_owes_a_task_one_interrupt_and_foreign_code_ends_by_it() throws Exception {
            TaskGroup.run(group -> {
                Task<?> task = cancelledSometime(group, () -> {
                    checkpoint();
                    compute();
                    read("a read");
                });
                task.onCompletion(outcome -> assertThat(outcome).isInstanceOf(Outcome.Cancellation.class));
            });
        }

        @Test
        void after_the_one_interrupt_there_is_no_other() throws Exception {
            ForeignLatch later = ForeignLatch.opensAfter("a later read", ofSeconds(1));
            TaskGroup.run(group -> {
                cancelledSometime(group, () -> {
                    compute();
                    try {
                        read("a read");
                    } catch (InterruptedException e) {
                        events.add("interrupted");
                    }
                    compute();
                    later.await();
                    events.add("read");
                });
            });
            assertThat(events).isIn(List.of(), List.of("interrupted", "read"));
        }

        @Test
        void the_debt_is_paid_when_a_wait_throws_and_clean_up_is_not_interrupted() throws Exception {
            ForeignLatch flush = ForeignLatch.opensAfter("a flush", ofSeconds(1));
            TaskGroup.run(group -> {
                cancelledSometime(group, () -> {
                    try (Tracked _ = Tracked.open("a file")) {
                        try {
                            sleep(ofSeconds(100));
                        } finally {
                            compute();
                            flush.await();
                            events.add("flushed");
                        }
                    }
                });
            });
            assertThat(events).isIn(List.of(), List.of("flushed"));
        }

        @Test
        void
                a_wait_that_returns_its_value_although_the_scope_is_cancelled_leaves_the_interrupt_to_the_next_foreign_call()
                        throws Exception {
            TaskGroup.run(group -> {
                Task<?> other = group.start("other", () -> sleep(ofSeconds(1)));
                Task<?> task = group.start("task", () -> {
                    other.await();
                    events.add("value");
                    compute();
                    read("a read"); // which nobody ever releases
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("value"));
        }

        @Test
        void a_shield_that_ends_while_the_scope_is_cancelled_leaves_the_interrupt_to_the_next_foreign_call()
                throws Exception {
            TaskGroup.run(group -> cancelledSometime(group, () -> {
                shield(ofSeconds(9), () -> {
                    sleep(ofSeconds(1));
                    compute();
                });
                compute();
                read("a read");
            }));
        }

        @Test
        void an_inner_scope_that_ends_while_the_outer_is_cancelled_leaves_the_interrupt_to_the_next_foreign_call()
                throws Exception {
            TaskGroup.run(group -> cancelledSometime(group, () -> {
                boolean ignored = moveOnAfter(ofSeconds(5), () -> compute());
                compute();
                read("a read");
            }));
        }

        @Test
        void scope_exit_closes_the_window_so_that_code_behind_a_timeout_is_never_interrupted() throws Exception {
            boolean finished = moveOnAfter(ofSeconds(1), () -> {
                ForeignLatch.opensAfter("a read inside", ofSeconds(1)).await();
                compute();
            });
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            compute();
            ForeignLatch.opensAfter("a read behind the timeout", ofSeconds(1)).await();
            events.add(finished);
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }

        @Test
        void entry_to_a_shield_closes_the_window() throws Exception {
            ForeignLatch write = ForeignLatch.opensAfter("a write", ofSeconds(1));
            TaskGroup.run(group -> {
                cancelledSometime(group, () -> {
                    events.add("begun");
                    compute();
                    shield(ofSeconds(9), () -> {
                        compute();
                        write.await();
                        events.add("written");
                    });
                    read("a read");
                });
            });
            assertThat(events).isIn(List.of(), List.of("begun", "written"));
        }

        @Test
        void entry_to_a_release_closes_the_window() throws Exception {
            ForeignLatch close = ForeignLatch.opensAfter("a close that blocks", ofSeconds(1));
            TaskGroup.run(group -> {
                cancelledSometime(
                        group,
                        () -> usingRun(
                                () -> Tracked.open("a connection"),
                                connection -> {
                                    compute();
                                    close.await();
                                    connection.close();
                                    events.add("closed");
                                },
                                _ -> {
                                    if (random().nextBoolean()) {
                                        read("a read");
                                    }
                                    compute();
                                }));
            });
            assertThat(events).isIn(List.of(), List.of("closed"));
        }

        @Test
        void a_cancel_that_comes_while_a_shield_is_left_is_neither_lost_nor_early() throws Exception {
            ForeignLatch write = new ForeignLatch("a write");
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    shield(ofSeconds(9), () -> write.await());
                    events.add("written");
                    compute();
                    read("a read");
                });
                group.start("releaser", write::release);
                group.start("canceller", () -> {
                    while (events.isEmpty() && !write.isReleased()) {
                        checkpoint();
                    }
                    task.cancel("enough");
                });
            });
            assertThat(events).isIn(List.of(), List.of("written"));
        }

        @Test
        void an_interrupt_exception_out_of_foreign_code_becomes_a_cancellation_if_the_scope_is_cancelled()
                throws Exception {
            TaskGroup.run(group -> {
                Task<?> task = cancelledSometime(group, () -> {
                    try {
                        read("a read");
                    } catch (InterruptedException e) {
                        InterruptedIOException wrapped = new InterruptedIOException("the driver's own");
                        wrapped.initCause(e);
                        throw new IllegalStateException("wrapped", wrapped);
                    }
                });
                task.onCompletion(outcome -> assertThat(outcome).isInstanceOf(Outcome.Cancellation.class));
            });
        }

        @Test
        void an_interrupt_exception_passes_unchanged_if_nothing_is_cancelled() {
            assertThatThrownBy(() -> timeout(ofSeconds(5), () -> {
                        checkpoint();
                        throw new InterruptedException("somebody else's");
                    }))
                    .isInstanceOf(InterruptedException.class)
                    .hasMessage("somebody else's");
        }

        @Test
        void every_later_checkpoint_of_who_swallows_the_interrupt_throws() throws Exception {
            TaskGroup.run(group -> cancelledSometime(group, () -> {
                for (int i = 0; i < 3; i++) {
                    try {
                        read("a read");
                    } catch (InterruptedException e) {
                        events.add("interrupted");
                        assertThatThrownBy(() -> checkpoint()).isInstanceOf(Cancelled.class);
                        assertThatThrownBy(() -> sleep(ofSeconds(1))).isInstanceOf(Cancelled.class);
                        return;
                    }
                }
            }));
            assertThat(events).isIn(List.of(), List.of("interrupted"));
        }

        @Test
        void two_cancellations_one_inside_the_other_owe_an_interrupt_each() throws Exception {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try {
                        timeout(ofSeconds(1), () -> read("an inner read"));
                        events.add("not reached");
                    } catch (TimeoutException e) {
                        events.add("timeout");
                        read("an outer read");
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("timeout"));
        }

        @Test
        void an_error_in_the_place_of_a_cancellation_leaves_the_interrupt_to_the_next_foreign_call() throws Exception {
            TaskGroup.run(outer -> {
                Task<?> task = outer.start("task", () -> {
                    try {
                        TaskGroup.run(group -> {
                            group.start("fails in its clean-up", () -> {
                                try {
                                    sleep(ofSeconds(100));
                                } finally {
                                    throwIt();
                                }
                            });
                            sleep(ofSeconds(100));
                        });
                    } catch (IllegalStateException e) {
                        events.add("error");
                    }
                    read("a read");
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).containsExactly("error");
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }

        private static void throwIt() {
            throw new IllegalStateException("clean-up failed");
        }

        @Test
        void a_raw_interrupt_of_a_task_that_computes_cancels_that_task() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    Thread.currentThread().interrupt();
                    events.add("begun");
                    sleep(ofSeconds(1));
                    events.add("went on");
                });
                task.onCompletion(outcome -> assertThat(outcome).isInstanceOf(Outcome.Cancellation.class));
            });
            assertThat(events).containsExactly("begun");
        }

        @Test
        void a_raw_interrupt_of_a_task_that_waits_cancels_that_task_and_no_other() {
            TaskGroup.run(group -> {
                List<Thread> threads = new ArrayList<>();
                Task<?> task = group.start("task", () -> {
                    threads.add(Thread.currentThread());
                    try (Tracked _ = Tracked.open("a resource")) {
                        sleep(ofSeconds(100));
                    }
                });
                group.start("other", () -> {
                    sleep(ofSeconds(2));
                    events.add("other");
                });
                sleep(ofSeconds(1));
                threads.forEach(Thread::interrupt);
                task.onCompletion(outcome -> events.add(outcome instanceof Outcome.Cancellation));
            });
            assertThat(events).containsExactly(true, "other");
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }
    }
}
