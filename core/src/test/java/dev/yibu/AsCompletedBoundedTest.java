package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code asCompleted} with a limit. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsCompletedBoundedTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void it_yields_the_results_of_all_items() {
        run(() -> {
            List<Integer> results = new ArrayList<>();
            asCompleted(IntStream.range(0, 5000).boxed().toList(), 7, x -> -x).each(results::add);
            assertThat(results)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 5000).mapToObj(x -> -x).toList());
        });
    }

    @Test
    void never_more_than_the_limit_run_at_once() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        run(() -> asCompleted(IntStream.range(0, 500).boxed().toList(), 3, x -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    checkpoint();
                    running.decrementAndGet();
                    return x;
                })
                .each(_ -> checkpoint()));

        assertThat(most.get()).isBetween(1, 3);
    }

    @Test
    void an_endless_iterator_costs_the_limit_since_a_worker_waits_until_its_result_is_taken() {
        AtomicInteger pulled = new AtomicInteger();
        run(() -> {
            Iterable<Integer> endless =
                    () -> Stream.generate(pulled::incrementAndGet).iterator();
            try (Completions<Integer> results = asCompleted(endless, 4, x -> x)) {
                Iterator<Integer> iterator = results.iterator();
                for (int taken = 1; taken <= 1000; taken++) {
                    iterator.next();
                    assertThat(pulled.get()).isLessThanOrEqualTo(taken + 4);
                }
                Polling.until("all workers hold a result", () -> pulled.get() == 1004);
                Polling.until(
                        "and wait",
                        () -> Polling.ownedTasks().stream()
                                        .filter(AsCompletedBoundedTest::waitsForItsTaker)
                                        .count()
                                == 4);
                assertThat(pulled).hasValue(1004);
            }
            assertThat(Polling.ownedTasks()).isEmpty();
        });
    }

    private static boolean waitsForItsTaker(TaskInfo worker) {
        return worker.waitingFor().filter("the taker of its result"::equals).isPresent();
    }

    @Test
    void an_iterator_that_waits_does_not_hold_up_the_results_before() {
        run(() -> {
            AtomicBoolean open = new AtomicBoolean();
            Iterable<Integer> waiting = () -> IntStream.range(0, 3)
                    .peek(i -> {
                        if (i == 2) {
                            while (!open.get()) {
                                checkpoint();
                            }
                        }
                    })
                    .iterator();
            List<Integer> results = new ArrayList<>();
            for (int result : asCompleted(waiting, 3, x -> x)) {
                results.add(result);
                if (results.size() == 2) {
                    assertThat(results).containsExactlyInAnyOrder(0, 1);
                    open.set(true);
                }
            }
            assertThat(results).hasSize(3).contains(2);
        });
    }

    @Test
    void a_failure_is_thrown_at_next_and_cancels_the_rest() {
        IOException failure = new IOException("it broke");
        AtomicReference<Task<?>> other = new AtomicReference<>();
        run(() -> {
            Throwable thrown = catchThrowable(() -> asCompleted(List.of("other", "failing"), 2, item -> {
                        if (item.equals("failing")) {
                            Polling.until("the other has begun", () -> other.get() != null);
                            throw failure;
                        }
                        other.set(currentTask());
                        sleep(LONG);
                        return item;
                    })
                    .each(_ -> {}));
            assertThat(thrown).isSameAs(failure);
            assertThat(other.get().isCancelled()).isTrue();
        });
    }

    @Test
    void an_iterator_that_throws_fails_at_next() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        run(() -> {
            List<Integer> seen = new ArrayList<>();
            Iterable<Integer> broken = () -> IntStream.iterate(0, i -> {
                        if (i == 2) {
                            throw failure;
                        }
                        return i + 1;
                    })
                    .iterator();
            Throwable thrown =
                    catchThrowable(() -> asCompleted(broken, 1, x -> x).each(seen::add));

            assertThat(thrown).isSameAs(failure);
            assertThat(seen).containsExactly(0, 1, 2);
        });
    }

    @Test
    void outcomes_do_not_stop_at_a_failure() {
        run(() -> {
            List<Outcome<Integer>> outcomes = new ArrayList<>();
            asCompletedOutcomes(IntStream.range(0, 100).boxed().toList(), 3, i -> 100 / (i % 10))
                    .each(outcomes::add);

            assertThat(outcomes).hasSize(100);
            assertThat(outcomes).filteredOn(Outcome::isSuccess).hasSize(90);
        });
    }

    @Test
    void an_item_whose_work_is_cancelled_on_its_own_is_told_and_not_lost() {
        run(() -> {
            List<Outcome<Integer>> outcomes = new ArrayList<>();
            asCompletedOutcomes(List.of(1, 2, 3), 1, i -> {
                        if (i == 1) {
                            currentTask().cancel("on its own");
                            checkpoint();
                        }
                        return i;
                    })
                    .each(outcomes::add);

            assertThat(outcomes)
                    .filteredOn(Outcome.Cancellation.class::isInstance)
                    .hasSize(1);
            assertThat(outcomes).as("the others go on").hasSize(3);
        });
    }

    @Test
    void an_item_whose_work_is_cancelled_on_its_own_is_a_cancellation_exception_at_next() {
        run(() -> assertThatThrownBy(() -> asCompleted(List.of(1, 2), 1, i -> {
                            currentTask().cancel("on its own");
                            checkpoint();
                            return i;
                        })
                        .each(_ -> {}))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("on its own"));
    }

    @Test
    void a_failure_that_nobody_has_read_at_close_is_logged() {
        IllegalStateException failure = new IllegalStateException("it broke");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Completions<Object> results = asCompleted(List.of(1), 1, _ -> {
                    throw failure;
                });
                Polling.until(
                        "its worker waits",
                        () -> Polling.ownedTasks().stream().anyMatch(AsCompletedBoundedTest::waitsForItsTaker));
                results.close();
            });

            assertThat(log.records("nobody has awaited"))
                    .singleElement()
                    .satisfies(record -> assertThat(record.getThrown()).isSameAs(failure));
        }
    }

    @Test
    void a_break_ends_the_workers_with_the_enclosing_scope() {
        run(() -> {
            timeout(LONG, () -> {
                for (int result : asCompleted(Stream.iterate(0, i -> i + 1)::iterator, 4, x -> x)) {
                    if (result > 100) {
                        break;
                    }
                }
            });
            assertThat(Polling.ownedTasks()).isEmpty();
        });
    }

    @Test
    void a_limit_below_one_is_an_illegal_argument() {
        run(() -> {
            assertThatThrownBy(() -> asCompleted(List.of(1), 0, x -> x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("limit is 0");
            assertThatThrownBy(() -> asCompletedOutcomes(List.of(1), -1, x -> x))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }
}
