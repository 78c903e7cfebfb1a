package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.forEach;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.gatherOutcomes;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Gather: results in argument order, or the first failure after everything has ended. */
class ExploredGatherTest {

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

        private int after(int seconds, int value) {
            try (Tracked _ = Tracked.open("what " + value + " holds")) {
                sleep(ofSeconds(seconds));
                events.add(value);
                return value;
            }
        }

        @Test
        void results_come_in_argument_order_whatever_ends_first() {
            List<Integer> values = gather(List.of(3, 1, 2), seconds -> after(seconds, seconds));
            assertThat(values).containsExactly(3, 1, 2);
            assertThat(events).containsExactly(1, 2, 3);
            assertThat(Duration.between(start, clock().instant())).isEqualTo(ofSeconds(3));
        }

        @Test
        void the_first_failure_is_thrown_when_all_the_others_have_ended() {
            assertThatThrownBy(() -> gather(
                            () -> after(9, 1),
                            () -> {
                                sleep(ofSeconds(1));
                                throw new IOException("failed");
                            },
                            () -> after(9, 2),
                            () -> gather(() -> after(9, 3), () -> after(9, 4)).size()))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            assertThat(events).isEmpty();
            checkpoint();
        }

        @Test
        void a_failure_while_tasks_are_still_being_started_ends_the_start() {
            Iterator<Integer> numbers = List.of(0, 1, 2, 3).iterator();
            Iterable<Integer> slow = () -> new Iterator<>() {
                @Override
                public boolean hasNext() {
                    checkpoint();
                    return numbers.hasNext();
                }

                @Override
                public Integer next() {
                    return numbers.next();
                }
            };
            assertThatThrownBy(() -> gather(slow, number -> {
                        if (number == 1) {
                            throw new IOException("failed");
                        }
                        return after(9, number);
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            assertThat(events).isEmpty();
        }

        @Test
        void an_iterable_that_fails_ends_what_was_started() {
            Iterable<Integer> failing = () -> new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Integer next() {
                    if (next == 2) {
                        throw new IllegalStateException("no more");
                    }
                    return next++;
                }
            };
            assertThatThrownBy(() -> gather(failing, number -> after(9, number)))
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("no more");
            assertThat(events).isEmpty();
        }

        @Test
        void outcomes_are_collected_of_all_and_nobody_disturbs_the_others() {
            List<Outcome<Integer>> outcomes = gatherOutcomes(
                    () -> after(2, 1),
                    () -> {
                        throw new IOException("failed");
                    },
                    () -> {
                        currentTask().cancel("enough");
                        return after(1, 2);
                    },
                    () -> after(1, 3));
            assertThat(outcomes.get(0)).isEqualTo(new Outcome.Success<>(1));
            assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failure.class);
            assertThat(outcomes.get(2)).isInstanceOf(Outcome.Cancellation.class);
            assertThat(outcomes.get(3)).isEqualTo(new Outcome.Success<>(3));
            assertThat(events).containsExactly(3, 1);
        }

        @Test
        void a_child_that_is_cancelled_on_its_own_fails_the_gather_with_a_cancellation_exception() {
            assertThatThrownBy(() -> gather(() -> after(9, 1), () -> {
                        currentTask().cancel("enough");
                        return after(1, 2);
                    }))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
            assertThat(events).isEmpty();
            checkpoint();
        }

        @Test
        void a_cancelled_gather_ends_with_all_its_children_wherever_the_cancel_meets_it() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    gather(() -> after(1, 1), () -> after(2, 2), () -> after(9, 3));
                    events.add("went on");
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });
            assertThat(events).isIn(List.of(), List.of(1));
        }

        @Test
        void existing_tasks_are_joined_with_await() {
            TaskGroup.run(group -> {
                List<Task<Integer>> tasks = List.of(group.start(() -> after(2, 1)), group.start(() -> after(1, 2)));
                assertThat(gather(tasks, Task::await)).containsExactly(1, 2);
            });
        }

        @Test
        void nothing_gathered_is_nothing_and_actions_are_all_done() throws IOException {
            assertThat(gather()).isEmpty();
            assertThat(gather(List.<Integer>of(), number -> after(1, number))).isEmpty();
            forEach(List.of(1, 2, 3), number -> after(1, number));
            assertThat(events).containsExactlyInAnyOrder(1, 2, 3);
        }
    }
}
