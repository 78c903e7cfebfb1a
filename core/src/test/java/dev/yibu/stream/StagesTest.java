package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the stages of a pipeline do with items, and that the last one closes all. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StagesTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(5);

    private static AsyncIterable<Integer> upTo(int n) {
        return AsyncIterable.from(list(n));
    }

    private static List<Integer> list(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Items that can be closed, and count how often. */
    private static final class Closeable implements Iterable<Integer>, AutoCloseable {
        private final int size;
        private final AtomicInteger closed = new AtomicInteger();

        Closeable(int size) {
            this.size = size;
        }

        @Override
        public Iterator<Integer> iterator() {
            return list(size).iterator();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    // ---------------------------------------------------------------- each stage

    @Test
    void map_and_filter_may_wait() {
        run(() -> assertThat(upTo(10).filter(item -> {
                            checkpoint();
                            return item % 2 == 1;
                        })
                        .map(item -> {
                            checkpoint();
                            return "<" + item + ">";
                        })
                        .toList())
                .containsExactly("<1>", "<3>", "<5>", "<7>", "<9>"));
    }

    @Test
    void map_may_yield_null() {
        run(() -> assertThat(upTo(2).map(_ -> null).buffer(1).toList()).containsExactly(null, null));
    }

    @Test
    void a_checked_exception_of_a_function_reaches_the_loops_signature() {
        IOException failure = new IOException("it broke");
        List<Integer> heard = new ArrayList<>();
        Throwable caught = null;
        try {
            run(() -> {
                for (int item : upTo(10).map(item -> failsAt(3, item, failure))) {
                    heard.add(item);
                }
            });
        } catch (IOException e) {
            caught = e;
        }
        assertThat(caught).isSameAs(failure);
        assertThat(heard).containsExactly(0, 1, 2);
    }

    private static int failsAt(int bad, int item, IOException failure) throws IOException {
        if (item == bad) {
            throw failure;
        }
        return item;
    }

    @Test
    void take_asks_for_no_more_than_it_passes_on() {
        run(() -> {
            AtomicInteger asked = new AtomicInteger();
            assertThat(upTo(10).map(item -> asked.incrementAndGet()).take(3).toList())
                    .containsExactly(1, 2, 3);
            assertThat(asked).hasValue(3);
            assertThat(upTo(10).map(item -> asked.incrementAndGet()).take(0).toList())
                    .isEmpty();
            assertThat(asked).hasValue(3);
            assertThat(upTo(2).take(3).toList()).containsExactly(0, 1);
        });
    }

    @Test
    void take_closes_an_endless_generator() {
        AtomicBoolean cleanedUp = new AtomicBoolean();
        run(() -> {
            assertThat(generator(Integer.class, out -> {
                                try {
                                    for (int i = 0; ; i++) {
                                        out.emit(i);
                                    }
                                } finally {
                                    cleanedUp.set(true);
                                }
                            })
                            .take(2)
                            .toList())
                    .containsExactly(0, 1);
            assertThat(cleanedUp).isTrue();
        });
    }

    @Test
    void chunked_makes_lists_the_last_of_which_may_be_shorter() {
        run(() -> {
            assertThat(upTo(7).chunked(3).toList()).containsExactly(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6));
            assertThat(upTo(6).chunked(3).toList()).containsExactly(List.of(0, 1, 2), List.of(3, 4, 5));
            assertThat(upTo(0).chunked(3).toList()).isEmpty();
        });
    }

    @Test
    void chunked_passes_on_what_it_has_before_a_failure() throws IOException {
        IOException failure = new IOException("it broke");
        run(() -> {
            Iterator<List<Integer>> chunks =
                    upTo(9).map(item -> failsAt(5, item, failure)).chunked(3).iterator();
            assertThat(chunks.next()).containsExactly(0, 1, 2);
            assertThat(chunks.next()).containsExactly(3, 4);
            assertThatThrownBy(chunks::next).isSameAs(failure);
            assertThat(chunks.hasNext()).isFalse();
        });
    }

    @Test
    void a_window_is_passed_on_when_it_is_full() {
        run(() -> assertThat(generator(Integer.class, out -> {
                            for (int i = 0; i < 5; i++) {
                                out.emit(i);
                            }
                        })
                        .window(3, LONG)
                        .toList())
                .containsExactly(List.of(0, 1, 2), List.of(3, 4)));
    }

    @Test
    void a_window_is_passed_on_when_its_time_is_over() {
        run(() -> {
            AtomicBoolean heard = new AtomicBoolean();
            Iterator<List<Integer>> windows = generator(Integer.class, out -> {
                        out.emit(0);
                        Until.holds(heard::get);
                        out.emit(1);
                    })
                    .window(3, SHORT)
                    .iterator();
            assertThat(windows.next()).containsExactly(0);
            heard.set(true);
            assertThat(windows.next()).containsExactly(1);
            assertThat(windows.hasNext()).isFalse();
        });
    }

    @Test
    void windows_lose_nothing_whatever_their_time_and_whatever_is_upstream() {
        run(() -> {
            List<Integer> heard = new ArrayList<>();
            for (List<Integer> window : upTo(60).map(item -> {
                        sleep(Duration.ofNanos(item % 5 * 200_000L)); // now and then longer than the window
                        return item;
                    })
                    .window(4, Duration.ofNanos(500_000))) {
                assertThat(window).isNotEmpty().hasSizeLessThanOrEqualTo(4);
                heard.addAll(window);
            }
            assertThat(heard).isEqualTo(list(60));
        });
    }

    @Test
    void an_item_that_takes_too_long_is_a_timeout() {
        run(() -> {
            AsyncIterable<Integer> slow = upTo(2).map(item -> {
                        if (item == 1) {
                            deadline().reschedule(Duration.ZERO);
                            sleep(LONG);
                        }
                        return item;
                    })
                    .timeoutEach(LONG);
            Iterator<Integer> iterator = slow.iterator();
            assertThat(iterator.next()).isZero();
            assertThatThrownBy(iterator::next).isInstanceOf(TimeoutException.class);
            assertThat(iterator.hasNext()).isFalse();
            slow.close();
            checkpoint();
        });
    }

    @Test
    void throttled_items_keep_their_distance() {
        run(() -> {
            List<Long> times = new ArrayList<>();
            Driver driver = Strand.current().driver();
            long begun = driver.nanoTime();
            for (int item : upTo(9).throttle(3, SHORT)) {
                times.add(driver.nanoTime());
                assertThat(item).isEqualTo(times.size() - 1);
            }
            for (int i = 3; i < 9; i++) { // each may be noted late, but never before it was let through
                assertThat(times.get(i) - begun).isGreaterThanOrEqualTo(SHORT.toNanos() * (i / 3));
            }
        });
    }

    @Test
    void zip_ends_with_the_shorter_side_and_closes_both() {
        Closeable longer = new Closeable(10);
        Closeable shorter = new Closeable(3);
        run(() -> {
            assertThat(AsyncIterable.from(longer)
                            .zip(shorter, (a, b) -> a + "-" + b)
                            .toList())
                    .containsExactly("0-0", "1-1", "2-2");
            assertThat(longer.closed).hasValue(1);
            assertThat(shorter.closed).hasValue(1);
        });
    }

    @Test
    void a_buffer_runs_ahead_as_far_as_it_goes_and_no_further() {
        run(() -> {
            AtomicInteger asked = new AtomicInteger();
            try (AsyncIterable<Integer> items =
                    upTo(100).map(item -> asked.incrementAndGet()).buffer(5)) {
                Iterator<Integer> iterator = items.iterator();
                assertThat(asked).hasValue(0);
                for (int taken = 1; taken <= 50; taken++) {
                    assertThat(iterator.next()).isEqualTo(taken);
                    // five wait in the buffer, and one for room
                    assertThat(asked.get()).isBetween(taken, taken + 6);
                }
            }
        });
    }

    // ---------------------------------------------------------------- merge

    @Test
    void merge_keeps_the_order_of_each_source() {
        run(() -> {
            List<Integer> heard = AsyncIterable.merge(
                            list(100), upTo(100).map(item -> item + 1000), generator(Integer.class, out -> {
                                for (int i = 2000; i < 2100; i++) {
                                    out.emit(i);
                                    checkpoint();
                                }
                            }))
                    .toList();
            assertThat(heard).hasSize(300);
            for (int base : new int[] {0, 1000, 2000}) {
                assertThat(heard.stream().filter(item -> item >= base && item < base + 1000))
                        .containsExactlyElementsOf(
                                IntStream.range(base, base + 100).boxed().toList());
            }
        });
    }

    @Test
    void merge_of_nothing_is_empty() {
        run(() -> assertThat(AsyncIterable.<Integer>merge().toList()).isEmpty());
    }

    @Test
    void a_failure_of_one_source_ends_the_merge_and_all_its_sources() throws IOException {
        IOException failure = new IOException("it broke");
        AtomicInteger running = new AtomicInteger();
        Closeable closeable = new Closeable(1);
        run(() -> {
            AsyncIterable<Integer> merged = AsyncIterable.merge(
                    closeable, upTo(3).map(item -> failsAt(2, item, failure)), generator(Integer.class, out -> {
                        running.incrementAndGet();
                        try {
                            out.emit(7);
                            sleep(LONG);
                        } finally {
                            running.decrementAndGet();
                        }
                    }));
            assertThatThrownBy(() -> merged.each(_ -> {})).isSameAs(failure);
            assertThat(closeable.closed).hasValue(1);
            checkpoint();
        });
        assertThat(running).hasValue(0);
    }

    /** Regression: the failure could lose against the end of another source, good or bad. */
    @Test
    void the_failure_of_a_source_is_heard_however_close_to_it_the_others_end() {
        IllegalStateException failure = new IllegalStateException("it broke");
        run(() -> {
            for (int i = 0; i < 500; i++) {
                AsyncIterable<Integer> merged = AsyncIterable.merge(
                        generator(Integer.class, _ -> {
                            throw failure;
                        }),
                        list(1),
                        generator(Integer.class, _ -> sleep(LONG)),
                        list(2));
                assertThatThrownBy(() -> merged.each(_ -> {})).isSameAs(failure);
                AsyncIterable<Integer> two = AsyncIterable.merge(list(1), generator(Integer.class, _ -> {
                    throw failure;
                }));
                assertThatThrownBy(() -> two.each(_ -> {})).isSameAs(failure);
            }
        });
    }

    @Test
    void a_source_that_is_silent_does_not_hold_up_the_others() {
        run(() -> {
            try (AsyncIterable<Integer> merged =
                    AsyncIterable.merge(generator(Integer.class, _ -> sleep(LONG)), generator(Integer.class, out -> {
                        out.emit(1);
                        out.emit(2);
                        sleep(LONG);
                    }))) {
                Iterator<Integer> iterator = merged.iterator();
                assertThat(iterator.next()).isEqualTo(1);
                assertThat(iterator.next()).isEqualTo(2);
            }
        });
    }

    // ---------------------------------------------------------------- closing, cancelling

    static List<Function<AsyncIterable<Integer>, AsyncIterable<?>>> stages() {
        return List.of(
                items -> items.map(item -> item),
                items -> items.filter(_ -> true),
                items -> items.take(1000),
                items -> items.buffer(0),
                items -> items.buffer(3),
                items -> items.chunked(1),
                items -> items.window(1, LONG),
                items -> items.timeoutEach(LONG),
                items -> items.throttle(1000, SHORT),
                items -> items.zip(list(1000), (a, _) -> a),
                AsyncIterable::merge);
    }

    @ParameterizedTest
    @MethodSource("stages")
    void closing_the_last_stage_closes_all(Function<AsyncIterable<Integer>, AsyncIterable<?>> stage) {
        Closeable closeable = new Closeable(100);
        AtomicInteger cleanUps = new AtomicInteger();
        run(() -> {
            try (AsyncIterable<?> last = stage.apply(endless(closeable, cleanUps))) {
                assertThat(last.iterator().next()).isNotNull();
            }
            assertThat(cleanUps).hasValue(1);
            assertThat(closeable.closed).hasValue(1);
        });
    }

    @ParameterizedTest
    @MethodSource("stages")
    void the_end_of_the_scope_closes_all(Function<AsyncIterable<Integer>, AsyncIterable<?>> stage) {
        Closeable closeable = new Closeable(100);
        AtomicInteger cleanUps = new AtomicInteger();
        run(() -> {
            timeout(LONG, () -> {
                for (Object item : stage.apply(endless(closeable, cleanUps))) {
                    assertThat(item).isNotNull();
                    break;
                }
            });
            assertThat(cleanUps).hasValue(1);
            assertThat(closeable.closed).hasValue(1);
        });
    }

    private static AsyncIterable<Integer> endless(Closeable closeable, AtomicInteger cleanUps) {
        AsyncIterable<Integer> numbers = generator(Integer.class, 2, out -> {
            try {
                for (int i = 0; ; i++) {
                    out.emit(i);
                }
            } finally {
                checkpointShielded();
                cleanUps.incrementAndGet();
            }
        });
        return numbers.zip(closeable, (a, _) -> a);
    }

    private static void checkpointShielded() {
        shield(LONG, () -> checkpoint());
    }

    @ParameterizedTest
    @MethodSource("stages")
    void a_failure_upstream_passes_through(Function<AsyncIterable<Integer>, AsyncIterable<?>> stage)
            throws IOException {
        IOException failure = new IOException("it broke");
        run(() -> {
            List<Object> heard = new ArrayList<>();
            AsyncIterable<?> last = stage.apply(upTo(5).map(item -> failsAt(3, item, failure)));
            assertThatThrownBy(() -> last.each(heard::add)).isSameAs(failure);
            assertThat(heard).hasSize(3);
        });
    }

    @ParameterizedTest
    @MethodSource("stages")
    void a_step_that_is_cancelled_loses_no_item(Function<AsyncIterable<Integer>, AsyncIterable<?>> stage) {
        run(() -> {
            List<Object> heard = new ArrayList<>();
            try (AsyncIterable<?> last = stage.apply(upTo(30).map(item -> {
                for (int i = item % 4; i > 0; i--) {
                    checkpoint();
                }
                return item;
            }))) {
                Iterator<?> iterator = last.iterator();
                while (Steps.hasNext(iterator)) {
                    heard.add(iterator.next());
                }
            }
            assertThat(heard.stream().map(item -> item instanceof List<?> list ? list.getFirst() : item))
                    .containsExactlyElementsOf(list(30));
        });
    }

    @Test
    void a_function_that_is_cancelled_gets_its_item_again() {
        run(() -> {
            AtomicInteger calls = new AtomicInteger();
            Iterator<Integer> items = upTo(1).map(item -> {
                        if (calls.incrementAndGet() == 1) {
                            deadline().reschedule(Duration.ZERO);
                            sleep(LONG);
                        }
                        return item;
                    })
                    .iterator();
            assertThat(moveOnAfter(LONG, items::next, -1)).isEqualTo(-1);
            assertThat(items.next()).isZero();
            assertThat(calls).hasValue(2);
        });
    }

    @Test
    void a_stream_is_closed_with_the_pipeline() {
        AtomicBoolean closed = new AtomicBoolean();
        run(() -> {
            Stream<Integer> stream = list(5).stream().onClose(() -> closed.set(true));
            assertThat(AsyncIterable.from(stream).take(2).toList()).containsExactly(0, 1);
            assertThat(closed).isTrue();
        });
    }

    @Test
    void closing_a_source_under_a_stage_that_waits_for_it_cancels_the_task_of_the_stage_and_is_no_failure() {
        List<Function<AsyncIterable<Integer>, AsyncIterable<?>>> stages = List.of(
                source -> source.map(item -> item),
                source -> source.zip(list(5), Integer::sum),
                source -> source.chunked(1),
                source -> source.buffer(0));
        for (Function<AsyncIterable<Integer>, AsyncIterable<?>> stage : stages) {
            AtomicReference<Task<?>> puller = new AtomicReference<>();
            run(() -> {
                AsyncIterable<Integer> source = generator(Integer.class, out -> {
                    out.emit(1);
                    sleep(LONG);
                });
                var items = stage.apply(source)
                        .map(item -> {
                            puller.set(currentTask());
                            return item;
                        })
                        .buffer(5)
                        .iterator();
                items.next();
                Until.waits(puller.get());

                source.close();

                assertThatThrownBy(items::next)
                        .isInstanceOf(CancellationException.class)
                        .hasMessageContaining("what it pulls from was closed");
            });
            assertThat(puller.get().state()).isEqualTo(Task.State.CANCELLED);
        }
    }

    @Test
    void what_close_throws_is_thrown_and_all_others_are_closed_too() {
        IllegalStateException failure = new IllegalStateException("the close broke");
        Closeable other = new Closeable(1);
        run(() -> {
            AsyncIterable<Integer> both = AsyncIterable.from(Stream.of(1).onClose(() -> {
                        throw failure;
                    }))
                    .zip(other, (a, _) -> a);
            assertThatThrownBy(both::close).isSameAs(failure);
            assertThat(other.closed).hasValue(1);
            both.close();
        });
    }

    // ---------------------------------------------------------------- errors

    @Test
    void items_that_a_stage_uses_can_be_used_by_nobody_else() {
        run(() -> {
            AsyncIterable<Integer> items = upTo(3);
            AsyncIterable<Integer> taken = items.take(1);
            assertThatThrownBy(items::iterator)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another stage");
            assertThatThrownBy(() -> items.buffer(1)).isInstanceOf(IllegalStateException.class);
            assertThat(taken.toList()).containsExactly(0);
        });
    }

    @Test
    void outside_any_scope_a_pipeline_is_an_illegal_state() {
        assertThatThrownBy(() -> AsyncIterable.from(List.of(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
        assertThatThrownBy(() -> AsyncIterable.from(Stream.of(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> AsyncIterable.merge(List.of(1))).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void bad_arguments_are_named(int bad) {
        run(() -> {
            String named = Integer.toString(bad);
            assertThatThrownBy(() -> upTo(1).chunked(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(named);
            assertThatThrownBy(() -> upTo(1).window(bad, LONG))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(named);
            assertThatThrownBy(() -> upTo(1).window(1, Duration.ofSeconds(bad)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> upTo(1).throttle(bad, LONG))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(named);
            assertThatThrownBy(() -> upTo(1).timeoutEach(Duration.ofSeconds(bad)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> upTo(1).take(bad - 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> upTo(1).buffer(bad - 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> upTo(1).map(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("function");
            assertThatThrownBy(() -> AsyncIterable.from((Iterable<Integer>) null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("items");
        });
    }
}
