package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TimeoutException;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.Strategy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a generator or a merge ends with, whoever is quicker at its end. */
class ExploredStreamsTest {

    @Nested
    @Explore(seeds = 500, everywhere = true)
    class Randomly extends Rules {}

    @Nested
    @Explore(
            seeds = 1_000,
            everywhere = true,
            everyAccessOf = {"dev.yibu", "dev.yibu.stream"})
    class BetweenTwoAccesses extends Rules {}

    @Nested
    @Explore(
            seeds = 5_000,
            strategy = Strategy.EXHAUSTIVE,
            preemptions = 1,
            everywhere = true,
            everyAccessOf = "dev.yibu.stream")
    class WithOnePreemptionBetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {

        /** Regression: a source that was cancelled because of the failure could end before the failure was noted. */
        @Test
        void a_merge_ends_with_its_failure_and_not_with_the_cancellations_that_follow_from_it() throws IOException {
            IOException failure = new IOException("it broke");
            run(() -> {
                AsyncIterable<Integer> merged = AsyncIterable.merge(
                        AsyncIterable.from(List.of(1, 2)).map(_ -> {
                            throw failure;
                        }),
                        generator(Integer.class, _ -> sleep(ofSeconds(9))));
                assertThatThrownBy(() -> merged.each(_ -> {})).isSameAs(failure);
                checkpoint();
            });
        }

        /** Regression: the last source, which ended well, could take the place of the one that had failed. */
        @Test
        void a_merge_ends_with_its_failure_and_not_with_the_end_of_another_source() throws IOException {
            IOException failure = new IOException("it broke");
            run(() -> {
                AsyncIterable<Integer> merged = AsyncIterable.merge(
                        generator(Integer.class, _ -> {
                            throw failure;
                        }),
                        List.of(1));
                assertThatThrownBy(() -> merged.each(_ -> {})).isSameAs(failure);
                checkpoint();
            });
        }

        /** Regression: it could hear that the producer had ended, which the close had cancelled. */
        @Test
        void an_outsider_that_emits_is_released_by_the_close_as_a_cancellation() {
            run(() -> {
                AtomicReference<Task<?>> outsider = new AtomicReference<>();
                try (AsyncIterable<Integer> items = generator(Integer.class, 1, out -> {
                    outsider.set(createTask(() -> {
                        for (; ; ) {
                            out.emit(1);
                        }
                    }));
                    sleep(ofSeconds(9));
                })) {
                    assertThat(items.iterator().next()).isEqualTo(1);
                }
                assertThatThrownBy(outsider.get()::await)
                        .isInstanceOf(CancellationException.class)
                        .hasMessageContaining("closed");
            });
        }

        @Test
        void nothing_of_the_producer_runs_before_the_first_item_is_asked_for() {
            run(() -> {
                List<String> steps = new ArrayList<>();
                try (AsyncIterable<Integer> items = generator(Integer.class, out -> {
                    steps.add("begin");
                    out.emit(1);
                })) {
                    sleep(ofSeconds(1));
                    steps.add("ask");
                    assertThat(items.iterator().hasNext()).isTrue();
                    assertThat(steps).containsExactly("ask", "begin");
                }
            });
        }

        @Test
        void without_a_buffer_the_producer_runs_only_while_the_next_item_is_asked_for() {
            run(() -> {
                List<String> steps = new ArrayList<>();
                try (AsyncIterable<Integer> items = generator(Integer.class, 0, out -> {
                    steps.add("begin");
                    out.emit(1);
                    steps.add("after 1");
                    out.emit(2);
                    steps.add("end");
                })) {
                    Iterator<Integer> iterator = items.iterator();
                    for (int item = 1; item <= 2; item++) {
                        sleep(ofSeconds(1));
                        steps.add("ask");
                        assertThat(iterator.next()).isEqualTo(item);
                    }
                    sleep(ofSeconds(1));
                    steps.add("ask");
                    assertThat(iterator.hasNext()).isFalse();
                }
                assertThat(steps).containsExactly("ask", "begin", "ask", "after 1", "ask", "end");
            });
        }

