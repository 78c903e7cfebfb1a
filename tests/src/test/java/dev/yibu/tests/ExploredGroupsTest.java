package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Cancelled;
import dev.yibu.GroupOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Groups of tasks: who is cancelled when one fails, who is joined, and what is thrown. */
class ExploredGroupsTest {

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
        private final List<String> events = new ArrayList<>();

        private long elapsedSeconds() {
            return java.time.Duration.between(start, clock().instant()).toSeconds();
        }

        private void failIn(int seconds, String message) throws IOException {
            try (Tracked _ = Tracked.open("what " + message + " holds")) {
                sleep(ofSeconds(seconds));
                throw new IOException(message);
            }
        }

        private void sleepLong(String name) {
            try (Tracked _ = Tracked.open("what " + name + " holds")) {
                sleep(ofSeconds(100));
                events.add(name + " slept");
            }
        }

        @Test
        void a_failure_is_thrown_and_not_what_the_body_that_awaited_it_made_of_it() {
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        Task<Void> failing = group.start("failing", () -> {
                            failIn(1, "first");
                            return null;
                        });
                        try {
                            failing.await(IOException.class);
                        } catch (IOException e) {
                            throw new IllegalStateException("what the body made of it", e);
                        }
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("first");
        }

        @Test
        void a_child_that_fails_cancels_siblings_and_body_and_all_are_joined_before_it_is_thrown() {
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        group.start("sleeper", () -> sleepLong("sleeper"));
                        group.start("failing", () -> failIn(1, "first"));
                        group.start("reader", () -> {
                            try (Tracked _ = Tracked.open("a socket")) {
                                new ForeignLatch("a read").await();
                            }
                        });
                        sleepLong("body");
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("first")
                    .hasNoSuppressedExceptions();
            assertThat(events).isEmpty();
            assertThat(elapsedSeconds()).isEqualTo(1);
            checkpoint();
        }

        @Test
        void the_first_of_several_failures_is_thrown_and_the_others_are_suppressed() {
            Throwable thrown = catchThrowable(() -> TaskGroup.run(group -> {
                group.start("a", () -> failIn(1, "a"));
                group.start("b", () -> failIn(1, "b"));
                group.start("c", () -> {
                    try {
                        sleep(ofSeconds(9));
                    } finally {
                        throwIt("clean-up of c");
                    }
                });
            }));
            List<Throwable> all = new ArrayList<>(List.of(thrown.getSuppressed()));
            all.add(thrown);
            assertThat(thrown).isExactlyInstanceOf(IOException.class);
            assertThat(thrown.getMessage()).isIn("a", "b");
            assertThat(all)
                    .hasSizeBetween(2, 3)
                    .extracting(Throwable::getMessage)
                    .contains("clean-up of c");
        }

        private static void throwIt(String message) throws IOException {
            throw new IOException(message);
        }

        @Test
        void who_awaits_the_child_that_fails_gets_its_failure() {
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        Task<?> failing = group.start("failing", () -> {
                            checkpoint();
                            throwIt("failed");
                        });
                        try {
                            failing.await(IOException.class);
                        } catch (IOException e) {
                            events.add("body");
                        } catch (Cancelled e) {
                            events.add("cancelled before it waited");
                            throw e;
                        }
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            assertThat(events).hasSize(1);
        }

        @Test
        void who_waits_already_when_the_child_fails_gets_its_failure_and_not_the_cancellation_of_the_group() {
            assertThatThrownBy(() -> TaskGroup.run(group -> {
                        Task<?> failing = group.start("failing", () -> failIn(1, "failed"));
                        group.start("waiter", () -> {
                            try {
                                failing.await(IOException.class);
                            } catch (IOException e) {
                                events.add("waiter");
                            }
                        });
                        try {
                            failing.await(IOException.class);
                        } catch (IOException e) {
                            events.add("body");
                        }
                    }))
                    .hasMessage("failed");
            assertThat(events).containsExactlyInAnyOrder("waiter", "body");
        }

        @Test
        void in_a_supervised_group_siblings_survive_and_the_first_unread_failure_is_thrown_at_the_end() {
            Throwable thrown = catchThrowable(() -> TaskGroup.run(GroupOptions.supervised(), group -> {
                group.start("a", () -> failIn(1, "a"));
                group.start("b", () -> failIn(2, "b"));
                Task<?> read = group.start("read", () -> failIn(1, "read"));
                group.start("survivor", () -> {
                    sleep(ofSeconds(3));
                    events.add("survived");
                });
                assertThatThrownBy(read::await).hasMessage("read");
            }));
            assertThat(events).containsExactly("survived");
            assertThat(thrown).hasMessage("a");
            assertThat(thrown.getSuppressed())
                    .singleElement()
                    .satisfies(e -> assertThat(e).hasMessage("b"));
        }

