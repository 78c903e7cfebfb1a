package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.sleep;
import static dev.yibu.stream.AsyncGatherers.mapConcurrent;
import static dev.yibu.stream.AsyncGatherers.mapConcurrentUnordered;
import static dev.yibu.stream.AsyncGatherers.throttle;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Gatherers: so many at a time, each item once, and no task is left when the stream has ended. */
class ExploredGatherersTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Instant start = clock().instant();
        private int atWork;

        private int work(int item) {
            try (Tracked _ = Tracked.open("what " + item + " holds")) {
                assertThat(++atWork).isLessThanOrEqualTo(2);
                sleep(ofSeconds(item % 2));
                return item * 10;
            } finally {
                atWork--;
            }
        }

        @Test
        void results_come_in_the_order_of_the_items_and_two_at_a_time() {
            assertThat(Stream.of(1, 2, 3, 4).gather(mapConcurrent(2, this::work)))
                    .containsExactly(10, 20, 30, 40);
        }

        @Test
        void each_result_comes_once_as_they_are_ready() {
            assertThat(Stream.of(1, 2, 3, 4).gather(mapConcurrentUnordered(2, this::work)))
                    .containsExactlyInAnyOrder(10, 20, 30, 40);
        }

        private int failAtThree(int item) throws IOException {
            if (item == 3) {
                throw new IOException("no three");
            }
            return work(item);
        }

        @Test
        void a_failure_ends_the_others_in_order() throws IOException {
            var gatherer = mapConcurrent(2, this::failAtThree);
            assertThatThrownBy(() -> Stream.of(1, 2, 3, 5, 7).gather(gatherer).toList())
                    .isExactlyInstanceOf(IOException.class);
            assertThat(atWork).isZero();
        }

        @Test
        void a_failure_ends_the_others_out_of_order() throws IOException {
            var gatherer = mapConcurrentUnordered(2, this::failAtThree);
            assertThatThrownBy(() -> Stream.of(1, 2, 3, 5, 7).gather(gatherer).toList())
                    .isExactlyInstanceOf(IOException.class);
            assertThat(atWork).isZero();
        }

        @Test
        void who_has_enough_leaves_no_task_behind() {
            assertThat(Stream.of(1, 2, 3, 4)
                            .gather(mapConcurrent(2, this::work))
                            .limit(1))
                    .containsExactly(10);
            assertThat(atWork).isZero();
            assertThat(Stream.of(1, 2, 3, 4)
                            .gather(mapConcurrentUnordered(2, this::work))
                            .findFirst())
                    .isPresent();
            assertThat(atWork).isZero();
        }

        @Test
        void what_an_iterator_abandons_ends_with_the_scope() {
            TaskGroup.run(_ -> {
                Iterator<Integer> iterator = Stream.of(1, 2, 3, 5, 7)
                        .gather(mapConcurrent(2, this::work))
                        .iterator();
                assertThat(iterator.next()).isEqualTo(10);
                checkpoint();
            });
            assertThat(atWork).isZero();
        }

        @Test
        void a_throttle_lets_each_go_when_its_time_has_come() {
            List<Long> seconds = Stream.of(1, 2, 3)
                    .gather(throttle(1, ofSeconds(1)))
                    .map(_ -> Duration.between(start, clock().instant()).toSeconds())
                    .toList();
            assertThat(seconds).containsExactly(0L, 1L, 2L);
        }

        @AfterEach
        void nobody_works() {
            assertThat(atWork).isZero();
        }
    }
}
