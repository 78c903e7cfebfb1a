package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.DeadlockException;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Cancellation is a state of scopes: who is cancelled, how it learns of it, and what its outcome is. */
class ExploredScopesTest {

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
        private final List<String> events = new ArrayList<>();

        private static boolean isCancelled() {
            return Objects.requireNonNull(Strand.current()).scope().isCancelled();
        }

        @Test
        void cancelled_before_the_start_the_body_never_runs_and_the_outcome_is_cancelled() {
            TaskGroup.run(group -> {
                Task<?> task = group.start(() -> {
                    events.add("ran");
                });
                boolean taken = task.cancel("early");
                assertThat(taken || task.isDone()).isTrue();
            });
            TaskGroup.run(group -> {
                Task<?> task = group.start("late", () -> {
                    events.add("ran too");
                    sleep(ofSeconds(1));
                    events.add("slept");
                });
                task.cancel("early");
                task.onCompletion(outcome -> assertThat(outcome).isInstanceOf(Outcome.Cancellation.class));
            });
            assertThat(events).doesNotContain("slept");
        }

        @Test
        void a_task_that_has_ended_can_not_be_cancelled_and_a_second_request_changes_nothing() {
            TaskGroup.run(group -> {
                Task<String> finished = group.start(() -> "value");
                Task<?> sleeper = group.start(() -> sleep(ofSeconds(1)));
                assertThat(finished.await()).isEqualTo("value");
                assertThat(finished.cancel()).isFalse();
                gather(
                        () -> {
                            if (sleeper.cancel("one")) {
                                events.add("one");
                            }
                        },
                        () -> {
                            if (sleeper.cancel("two")) {
                                events.add("two");
                            }
                        });
                assertThatThrownBy(sleeper::await)
                        .isInstanceOf(CancellationException.class)
                        .hasMessageContaining(events.getFirst());
                assertThat(sleeper.cancel("three")).isFalse();
            });
            assertThat(events).hasSize(1);
        }

        @Test
        void a_cancelled_waiter_leaves_the_task_that_it_awaits_alone() {
            TaskGroup.run(group -> {
                Task<String> awaited = group.start("awaited", () -> {
                    sleep(ofSeconds(1));
                    return "value";
                });
                Task<String> waiter = group.start("waiter", () -> awaited.await());
                waiter.cancel("enough");
                assertThat(awaited.await()).isEqualTo("value");
                assertThat(waiter.isCancelled()).isTrue();
            });
        }

        @Test
        void an_awaited_value_once_delivered_is_returned_and_the_cancellation_meets_the_next_checkpoint() {
            TaskGroup.run(group -> {
                Task<String> awaited = group.start("awaited", () -> {
                    checkpoint();
                    return "value";
                });
                Task<?> waiter = group.start("waiter", () -> {
                    events.add(awaited.await());
                    sleep(ofSeconds(1));
                    events.add("went on");
                });
                checkpoint();
                waiter.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("value"));
        }

        @Test
        void who_awaits_what_another_has_cancelled_gets_a_cancellation_exception_and_who_is_cancelled_a_cancelled() {
            TaskGroup.run(group -> {
                Task<?> awaited = group.start("awaited", () -> sleep(ofSeconds(1)));
                Task<?> waiter = group.start("waiter", () -> {
                    try {
                        awaited.await();
                        events.add("value");
                    } catch (CancellationException e) {
                        assertThat(isCancelled() && isUndisturbed()).isFalse();
                        events.add("another's");
                    } catch (Cancelled e) {
                        assertThat(isCancelled()).isTrue();
                        events.add("own");
                        throw e;
                    }
                });
                group.start("first", () -> awaited.cancel("enough"));
                group.start("second", () -> waiter.cancel("enough"));
            });
            assertThat(events).isIn(List.of(), List.of("another's"), List.of("own"));
        }

        @Test
        void a_swallowed_cancellation_heals_itself_at_the_next_checkpoint() {
            TaskGroup.run(group -> {
                Task<String> task = group.start("stubborn", () -> {
                    for (int i = 0; i < 3; i++) {
                        try {
                            sleep(ofSeconds(1));
                            events.add("slept");
                        } catch (Cancelled e) {
                            events.add("swallowed");
                        }
                    }
                    return "value";
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                try {
                    assertThat(task.await()).isEqualTo("value");
                } catch (CancellationException e) {
                    assertThat(events).isEmpty();
                }
            });
            assertThat(events)
                    .isIn(List.of("slept", "swallowed", "swallowed"), List.of("swallowed", "swallowed", "swallowed"));
        }

        @Test
        void a_cancellation_reaches_whatever_hangs_below_wherever_it_is() throws InterruptedException {
            TaskGroup.run(group -> {
                Task<?> top = group.start(
                        "top",
                        () -> TaskGroup.run(middle -> {
                            middle.start("sleeper", () -> {
                                try (Tracked _ = Tracked.open("a sleeper's resource")) {
                                    sleep(ofSeconds(100));
                                }
                            });
                            middle.start("in foreign code", () -> {
                                try (Tracked _ = Tracked.open("a reader's resource")) {
                                    new ForeignLatch("a read").await();
                                }
                            });
                            middle.start("busy", () -> {
                                while (true) {
                                    checkpoint();
                                }
                            });
                            middle.start(
                                    "parent", () -> gather(() -> sleep(ofSeconds(100)), () -> sleep(ofSeconds(200))));
                        }));
                for (int i = 0; i < 5; i++) {
                    checkpoint();
                }
                top.cancel("enough");
                assertThatThrownBy(top::await).isInstanceOf(CancellationException.class);
            });
        }

        @Test
        void a_child_cancelled_on_its_own_lets_its_group_go_on_and_lets_a_gather_fail() {
            TaskGroup.run(group -> {
                Task<?> child = group.start("child", () -> sleep(ofSeconds(2)));
                group.start("sibling", () -> {
                    sleep(ofSeconds(3));
                    events.add("went on");
                });
                child.cancel("enough");
            });
            assertThat(events).containsExactly("went on");

            List<Task<?>> self = new ArrayList<>();
            assertThatThrownBy(() -> gather(
                            () -> {
                                self.add(dev.yibu.Async.currentTask());
                                sleep(ofSeconds(2));
                            },
                            () -> sleep(ofSeconds(3)),
                            () -> {
                                while (self.isEmpty()) {
                                    checkpoint();
                                }
                                self.getFirst().cancel("enough");
                            }))
                    .isInstanceOf(CancellationException.class);
        }

        @Test
        void a_completion_callback_is_called_once_however_it_races_with_the_end() {
            TaskGroup.run(group -> {
                Task<String> task = group.start("task", () -> {
                    checkpoint();
                    return "value";
                });
                group.start("registers", () -> task.onCompletion(_ -> events.add("called")));
                group.start("cancels", () -> task.cancel("perhaps"));
                task.onCompletion(_ -> events.add("called"));
            });
            assertThat(events).containsExactly("called", "called");
        }

        @Test
        void tasks_that_await_each_other_are_told_so_instead_of_hanging() {
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        List<Task<?>> tasks = new ArrayList<>();
                        for (int i = 0; i < 3; i++) {
                            int next = (i + 1) % 3;
                            tasks.add(group.start("task " + i, () -> {
                                while (tasks.size() < 3) {
                                    checkpoint();
                                }
                                tasks.get(next).await();
                            }));
                        }
                    }))
                    .isInstanceOf(DeadlockException.class);
        }
    }
}