        @Test
        void a_task_started_into_a_cancelling_group_is_cancelled_and_does_not_run() {
            List<Task<?>> late = new ArrayList<>();
            TaskGroup.run(group -> {
                group.start("stays", () -> {
                    try {
                        sleepLong("stays");
                    } finally {
                        late.add(group.start(() -> {
                            events.add("late task ran");
                        }));
                    }
                });
                sleep(ofSeconds(1));
                group.cancel("enough");
            });
            assertThat(late)
                    .singleElement()
                    .satisfies(task -> assertThat(task.isCancelled()).isTrue());
            assertThat(events).isEmpty();
        }

        @Test
        void a_start_races_with_the_end_of_its_group_and_is_joined_or_refused() {
            TaskGroup.run(outer -> {
                TaskGroup[] ending = new TaskGroup[1];
                outer.start("starter", () -> {
                    while (ending[0] == null) {
                        checkpoint();
                    }
                    try {
                        ending[0].start("late", () -> {
                            checkpoint();
                            events.add("joined");
                        });
                    } catch (IllegalStateException e) {
                        events.add("refused");
                    }
                });
                TaskGroup.run(group -> {
                    group.start("early", () -> checkpoint());
                    ending[0] = group;
                    checkpoint();
                });
                events.add("ended");
            });
            assertThat(events)
                    .isIn(List.of("joined", "ended"), List.of("refused", "ended"), List.of("ended", "refused"));
        }

        @Test
        void any_child_may_start_siblings_and_all_are_joined() {
            TaskGroup.run(group -> {
                group.start(() -> {
                    group.start(() -> {
                        checkpoint();
                        group.start(() -> {
                            sleep(ofSeconds(1));
                            events.add("grandchild");
                        });
                        events.add("child");
                    });
                });
            });
            assertThat(events).containsExactly("child", "grandchild");
        }

        @Test
        void a_parent_that_is_cancelled_again_while_it_joins_goes_on_joining() {
            TaskGroup.run(outer -> {
                Task<?> parent = outer.start(
                        "parent",
                        () -> TaskGroup.run(group -> {
                            group.start("slow to end", () -> {
                                try {
                                    sleep(ofSeconds(50));
                                } finally {
                                    dev.yibu.Async.shield(ofSeconds(9), () -> sleep(ofSeconds(5)));
                                    events.add("child ended");
                                }
                            });
                            group.start("other", () -> sleep(ofSeconds(50)));
                            sleep(ofSeconds(50));
                        }));
                parent.onCompletion(_ -> events.add("parent ended"));
                sleep(ofSeconds(1));
                parent.cancel("once");
                sleep(ofSeconds(1));
                parent.cancel("twice");
                outer.cancel("thrice");
                sleep(ofSeconds(1));
            });
            assertThat(events).containsExactly("child ended", "parent ended");
        }

        @Test
        void a_childs_error_together_with_a_cancel_from_outside_is_thrown_and_the_outside_stays_cancelled() {
            TaskGroup.run(outer -> {
                Task<?> task = outer.start("task", () -> {
                    try {
                        TaskGroup.run(group -> group.start("failing", () -> failIn(1, "failed")));
                    } catch (IOException e) {
                        events.add("error");
                    }
                    sleep(ofSeconds(1));
                    events.add("went on");
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("error"));
        }

        @Test
        void to_cancel_a_group_is_a_normal_end_of_run_and_of_call_only_with_a_value() {
            TaskGroup.run(group -> {
                group.start("sleeper", () -> sleepLong("sleeper"));
                group.start("canceller", () -> group.cancel("enough"));
                sleepLong("body");
            });
            try {
                String value = TaskGroup.call(group -> {
                    group.start("canceller", () -> group.cancel("enough"));
                    checkpoint();
                    return "value";
                });
                assertThat(value).isEqualTo("value");
            } catch (CancellationException e) {
                events.add("no value");
            }
            assertThat(events).isIn(List.of(), List.of("no value"));
            checkpoint();
        }

        @Test
        void a_failure_deep_inside_unwinds_all_groups_around_it() {
            assertThatThrownBy(() -> TaskGroup.run(outer -> {
                        outer.start("uncle", () -> sleepLong("uncle"));
                        outer.start(
                                "parent",
                                () -> TaskGroup.run(inner -> {
                                    inner.start("brother", () -> sleepLong("brother"));
                                    inner.start("failing", () -> failIn(1, "deep"));
                                }));
                        boolean ignored = moveOnAfter(ofSeconds(1), () -> sleepLong("body"));
                        checkpoint();
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("deep");
            assertThat(events).isEmpty();
        }
    }
}
