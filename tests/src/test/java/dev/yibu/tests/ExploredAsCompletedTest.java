package dev.yibu.tests;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.asCompletedOutcomes;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Completions;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Results as they complete: each once, and nothing is left running when the iteration ends, however it ends. */
class ExploredAsCompletedTest {

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
        private final List<Object> events = new ArrayList<>();
        private int running;
        private int mostRunning;

        private int after(int seconds) {
            try (Tracked _ = Tracked.open("what the task of " + seconds + " s holds")) {
                mostRunning = Math.max(mostRunning, ++running);
                sleep(ofSeconds(seconds));
                return seconds;
            } finally {
                running--;
            }
        }

        @Test
        void results_come_in_the_order_of_completion_each_once() {
            for (int value : asCompleted(List.of(3, 1, 2), this::after)) {
                events.add(value);
            }
            assertThat(events).containsExactly(1, 2, 3);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void results_of_one_instant_all_come_however_the_consumer_meets_them() {
            asCompleted(List.of(1, 1, 1), this::after).each(value -> {
                events.add(value);
                checkpoint();
            });
            assertThat(events).containsExactly(1, 1, 1);
        }

        @Test
        void a_failure_is_thrown_by_next_and_the_rest_is_cancelled_and_joined_on_close() {
            assertThatThrownBy(() -> {
                        try (Completions<Integer> results = asCompleted(
                                () -> after(1),
                                () -> {
                                    sleep(ofSeconds(2));
                                    throw new IOException("failed");
                                },
                                () -> after(9))) {
                            try {
                                for (int value : results) {
                                    events.add(value);
                                }
                            } catch (Exception e) {
                                sleep(ofSeconds(1));
                                assertThat(running).isZero(); // before the close
                                throw e;
                            }
                        }
                    })
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            assertThat(events).containsExactly(1);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_break_inside_try_with_resources_leaves_nothing_running() {
            try (Completions<Integer> results = asCompleted(List.of(1, 1, 9), this::after)) {
                for (int value : results) {
                    events.add(value);
                    break;
                }
            }
            assertThat(events).containsExactly(1);
            assertThat(running).isZero();
        }

        @Test
        void what_a_plain_loop_abandons_ends_with_the_enclosing_scope() {
            TaskGroup.run(group -> {
                for (int value : asCompleted(List.of(1, 2, 9), this::after)) {
                    events.add(value);
                    break;
                }
                for (int value : asCompleted(List.of(9, 1), 2, this::after)) {
                    events.add(value);
                    break;
                }
            });
            assertThat(events).containsExactly(1, 1);
            assertThat(running).isZero();
        }

        @Test
        void bounded_results_come_each_once_and_no_more_than_the_limit_are_in_work() {
            for (int value : asCompleted(List.of(4, 1, 2, 3, 1), 2, this::after)) {
                events.add(value);
                checkpoint();
            }
            assertThat(events).containsExactlyInAnyOrder(1, 1, 2, 3, 4);
            assertThat(mostRunning).isLessThanOrEqualTo(2);
            assertThat(running).isZero();
        }

        @Test
        void a_bounded_failure_is_thrown_by_next_and_workers_that_wait_for_the_taker_end() {
            assertThatThrownBy(() -> {
                        try (Completions<Integer> results = asCompleted(List.of(1, 2, 2, 9, 9), 3, seconds -> {
                            int value = after(seconds);
                            if (value == 2) {
                                throw new IOException("failed");
                            }
                            return value;
                        })) {
                            for (int value : results) {
                                events.add(value);
                            }
                        }
                    })
                    .isExactlyInstanceOf(IOException.class);
            assertThat(events).containsExactly(1);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_deadline_is_thrown_at_next_and_the_rest_is_joined() {
            assertThatThrownBy(() -> timeout(ofSeconds(2), () -> {
                        for (int value : asCompleted(List.of(1, 9, 9), 2, this::after)) {
                            events.add(value);
                        }
                    }))
                    .isInstanceOf(TimeoutException.class);
            assertThat(events).containsExactly(1);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_consumer_that_is_cancelled_leaves_nothing_running() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("consumer", () -> {
                    for (int value : asCompleted(List.of(1, 1, 9), this::after)) {
                        events.add(value);
                    }
                });
                sleep(ofSeconds(1));
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
                assertThat(running).isZero();
            });
            assertThat(events).isIn(List.of(), List.of(1), List.of(1, 1));
        }

        @Test
        void outcomes_do_not_stop_at_a_failure_nor_at_a_task_that_is_cancelled() {
            countOutcomes(2);
        }

        @Test
        void outcomes_do_not_stop_although_the_only_worker_is_cancelled() {
            countOutcomes(1);
        }

        @Test
        void a_worker_that_is_cancelled_while_it_waits_for_its_turn_holds_up_nobody() {
            Iterator<Integer> numbers = IntStream.range(0, 6).iterator();
            Iterator<Integer> slow = new Iterator<>() {
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
            List<Integer> begun = new ArrayList<>();
            List<Task<?>> workers = new ArrayList<>();
            for (Outcome<Integer> _ : asCompletedOutcomes(() -> slow, 3, item -> {
                begun.add(item);
                workers.add(currentTask());
                if (item == 3) {
                    workers.getFirst().cancel("enough");
                }
                return item;
            })) {
                checkpoint();
            }
            assertThat(begun).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        }

        private void countOutcomes(int limit) {
            int successes = 0;
            int failures = 0;
            int cancellations = 0;
            for (Outcome<Integer> outcome : asCompletedOutcomes(List.of(1, 2, 3, 4), limit, seconds -> {
                if (seconds == 1) {
                    throw new IOException("failed");
                }
                if (seconds == 2) {
                    currentTask().cancel("enough");
                }
                return after(seconds);
            })) {
                switch (outcome) {
                    case Outcome.Success<Integer> _ -> successes++;
                    case Outcome.Failure<Integer> _ -> failures++;
                    case Outcome.Cancellation<Integer> _ -> cancellations++;
                }
            }
            assertThat(List.of(successes, failures, cancellations)).containsExactly(2, 1, 1);
            checkpoint();
        }

        @Test
        void to_close_twice_or_after_exhaustion_is_nothing_and_a_second_iteration_is_an_error() {
            Completions<Integer> results = asCompleted(List.of(1, 2), this::after);
            Iterator<Integer> iterator = results.iterator();
            assertThat(iterator.next()).isEqualTo(1);
            assertThatThrownBy(results::iterator).isInstanceOf(IllegalStateException.class);
            results.close();
            results.close();
            assertThat(running).isZero();
            assertThat(iterator.hasNext()).isFalse();
        }
    }
}
