package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A shield keeps a cancellation out for its grace, counted from the later of entry and cancellation. */
class ExploredShieldTest {

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

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        @Test
        void a_cancellation_before_or_inside_does_not_disturb_a_block_that_ends_within_the_grace() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    events.add("begun");
                    shield(ofSeconds(3), () -> {
                        sleep(ofSeconds(1));
                        sleep(ofSeconds(1));
                        events.add("done");
                    });
                    checkpoint();
                    events.add("went on");
                });
                checkpoint();
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("begun", "done"), List.of("begun", "done", "went on"));
        }

        @Test
        void a_cancellation_at_the_end_of_the_block_meets_the_next_checkpoint() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    shield(ofSeconds(3), () -> sleep(ofSeconds(1)));
                    events.add("left");
                    sleep(ofSeconds(1));
                    events.add("went on");
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).containsExactly("left");
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }

        @Test
        void the_grace_is_counted_from_the_cancellation_if_that_comes_later_than_the_entry() {
            TaskGroup.run(group -> {
                Task<?> task = group.start(
                        "task",
                        () -> shield(ofSeconds(3), () -> {
                            events.add("entered");
                            sleep(ofSeconds(100));
                            events.add("slept");
                        }));
                sleep(ofSeconds(10));
                task.cancel("enough");
            });
            assertThat(events).containsExactly("entered");
            assertThat(elapsed()).isEqualTo(ofSeconds(13));
        }

        @Test
        void the_grace_is_counted_from_the_entry_if_that_comes_later_than_the_cancellation() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try {
                        sleep(ofSeconds(50));
                    } finally {
                        shield(ofSeconds(2), () -> sleep(ofSeconds(1)));
                        events.add("first");
                        shield(ofSeconds(2), () -> {
                            sleep(ofSeconds(1));
                            events.add("second");
                            sleep(ofSeconds(5));
                            events.add("too much");
                        });
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).containsExactly("first", "second");
            assertThat(elapsed()).isEqualTo(ofSeconds(4));
        }

        @Test
        void a_cancellation_of_the_inside_works_as_ever() {
            shield(ofSeconds(3), () -> {
                assertThatThrownBy(() -> timeout(ofSeconds(1), () -> sleep(ofSeconds(5))))
                        .isInstanceOf(TimeoutException.class);
                sleep(ofSeconds(1));
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }

        @Test
        void without_grace_there_is_no_shield() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> shield(ZERO, () -> sleep(ofSeconds(5))));
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }

        @Test
        void the_shorter_one_of_two_nested_shields_decides_for_what_both_keep_out() {
            TaskGroup.run(group -> {
                Task<?> outerShorter = group.start(
                        "outer shorter",
                        () -> shield(ofSeconds(2), () -> {
                            shield(ofSeconds(4), () -> {
                                sleep(ofSeconds(3));
                                events.add("inner keeps it out");
                            });
                            sleep(ofSeconds(1));
                            events.add("not reached");
                        }));
                Task<?> innerShorter = group.start(
                        "inner shorter",
                        () -> shield(ofSeconds(9), () -> {
                            shield(ofSeconds(2), () -> sleep(ofSeconds(4)));
                            events.add("outer keeps it out");
                        }));
                sleep(ofSeconds(1));
                outerShorter.cancel("enough");
                innerShorter.cancel("enough");
            });
            assertThat(events).containsExactlyInAnyOrder("inner keeps it out", "outer keeps it out");
        }

        @Test
        void foreign_code_in_a_shield_is_left_alone_and_behind_it_is_interrupted() throws InterruptedException {
            ForeignLatch write = new ForeignLatch("a write");
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    shield(ofSeconds(9), () -> write.await());
                    events.add("written");
                    new ForeignLatch("a read").await();
                    events.add("read");
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                sleep(ofSeconds(1));
                write.release();
            });
            assertThat(events).containsExactly("written");
        }

        @Test
        void the_end_of_the_grace_interrupts_foreign_code() throws InterruptedException {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try (Tracked _ = Tracked.open("a connection")) {
                        shield(ofSeconds(2), () -> new ForeignLatch("a write that hangs").await());
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(java.util.concurrent.CancellationException.class);
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(3));
        }

        @Test
        void the_end_of_the_grace_interrupts_foreign_code_of_a_clean_up_although_the_cancellation_was_met_before()
                throws InterruptedException {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try {
                        new ForeignLatch("a read").await();
                    } finally {
                        shield(ofSeconds(2), () -> new ForeignLatch("a write that hangs").await());
                    }
                });
                Task<?> sleeper = group.start("sleeper", () -> {
                    try {
                        sleep(ofSeconds(50));
                    } finally {
                        shield(ofSeconds(2), () -> new ForeignLatch("a write that hangs").await());
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                sleeper.cancel("enough");
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(3));
        }

        @Test
        void tasks_that_are_started_inside_are_shielded_too_until_the_grace_is_over() throws InterruptedException {
            TaskGroup.run(group -> {
                Task<?> task = group.start(
                        "task",
                        () -> shield(
                                ofSeconds(3),
                                () -> gather(
                                        () -> {
                                            sleep(ofSeconds(2));
                                            events.add("in time");
                                        },
                                        () -> {
                                            try (Tracked _ = Tracked.open("a resource")) {
                                                sleep(ofSeconds(9));
                                                events.add("too late");
                                            }
                                        },
                                        () -> {
                                            try (Tracked _ = Tracked.open("another resource")) {
                                                new ForeignLatch("a write that hangs").await();
                                            }
                                        })));
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).containsExactly("in time");
            assertThat(elapsed()).isEqualTo(ofSeconds(4));
        }

        @Test
        void the_end_of_a_grace_and_the_end_of_the_block_at_one_instant_leave_nothing_behind() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try {
                        shield(ofSeconds(2), () -> sleep(ofSeconds(3)));
                        events.add("in time");
                    } catch (Cancelled e) {
                        events.add("over");
                        throw e;
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of("in time"), List.of("over"));
            checkpoint();
        }
    }
}