        @Test
        void a_buffer_is_filled_as_far_as_it_goes_once_the_first_item_is_asked_for() {
            run(() -> {
                List<Integer> asked = new ArrayList<>();
                try (AsyncIterable<Integer> items = AsyncIterable.from(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9))
                        .map(item -> {
                            asked.add(item);
                            return item;
                        })
                        .buffer(3)) {
                    Iterator<Integer> iterator = items.iterator();
                    sleep(ofSeconds(1));
                    assertThat(asked).isEmpty();
                    assertThat(iterator.next()).isEqualTo(1);
                    sleep(ofSeconds(1));
                    assertThat(asked)
                            .as("three in the buffer, one waits for room")
                            .hasSize(5);
                    assertThat(iterator.next()).isEqualTo(2);
                }
            });
        }

        @Test
        void a_window_is_passed_on_when_it_is_full_or_its_time_is_over() {
            run(() -> {
                List<Object> heard = new ArrayList<>();
                long start = now();
                for (List<Integer> window : generator(Integer.class, out -> {
                            for (int second : new int[] {0, 1, 2, 3, 7, 8, 20}) {
                                sleep(Duration.ofNanos(start + ofSeconds(second).toNanos() - now()));
                                out.emit(second);
                            }
                        })
                        .window(3, Duration.ofMillis(4500))) {
                    heard.add(window);
                    heard.add(Duration.ofNanos(now() - start));
                }
                assertThat(heard)
                        .containsExactly(
                                List.of(0, 1, 2),
                                ofSeconds(2),
                                List.of(3, 7),
                                Duration.ofMillis(7500),
                                List.of(8),
                                Duration.ofMillis(12500),
                                List.of(20),
                                ofSeconds(20));
            });
        }

        @Test
        void each_item_has_its_own_time() {
            run(() -> {
                long start = now();
                try (AsyncIterable<Integer> items = generator(Integer.class, out -> {
                            sleep(ofSeconds(3));
                            out.emit(1);
                            sleep(ofSeconds(3));
                            out.emit(2);
                            sleep(ofSeconds(9));
                        })
                        .timeoutEach(ofSeconds(4))) {
                    Iterator<Integer> iterator = items.iterator();
                    assertThat(List.of(iterator.next(), iterator.next())).containsExactly(1, 2);
                    assertThatThrownBy(iterator::next).isInstanceOf(TimeoutException.class);
                    assertThat(Duration.ofNanos(now() - start)).isEqualTo(ofSeconds(10));
                    assertThat(iterator.hasNext()).isFalse();
                }
                checkpoint();
            });
        }

        @Test
        void throttled_items_pass_as_soon_as_they_may() {
            run(() -> {
                List<Long> seconds = new ArrayList<>();
                long start = now();
                for (int _ : AsyncIterable.from(List.of(1, 2, 3, 4, 5, 6, 7)).throttle(3, ofSeconds(5))) {
                    seconds.add(Duration.ofNanos(now() - start).toSeconds());
                }
                assertThat(seconds).containsExactly(0L, 0L, 0L, 5L, 5L, 5L, 10L);
            });
        }

        @Test
        void a_deadline_that_comes_while_the_next_item_is_awaited_ends_the_producer() {
            List<String> steps = new ArrayList<>();
            run(() -> {
                assertThatThrownBy(() -> timeout(ofSeconds(2), () -> {
                            for (int item : generator(Integer.class, _ -> {
                                try {
                                    sleep(ofSeconds(9));
                                } finally {
                                    steps.add("cleaned up");
                                }
                            })) {
                                throw new AssertionError(item);
                            }
                        }))
                        .isInstanceOf(TimeoutException.class);
                assertThat(steps).containsExactly("cleaned up");
            });
        }

        private static long now() {
            return clock().instant().toEpochMilli() * 1_000_000;
        }
    }
}
