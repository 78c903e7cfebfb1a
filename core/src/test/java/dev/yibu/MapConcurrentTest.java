package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MapConcurrentTest {
    private static final Duration LONG = Duration.ofHours(1);

    /** Counts who is inside at the same time. */
    private static final class Gauge {
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        void enter() {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        }

        void exit() {
            inside.decrementAndGet();
        }
    }

    // ---------------------------------------------------------------- results and limits

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, Integer.MAX_VALUE})
    void results_come_in_the_order_of_the_items(int limit) {
        List<Integer> items = IntStream.range(0, 3000).boxed().toList();

        List<Integer> results = mapConcurrent(items, limit, x -> {
            if (x % 3 == 0) {
                checkpoint();
            }
            return -x;
        });

        assertThat(results).isEqualTo(items.stream().map(x -> -x).toList());
    }

    @Test
    void a_slow_first_item_comes_first_all_the_same() {
        AtomicInteger others = new AtomicInteger();
        List<Integer> results = mapConcurrent(List.of(0, 1, 2, 3, 4), 2, x -> {
            if (x == 0) {
                Polling.until("all others are done", () -> others.get() == 4);
            } else {
                others.incrementAndGet();
            }
            return x;
        });

        assertThat(results).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void never_more_than_the_limit_run_at_once_and_so_many_do() throws Exception {
        Gauge gauge = new Gauge();
        CyclicBarrier fullHouse = new CyclicBarrier(5);
        mapConcurrent(IntStream.range(0, 500).boxed().toList(), 5, x -> {
            gauge.enter();
            fullHouse.await();
            gauge.exit();
            return x;
        });

        assertThat(gauge.most).hasValue(5);
    }

    @Test
    void items_are_pulled_one_at_a_time_and_only_by_those_who_have_nothing_else_to_do() {
        Gauge pulling = new Gauge();
        AtomicInteger pulled = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        AtomicInteger ahead = new AtomicInteger();
        Iterable<Integer> items = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                pulling.enter();
                checkpoint();
                boolean more = pulled.get() < 1000;
                pulling.exit();
                return more;
            }

            @Override
            public Integer next() {
                pulling.enter();
                int item = pulled.getAndIncrement();
                ahead.accumulateAndGet(item + 1 - done.get(), Math::max);
                checkpoint();
                pulling.exit();
                return item;
            }
        };
        forEachConcurrent(items, 4, _ -> {
            checkpoint();
            done.incrementAndGet();
        });

        assertThat(done).hasValue(1000);
        assertThat(pulling.most).hasValue(1);
        assertThat(ahead.get()).isBetween(1, 4);
    }

    @Test
    void nothing_is_pulled_before_somebody_works_on_it() {
        AtomicInteger pulled = new AtomicInteger();
        CountDownLatch open = new CountDownLatch(1);
        run(() -> {
            Task<?> map = createTask(() -> forEachConcurrent(
                    Stream.generate(pulled::incrementAndGet).limit(100)::iterator,
                    3,
                    _ -> Polling.uninterruptibly(open)));
            Polling.until("three are pulled", () -> pulled.get() == 3);
            assertThat(Polling.ownedTasks()).as("map and workers").hasSize(4);
            assertThat(pulled).hasValue(3);
            open.countDown();
            map.await();
            assertThat(pulled).hasValue(100);
        });
    }

    @Test
    void a_million_items_with_a_limit_of_100_cost_the_limit() {
        int items = 1_000_000;
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Gauge gauge = new Gauge();
        AtomicLong sum = new AtomicLong();
        Iterable<Integer> lazily = () -> IntStream.range(0, items).iterator();
        forEachConcurrent(lazily, 100, x -> {
            gauge.enter();
            threads.add(Thread.currentThread());
            sum.addAndGet(x);
            gauge.exit();
        });

        assertThat(sum).hasValue((long) items * (items - 1) / 2);
        assertThat(threads).hasSizeBetween(1, 100);
        assertThat(gauge.most.get()).isBetween(1, 100);
    }

    @Test
    void items_that_are_done_are_kept_by_nobody() {
        int count = 10_000;
        AtomicInteger most = new AtomicInteger();
        AtomicInteger alive = new AtomicInteger();
        // Each item holds 1 MB: ten thousand of them would not fit.
        Iterable<byte[]> large =
                () -> IntStream.range(0, count).mapToObj(_ -> new byte[1 << 20]).iterator();
        forEachConcurrent(large, 4, item -> {
            most.accumulateAndGet(alive.incrementAndGet(), Math::max);
            item[0] = 1;
            alive.decrementAndGet();
        });

        assertThat(most.get()).isLessThanOrEqualTo(4);
    }

    @Test
    void there_are_never_more_workers_than_items() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        mapConcurrent(List.of(1, 2, 3), 1000, x -> {
            threads.add(Thread.currentThread());
            return x;
        });

        assertThat(threads).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void of_nothing_it_is_an_empty_list() {
        assertThat(mapConcurrent(List.of(), 3, x -> x)).isEmpty();
        forEachConcurrent(List.of(), 3, _ -> {
            throw new AssertionError("there is nothing");
        });
    }

    @Test
    void items_and_results_may_be_null() {
        assertThat(mapConcurrent(Arrays.asList(null, 1, null), 2, x -> x)).containsExactly(null, 1, null);
    }

    @Test
    void a_limit_below_one_is_an_illegal_argument() {
        for (int limit : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> mapConcurrent(List.of(1), limit, x -> x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("limit is " + limit)
                    .hasMessageContaining("at least one");
            assertThatThrownBy(() -> forEachConcurrent(List.of(1), limit, _ -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---------------------------------------------------------------- failures

    @Test
    void a_failure_cancels_the_rest_pulls_no_more_and_is_thrown_with_its_own_type() {
        IOException failure = new IOException("it broke");
        Queue<Integer> pulled = new ConcurrentLinkedQueue<>();
        AtomicReference<Throwable> inOther = new AtomicReference<>();
        CyclicBarrier begun = new CyclicBarrier(2);
        Throwable caught = null;
        try {
            mapConcurrent(IntStream.range(0, 1000).peek(pulled::add)::iterator, 2, x -> {
                begun.await();
                if (x == 1) {
                    throw failure;
                }
                inOther.set(catchThrowable(() -> sleep(LONG)));
                checkpoint();
                return x;
            });
        } catch (IOException e) {
            caught = e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }

        assertThat(caught).isSameAs(failure);
        assertThat(inOther.get()).isInstanceOf(Cancelled.class);
        assertThat(pulled).containsExactly(0, 1);
    }

    @Test
    void an_iterator_that_throws_fails_the_whole() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        List<Integer> done = new ArrayList<>();
        Iterable<Integer> brokenNext = () -> IntStream.iterate(0, i -> {
                    if (i == 2) {
                        throw failure;
                    }
                    return i + 1;
                })
                .iterator();
        assertThatThrownBy(() -> forEachConcurrent(brokenNext, 1, done::add)).isSameAs(failure);
        assertThat(done).isSubsetOf(0, 1, 2);

        Iterable<Integer> brokenHasNext = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                throw failure;
            }

            @Override
            public Integer next() {
                throw new AssertionError("there is no next");
            }
        };
        assertThatThrownBy(() -> mapConcurrent(brokenHasNext, 3, x -> x)).isSameAs(failure);

        Iterable<Integer> brokenIterable = () -> {
            throw failure;
        };
        assertThatThrownBy(() -> mapConcurrent(brokenIterable, 3, x -> x)).isSameAs(failure);
    }

    @Test
    void an_iterator_that_has_failed_or_ended_is_not_asked_again() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        for (boolean fails : new boolean[] {true, false}) {
            AtomicInteger asked = new AtomicInteger();
            Iterable<Integer> items = () -> new Iterator<>() {
                @Override
                public boolean hasNext() {
                    if (asked.incrementAndGet() <= 3) {
                        return true;
                    }
                    Polling.until("the other workers queue behind this one", () -> inLine() == 3);
                    if (fails) {
                        throw failure;
                    }
                    return false;
                }

                @Override
                public Integer next() {
                    return asked.get();
                }
            };
            Throwable thrown = catchThrowable(() -> forEachConcurrent(items, 4, _ -> {}));
            assertThat(thrown).isSameAs(fails ? failure : null);
            assertThat(asked).hasValue(4);
        }
    }

    private static long inLine() {
        return allTasks().stream()
                .filter(task -> task.waitingFor().equals(Optional.of("the next item")))
                .count();
    }

    @Test
    void a_worker_that_is_cancelled_on_its_own_is_a_cancellation_exception() {
        assertThatThrownBy(() -> mapConcurrent(List.of(1, 2, 3), 2, x -> {
                    if (x == 2) {
                        currentTask().cancel("on its own");
                        checkpoint();
                    }
                    return x;
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("on its own");
        checkpoint();
    }

    @Test
    void cancelling_the_caller_cancels_workers_and_those_that_wait_for_an_item() {
        AtomicReference<Throwable> inIterator = new AtomicReference<>();
        Queue<Throwable> inWorkers = new ConcurrentLinkedQueue<>();
        AtomicInteger begun = new AtomicInteger();
        Iterable<Integer> waiting = () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                if (next == 2) {
                    begun.incrementAndGet();
                    inIterator.set(catchThrowable(() -> sleep(LONG)));
                    checkpoint();
                }
                return true;
            }

            @Override
            public Integer next() {
                return next++;
            }
        };
        TaskGroup.run(group -> {
            Task<?> caller = group.start(() -> forEachConcurrent(waiting, 10, _ -> {
                begun.incrementAndGet();
                inWorkers.add(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            }));
            Polling.until("two work and one waits for an item", () -> begun.get() == 3);
            caller.cancel("stop");
            assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
        });

        assertThat(inIterator.get()).isInstanceOf(Cancelled.class);
        assertThat(inWorkers).hasSize(2).allMatch(Cancelled.class::isInstance);
    }

    // ---------------------------------------------------------------- iterators that wait

    @Test
    void an_iterator_that_waits_holds_up_only_those_who_have_nothing_to_do() {
        AtomicBoolean open = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        Iterable<Integer> waiting = () -> IntStream.range(0, 4)
                .peek(i -> {
                    if (i == 3) {
                        while (!open.get()) {
                            checkpoint();
                        }
                    }
                })
                .iterator();
        List<Integer> results = mapConcurrent(waiting, 3, x -> {
            done.incrementAndGet();
            if (x < 3) {
                Polling.until("three are done while the iterator waits", () -> done.get() >= 3);
                open.set(true);
            }
            return x;
        });

        assertThat(results).containsExactly(0, 1, 2, 3);
    }

    @Test
    void an_iterator_may_use_the_library() {
        run(() -> {
            Iterable<Integer> gathered = () -> gather(() -> 1, () -> 2, () -> 3).iterator();
            assertThat(mapConcurrent(gathered, 2, x -> x * 10)).containsExactly(10, 20, 30);
            Iterable<Integer> slow = () -> Stream.iterate(1, i -> {
                        sleep(Duration.ofMillis(1));
                        return i + 1;
                    })
                    .limit(20)
                    .iterator();
            assertThat(mapConcurrent(slow, 4, x -> x)).hasSize(20).isSorted();
        });
    }

    @Test
    void what_a_worker_wrote_is_visible_after_the_join() {
        int[] plain = new int[5000];
        forEachConcurrent(IntStream.range(0, plain.length).boxed().toList(), 8, i -> plain[i] = i);

        for (int i = 0; i < plain.length; i++) {
            assertThat(plain[i]).isEqualTo(i);
        }
    }
}
