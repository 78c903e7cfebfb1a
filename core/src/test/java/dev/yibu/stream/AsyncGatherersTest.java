package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.AsyncFunction;
import dev.yibu.Retry;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Gatherer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Concurrent steps of a stream, and who ends their tasks. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsyncGatherersTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(5);

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();

    private static Stream<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed();
    }

    /** Counts who runs, also while it is cleaned up. */
    private <X extends Throwable> AsyncFunction<Integer, Integer, X> counted(
            AsyncFunction<Integer, Integer, X> function) {
        return item -> {
            calls.incrementAndGet();
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                return function.apply(item);
            } finally {
                shield(LONG, () -> checkpoint());
                running.decrementAndGet();
            }
        };
    }

    private static <X extends Throwable> Gatherer<Integer, ?, Integer> concurrent(
            boolean ordered, int limit, AsyncFunction<Integer, Integer, X> function) throws X {
        return ordered
                ? AsyncGatherers.mapConcurrent(limit, function)
                : AsyncGatherers.mapConcurrentUnordered(limit, function);
    }

    private static int uneven(int item) {
        sleep(Duration.ofNanos(item * 7 % 5 * 200_000L));
        return -item;
    }

    // ---------------------------------------------------------------- results

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void results_keep_the_order_of_the_items(int limit) {
        run(() -> {
            assertThat(upTo(60).gather(AsyncGatherers.mapConcurrent(limit, counted(AsyncGatherersTest::uneven))))
                    .containsExactlyElementsOf(upTo(60).map(item -> -item).toList());
            assertThat(most.get()).isLessThanOrEqualTo(limit);
            assertThat(running).hasValue(0);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void unordered_results_are_complete(int limit) {
        run(() -> {
            assertThat(upTo(60).gather(
                                    AsyncGatherers.mapConcurrentUnordered(limit, counted(AsyncGatherersTest::uneven))))
                    .containsExactlyInAnyOrderElementsOf(
                            upTo(60).map(item -> -item).toList());
            assertThat(most.get()).isLessThanOrEqualTo(limit);
            assertThat(running).hasValue(0);
        });
    }

    @Test
    void unordered_results_come_as_they_are_ready() {
        run(() -> assertThat(upTo(3).gather(AsyncGatherers.mapConcurrentUnordered(3, item -> {
                            if (item == 0) {
                                sleep(LONG);
                            }
                            return item;
                        }))
                        .limit(2))
                .containsExactlyInAnyOrder(1, 2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothing_and_null_are_results_too(boolean ordered) {
        run(() -> {
            assertThat(Stream.<Integer>of().gather(concurrent(ordered, 3, item -> item)))
                    .isEmpty();
            assertThat(upTo(2).gather(concurrent(ordered, 3, _ -> null))).containsExactly(null, null);
        });
    }

    @Test
    void a_gatherer_may_be_used_again() {
        run(() -> {
            Gatherer<Integer, ?, Integer> negated = AsyncGatherers.mapConcurrent(2, item -> -item);
            assertThat(upTo(3).gather(negated)).containsExactly(0, -1, -2);
            assertThat(upTo(3).gather(negated).gather(negated)).containsExactly(0, 1, 2);
        });
    }

    // ---------------------------------------------------------------- who ends the tasks

    /** The first item is quick, the others take for ever. */
    private static int oneAndTheRest(int item) {
        if (item > 0) {
            sleep(LONG);
        }
        return item;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_a_later_step_wants_no_more_the_tasks_are_cancelled_and_joined(boolean ordered) {
        run(() -> {
            assertThat(upTo(100)
                            .gather(concurrent(ordered, 5, counted(AsyncGatherersTest::oneAndTheRest)))
                            .findFirst())
                    .hasValue(0);
            assertThat(running).hasValue(0);
            assertThat(calls.get()).isLessThanOrEqualTo(6);
            checkpoint();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_failure_of_the_function_is_thrown_as_it_is_and_cancels_the_rest(boolean ordered) {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try {
            run(() -> {
                Throwable inner = null;
                try {
                    upTo(100)
                            .gather(concurrent(
                                    ordered,
                                    4,
                                    counted(item -> failsAt(2, oneAndTheRest(item > 2 ? item : 0), item, failure))))
                            .forEach(_ -> {});
                } catch (IOException e) {
                    inner = e;
                }
                assertThat(running).hasValue(0);
                checkpoint();
                throw (IOException) inner;
            });
        } catch (IOException e) {
            caught = e;
        }
        assertThat(caught).isSameAs(failure);
    }

    private static int failsAt(int bad, int value, int item, IOException failure) throws IOException {
        if (item == bad) {
            throw failure;
        }
        return value;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_an_earlier_step_fails_the_tasks_end_with_the_scope(boolean ordered) {
        IllegalStateException failure = new IllegalStateException("upstream broke");
        run(() -> {
            assertThatThrownBy(() -> timeout(
                            LONG,
                            () -> upTo(10).peek(item -> {
                                        if (item == 3) {
                                            throw failure;
                                        }
                                    })
                                    .gather(concurrent(ordered, 5, counted(AsyncGatherersTest::foreverOrNever)))
                                    .toList()))
                    .isSameAs(failure);
            assertThat(running).hasValue(0);
            checkpoint();
        });
    }

    private static int foreverOrNever(int item) {
        sleep(LONG);
        return item;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_a_later_step_fails_the_tasks_are_cancelled_and_joined(boolean ordered) {
        IllegalStateException failure = new IllegalStateException("downstream broke");
        run(() -> {
            assertThatThrownBy(() -> upTo(10).gather(concurrent(ordered, 5, counted(AsyncGatherersTest::oneAndTheRest)))
                            .forEach(_ -> {
                                throw failure;
                            }))
                    .isSameAs(failure);
            assertThat(running).hasValue(0);
            checkpoint();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_an_iterator_is_abandoned_the_tasks_end_with_the_scope(boolean ordered) {
        run(() -> {
            timeout(LONG, () -> {
                Iterator<Integer> iterator = upTo(100)
                        .gather(concurrent(ordered, 3, counted(AsyncGatherersTest::oneAndTheRest)))
                        .iterator();
                assertThat(iterator.next()).isZero();
                Until.holds(() -> running.get() > 0);
            });
            assertThat(running).hasValue(0);
            checkpoint();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_deadline_cancels_and_joins_the_tasks(boolean ordered) {
        run(() -> {
            assertThatThrownBy(() -> timeout(
                            LONG,
                            () -> upTo(100)
                                    .peek(item -> {
                                        if (item == 3) { // the fourth waits until one of three has ended
                                            Until.holds(() -> running.get() == 3);
                                            deadline().reschedule(Duration.ZERO);
                                        }
                                    })
                                    .gather(concurrent(ordered, 3, counted(AsyncGatherersTest::foreverOrNever)))
                                    .toList()))
                    .isInstanceOf(TimeoutException.class);
            assertThat(running).hasValue(0);
            checkpoint();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_task_that_is_cancelled_on_its_own_is_a_cancellation_exception(boolean ordered) {
        run(() -> {
            assertThatThrownBy(() -> upTo(3).gather(concurrent(ordered, 2, item -> {
                                currentTask().cancel("on its own");
                                checkpoint();
                                return item;
                            }))
                            .toList())
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("on its own");
            checkpoint();
        });
    }

    // ---------------------------------------------------------------- throttle

    @Test
    void throttled_items_keep_their_distance() {
        run(() -> {
            List<Long> times = new ArrayList<>();
            Driver driver = Strand.current().driver();
            long begun = driver.nanoTime();
            assertThat(upTo(7).gather(AsyncGatherers.throttle(2, SHORT))
                            .peek(_ -> times.add(driver.nanoTime()))
                            .toList())
                    .hasSize(7);
            for (int i = 2; i < 7; i++) {
                assertThat(times.get(i) - begun).isGreaterThanOrEqualTo(SHORT.toNanos() * (i / 2));
            }
        });
    }

    // ---------------------------------------------------------------- retry

    private int failingAtFirst(int item) throws IOException {
        if (calls.incrementAndGet() % 3 != 0) {
            throw new IOException("attempt " + calls + " at " + item);
        }
        return -item;
    }

    @Test
    void each_item_is_tried_again_until_it_succeeds_and_the_order_stays() throws IOException {
        run(() -> assertThat(upTo(4).gather(AsyncGatherers.retryEach(Retry.immediately(3), this::failingAtFirst)))
                .containsExactly(0, -1, -2, -3));
        assertThat(calls).hasValue(12);
    }

    @Test
    void an_item_that_fails_for_good_ends_the_stream_with_its_last_failure() throws IOException {
        run(() -> {
            List<Integer> arrived = new ArrayList<>();
            Gatherer<Integer, ?, Integer> twice =
                    AsyncGatherers.retryEach(Retry.immediately(2), item -> item == 0 ? 0 : failingAtFirst(item));
            assertThatThrownBy(() -> upTo(4).gather(twice).forEach(arrived::add))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("attempt 2 at 1");
            assertThat(arrived).containsExactly(0);
        });
    }

    @Test
    void a_cancel_is_not_tried_again_and_ends_the_pause() {
        run(() -> {
            Retry slowly = Retry.fixed(3, LONG);
            assertThat(moveOnAfter(
                            SHORT,
                            () -> upTo(2).gather(AsyncGatherers.retryEach(slowly, item -> {
                                        calls.incrementAndGet();
                                        sleep(LONG);
                                        return item;
                                    }))
                                    .forEach(_ -> {})))
                    .isFalse();
            assertThat(calls).hasValue(1);
        });
    }

    @Test
    void who_has_enough_calls_no_more() {
        run(() -> assertThat(upTo(9).gather(AsyncGatherers.retryEach(Retry.immediately(2), item -> {
                            calls.incrementAndGet();
                            return item;
                        }))
                        .limit(2)
                        .toList())
                .containsExactly(0, 1));
        assertThat(calls).hasValue(2);
    }

    // ---------------------------------------------------------------- errors

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void outside_any_scope_a_gatherer_is_an_illegal_state(boolean ordered) {
        assertThatThrownBy(() ->
                        upTo(1).gather(concurrent(ordered, 2, item -> item)).toList())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
        assertThatThrownBy(
                        () -> upTo(1).gather(AsyncGatherers.throttle(1, SHORT)).toList())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
        assertThatThrownBy(() -> upTo(1).gather(AsyncGatherers.retryEach(Retry.immediately(2), item -> item))
                        .toList())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
    }

    @Test
    void bad_arguments_are_named() {
        assertThatThrownBy(() -> AsyncGatherers.mapConcurrent(0, item -> item))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
        assertThatThrownBy(() -> AsyncGatherers.mapConcurrentUnordered(-1, item -> item))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> AsyncGatherers.mapConcurrent(1, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("function");
        assertThatThrownBy(() -> AsyncGatherers.retryEach(null, item -> item))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("rule");
        assertThatThrownBy(() -> AsyncGatherers.retryEach(Retry.immediately(2), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("function");
        assertThatThrownBy(() -> AsyncGatherers.throttle(0, SHORT)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AsyncGatherers.throttle(1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
