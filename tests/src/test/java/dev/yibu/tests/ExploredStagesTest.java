package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Stages of pipelines: nothing is lost on the way, and closing the last one closes all. */
class ExploredStagesTest {

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
        private final List<Object> got = new ArrayList<>();
        private int producing;

        /** So many numbers from the first one on, one a second. */
        private AsyncIterable<Integer> numbers(int first, int count) {
            return generator(Integer.class, 1, out -> {
                producing++;
                try (Tracked _ = Tracked.open("what the producer holds")) {
                    for (int i = 0; i < count; i++) {
                        sleep(ofSeconds(1));
                        out.emit(first + i);
                    }
                } finally {
                    producing--;
                }
            });
        }

        /** Takes all items by steps that time out now and then; a step that was cancelled is taken again. */
        private void takeInSteps(AsyncIterable<?> items, Duration patience) {
            try (items) {
                Iterator<?> iterator = items.iterator();
                boolean[] more = {true};
                while (more[0]) {
                    boolean _ = moveOnAfter(patience, () -> {
                        more[0] = iterator.hasNext();
                        if (more[0]) {
                            got.add(iterator.next());
                        }
                    });
                }
            }
        }

        @Test
        void map_and_filter_lose_nothing_when_a_step_is_cancelled() {
            AsyncIterable<Integer> mapped = numbers(1, 4)
                    .map(item -> {
                        checkpoint();
                        return item * 10;
                    })
                    .filter(item -> {
                        checkpoint();
                        return item != 20;
                    });
            takeInSteps(mapped, ofSeconds(1));
            assertThat(got).containsExactly(10, 30, 40);
        }

        @Test
        void a_buffer_passes_all_on_in_order() {
            takeInSteps(numbers(1, 3).buffer(2).buffer(0), ofSeconds(1));
            assertThat(got).containsExactly(1, 2, 3);
        }

        @Test
        void chunks_keep_what_they_have_when_a_step_is_cancelled() {
            takeInSteps(numbers(1, 5).chunked(2), ofSeconds(1));
            assertThat(got).containsExactly(List.of(1, 2), List.of(3, 4), List.of(5));
        }

        @Test
        void a_window_ends_by_its_count_or_its_time_and_holds_each_item_once() {
            takeInSteps(numbers(1, 4).window(3, ofSeconds(2)), ofMillis(1_500));
            assertThat(got.stream()
                            .flatMap(window -> ((List<?>) window).stream())
                            .toList())
                    .isEqualTo(List.of(1, 2, 3, 4));
            assertThat(got).allMatch(window -> ((List<?>) window).size() <= 3);
        }

        @Test
        void an_item_that_comes_in_time_is_not_lost_to_the_timeout_of_each() {
            try (AsyncIterable<Integer> numbers = numbers(1, 3).timeoutEach(ofSeconds(1))) {
                for (int item : numbers) {
                    got.add(item);
                }
                assertThat(got).containsExactly(1, 2, 3);
            } catch (TimeoutException e) {
                assertThat(got).isIn(List.of(), List.of(1), List.of(1, 2), List.of(1, 2, 3));
            }
        }

        @Test
        void a_throttle_lets_each_go_when_its_time_has_come() {
            List<Long> seconds = new ArrayList<>();
            for (int item : AsyncIterable.from(List.of(1, 2, 3, 4, 5)).throttle(2, ofSeconds(1))) {
                got.add(item);
                seconds.add(Duration.between(start, clock().instant()).toSeconds());
            }
            assertThat(got).containsExactly(1, 2, 3, 4, 5);
            assertThat(seconds).containsExactly(0L, 0L, 1L, 1L, 2L);
        }

        @Test
        void a_throttle_keeps_its_item_when_a_step_is_cancelled() {
            takeInSteps(AsyncIterable.from(List.of(1, 2, 3)).throttle(1, ofSeconds(2)), ofSeconds(1));
            assertThat(got).containsExactly(1, 2, 3);
        }

        @Test
        void a_merge_passes_on_all_items_of_all_each_in_its_order() {
            takeInSteps(AsyncIterable.merge(numbers(1, 2), numbers(11, 2)), ofSeconds(1));
            assertThat(got).containsExactlyInAnyOrder(1, 2, 11, 12);
            assertThat(got.indexOf(1)).isLessThan(got.indexOf(2));
            assertThat(got.indexOf(11)).isLessThan(got.indexOf(12));
        }

        @Test
        void a_merge_ends_all_when_one_fails() throws IOException {
            AsyncIterable<Integer> failing = generator(Integer.class, 0, out -> {
                out.emit(11);
                throw new IOException("the source is broken");
            });
            assertThatThrownBy(() -> AsyncIterable.merge(numbers(1, 9), failing).each(got::add))
                    .isExactlyInstanceOf(IOException.class);
            assertThat(got.getFirst()).isEqualTo(11);
            assertThat(clock().instant()).isEqualTo(start);
        }

        @Test
        void a_zip_keeps_pairs_together_when_a_step_is_cancelled() {
            takeInSteps(numbers(1, 3).zip(numbers(11, 2), (a, b) -> a + b), ofSeconds(1));
            assertThat(got).containsExactly(12, 14);
        }

        @Test
        void closing_the_last_stage_ends_all_that_is_before_it() {
            try (AsyncIterable<Integer> last = AsyncIterable.merge(
                            numbers(1, 9).buffer(1), numbers(11, 9).map(item -> item))
                    .zip(numbers(21, 9), (a, _) -> a)
                    .take(5)) {
                for (int item : last) {
                    got.add(item);
                    if (got.size() == 2) {
                        break;
                    }
                }
            }
            assertThat(producing).isZero();
        }

        @Test
        void take_ends_all_that_is_before_it_when_it_has_its_items() {
            assertThat(numbers(1, 9).buffer(1).take(2).toList()).containsExactly(1, 2);
            assertThat(producing).isZero();
        }

        @AfterEach
        void nobody_produces() {
            assertThat(producing).isZero();
        }
    }
}
