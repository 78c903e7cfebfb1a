package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.forEachConcurrent;
import static dev.yibu.Async.mapConcurrent;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Bounded concurrency: at most the limit at work, each item once, results in order. */
class ExploredMapConcurrentTest {

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
        private final List<Integer> begun = new ArrayList<>();
        private final List<Integer> done = new ArrayList<>();
        private int running;
        private int mostRunning;

        private int work(int item) {
            begun.add(item);
            mostRunning = Math.max(mostRunning, ++running);
            try (Tracked _ = Tracked.open("what the work on " + item + " holds")) {
                sleep(ofSeconds(1 + item % 3));
                done.add(item);
                return 10 * item;
            } finally {
                running--;
            }
        }

        /** Counts on, waits now and then, and bears one caller at a time only. */
        private static Iterable<Integer> numbers(int count) {
            return () -> new Iterator<>() {
                private int next;
                private boolean busy;

                @Override
                public boolean hasNext() {
                    assertThat(busy).as("busy").isFalse();
                    busy = true;
                    try {
                        checkpoint();
                    } finally {
                        busy = false;
                    }
                    return next < count;
                }

                @Override
                public Integer next() {
                    return next++;
                }
            };
        }

        @Test
        void results_are_in_order_each_item_is_worked_on_once_and_no_more_than_the_limit_at_a_time() {
            List<Integer> results = mapConcurrent(numbers(6), 2, this::work);
            assertThat(results).containsExactly(0, 10, 20, 30, 40, 50);
            assertThat(begun).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
            assertThat(mostRunning).isEqualTo(2);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_limit_above_the_number_of_items_runs_all_at_once() {
            List<Integer> results = mapConcurrent(IntStream.range(0, 3).boxed().toList(), 10, this::work);
            assertThat(results).containsExactly(0, 10, 20);
            assertThat(mostRunning).isEqualTo(3);
        }

        @Test
        void a_failure_ends_the_others_and_no_further_item_is_begun() {
            assertThatThrownBy(() -> mapConcurrent(numbers(6), 3, item -> {
                        if (item == 1) {
                            throw new IOException("failed");
                        }
                        return work(item);
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            assertThat(begun).isSubsetOf(0, 2, 3);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void nobody_asks_for_an_item_who_has_been_cancelled_while_waiting_for_its_turn() {
            List<Integer> asked = new ArrayList<>();
            Iterator<Integer> numbers = numbers(20).iterator();
            Iterator<Integer> watched = new Iterator<>() {
                @Override
                public boolean hasNext() {
                    if (requireNonNull(Strand.current()).scope().isCancelled()) {
                        asked.add(begun.size());
                    }
                    return numbers.hasNext();
                }

                @Override
                public Integer next() {
                    return numbers.next();
                }
            };
            assertThatThrownBy(() -> forEachConcurrent(() -> watched, 3, item -> {
                        begun.add(item);
                        if (item == 5) {
                            throw new IOException("failed");
                        }
                    }))
                    .isExactlyInstanceOf(IOException.class);
            if (isUndisturbed()) {
                assertThat(asked).isEmpty();
            }
        }

        @Test
        void an_iterator_that_fails_ends_the_workers() {
            Iterable<Integer> failing = () -> new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    checkpoint();
                    if (next == 2) {
                        throw new IllegalStateException("no more");
                    }
                    return true;
                }

                @Override
                public Integer next() {
                    return next++;
                }
            };
            assertThatThrownBy(() -> forEachConcurrent(failing, 3, this::work))
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("no more");
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_timeout_ends_all_workers() {
            assertThatThrownBy(() -> timeout(ofSeconds(2), () -> {
                        forEachConcurrent(numbers(100), 3, this::work);
                    }))
                    .isInstanceOf(TimeoutException.class);
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void a_cancel_from_elsewhere_ends_all_workers() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> mapConcurrent(numbers(100), 3, this::work));
                sleep(ofSeconds(2));
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
                assertThat(running).isZero();
            });
        }

        @Test
        void a_worker_that_is_cancelled_on_its_own_fails_the_whole_and_nothing_hangs() {
            assertThatThrownBy(() -> mapConcurrent(numbers(5), 2, item -> {
                        if (item == 1) {
                            currentTask().cancel("enough");
                        }
                        return work(item);
                    }))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
            assertThat(running).isZero();
            checkpoint();
        }

        @Test
        void nothing_to_do_is_done_at_once() {
            assertThat(mapConcurrent(numbers(0), 3, this::work)).isEmpty();
            assertThat(begun).isEmpty();
        }

        @Test
        void one_maps_inside_another_keep_their_own_limits() {
            List<Integer> sums = mapConcurrent(
                    numbers(2),
                    2,
                    outer -> mapConcurrent(numbers(3), 1, inner -> work(outer + inner))
                            .size());
            assertThat(sums).containsExactly(3, 3);
            assertThat(mostRunning).isEqualTo(2);
        }
    }
}
