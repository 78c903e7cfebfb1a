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
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Results in the order of completion, failures, and the error cases; {@code AsCompletedScopeTest} has who ends what. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsCompletedTest {
    private static final Duration LONG = Duration.ofHours(1);

    /** Threads that coroutines leave here, in the order in which they end. */
    private final Queue<Thread> ended = new ConcurrentLinkedQueue<>();

    /** A coroutine that ends when the thread of the one before it has ended. */
    private Coroutine<String, RuntimeException> nth(int n) {
        return () -> {
            Polling.until(
                    "it is its turn", () -> ended.size() == n && ended.stream().noneMatch(Thread::isAlive));
            ended.add(Thread.currentThread());
            return "number " + n;
        };
    }

    @Test
    void results_come_in_the_order_of_completion() {
        List<String> results = new ArrayList<>();
        run(() -> {
            for (String result : asCompleted(nth(2), nth(0), nth(3), nth(1))) {
                results.add(result);
            }
        });

        assertThat(results).containsExactly("number 0", "number 1", "number 2", "number 3");
    }

    @Test
    void each_result_can_be_used_while_the_others_still_run() {
        run(() -> {
            CountDownLatch open = new CountDownLatch(1);
            List<String> results = new ArrayList<>();
            for (String result : asCompleted(
                    () -> {
                        Polling.uninterruptibly(open);
                        return "last";
                    },
                    () -> "first")) {
                results.add(result);
                open.countDown();
            }
            assertThat(results).containsExactly("first", "last");
        });
    }

    @Test
    void it_applies_a_function_to_items() {
        run(() -> {
            List<Integer> results = new ArrayList<>();
            asCompleted(IntStream.range(0, 2000).boxed().toList(), x -> -x).each(results::add);
            assertThat(results)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 2000).mapToObj(x -> -x).toList());
        });
    }

    @Test
    void of_nothing_it_has_no_results() {
        run(() -> {
            assertThat(asCompleted(List.of(), x -> x).iterator().hasNext()).isFalse();
            assertThat(asCompleted(List.of(), 1, x -> x).iterator().hasNext()).isFalse();
            assertThat(Async.<String, RuntimeException>asCompleted().iterator().hasNext())
                    .isFalse();
        });
    }

    @Test
    void results_may_be_null() {
        run(() -> {
            List<String> results = new ArrayList<>();
            asCompleted(Arrays.asList(null, null), x -> (String) x).each(results::add);
            assertThat(results).containsExactly(null, null);
        });
    }

    @Test
    void has_next_may_be_asked_again_and_again() {
        run(() -> {
            Iterator<Integer> results = asCompleted(() -> 1).iterator();
            assertThat(results.hasNext()).isTrue();
            assertThat(results.hasNext()).isTrue();
            assertThat(results.next()).isEqualTo(1);
            assertThat(results.hasNext()).isFalse();
            assertThat(results.hasNext()).isFalse();
            assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
        });
    }

    // ---------------------------------------------------------------- failure

    @Test
    void a_failure_is_thrown_at_next_as_it_is_and_the_rest_is_cancelled() {
        IOException failure = new IOException("it broke");
        AtomicReference<Throwable> caught = new AtomicReference<>();
        run(() -> {
            AtomicReference<Throwable> met = new AtomicReference<>();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch mayEnd = new CountDownLatch(1);
            AtomicReference<Task<?>> other = new AtomicReference<>();
            try (Completions<Integer> results = asCompleted(
                    () -> {
                        other.set(currentTask());
                        begun.countDown();
                        met.set(catchThrowable(() -> sleep(LONG)));
                        Polling.uninterruptibly(mayEnd);
                        checkpoint();
                        return 1;
                    },
                    () -> {
                        Polling.uninterruptibly(begun);
                        throw failure;
                    })) {
                Iterator<Integer> iterator = results.iterator();
                caught.set(catchThrowable(iterator::next));
                Polling.until("the rest is cancelled", () -> met.get() != null);
                assertThat(other.get().isDone()).as("not joined before close").isFalse();
                assertThat(iterator.hasNext()).isFalse();
                mayEnd.countDown();
            } catch (IOException e) {
                throw new AssertionError("next() caught it", e);
            }
            assertThat(other.get().isCancelled()).as("joined on close").isTrue();
            assertThat(met.get()).isInstanceOf(Cancelled.class);
        });

        assertThat(caught.get()).isSameAs(failure);
    }

    @Test
    void a_checked_exception_reaches_the_loops_signature() {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try {
            run(() -> {
                for (Object result : asCompleted(() -> failing(failure))) {
                    throw new AssertionError(result);
                }
            });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
    }

    private static Object failing(IOException failure) throws IOException {
        throw failure;
    }

    @Test
    void results_before_the_failure_are_delivered() {
        IllegalStateException failure = new IllegalStateException("it broke");
        run(() -> {
            List<Object> seen = new ArrayList<>();
            Coroutine<String, RuntimeException> first = nth(0);
            Coroutine<String, RuntimeException> second = nth(1);
            Coroutine<String, RuntimeException> third = nth(2);
            Throwable thrown = catchThrowable(() -> asCompleted(
                            () -> {
                                third.run();
                                throw failure;
                            },
                            second,
                            first)
                    .each(seen::add));

            assertThat(thrown).isSameAs(failure);
            assertThat(seen).containsExactly("number 0", "number 1");
        });
    }

    @Test
    void a_task_that_is_cancelled_on_its_own_is_a_cancellation_exception_at_next() {
        run(() -> {
            Throwable thrown = catchThrowable(() -> asCompleted(() -> {
                        currentTask().cancel("on its own");
                        checkpoint();
                        return 1;
                    })
                    .each(_ -> {}));

            assertThat(thrown).isInstanceOf(CancellationException.class).hasMessageContaining("on its own");
            checkpoint();
        });
    }

    @Test
    void a_failure_that_nobody_has_read_at_close_is_logged() {
        IOException failure = new IOException("it broke");
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Completions<Object> results = asCompleted(() -> {
                    ended.add(Thread.currentThread());
                    throw failure;
                });
                Polling.until(
                        "it ended", () -> !ended.isEmpty() && !ended.peek().isAlive());
                results.close();
            });

            assertThat(log.records("nobody has awaited"))
                    .singleElement()
                    .satisfies(record -> assertThat(record.getThrown()).isSameAs(failure));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void outcomes_do_not_stop_at_a_failure() {
        IOException failure = new IOException("it broke");
        run(() -> {
            List<Outcome<String>> outcomes = new ArrayList<>();
            Coroutine<String, RuntimeException> first = nth(0);
            Coroutine<String, RuntimeException> second = nth(1);
            Coroutine<String, RuntimeException> third = nth(2);
            for (Outcome<String> outcome : asCompletedOutcomes(
                    third,
                    () -> {
                        first.run();
                        throw failure;
                    },
                    () -> {
                        second.run();
                        currentTask().cancel("on its own");
                        checkpoint();
                        return "never";
                    })) {
                outcomes.add(outcome);
            }
            assertThat(outcomes.get(0)).isEqualTo(new Outcome.Failure<>(failure));
            assertThat(outcomes.get(1))
                    .isInstanceOfSatisfying(
                            Outcome.Cancellation.class,
                            outcome -> assertThat(outcome.reason().message()).isEqualTo("on its own"));
            assertThat(outcomes.get(2)).isEqualTo(new Outcome.Success<>("number 2"));
            assertThat(outcomes).hasSize(3);
        });
    }

    @Test
    void outcomes_of_items() {
        run(() -> {
            List<Outcome<Integer>> outcomes = new ArrayList<>();
            asCompletedOutcomes(List.of(0, 1, 2), i -> 2 / i).each(outcomes::add);

            assertThat(outcomes).filteredOn(Outcome::isSuccess).hasSize(2);
            assertThat(outcomes).filteredOn(outcome -> !outcome.isSuccess()).hasSize(1);
        });
    }

    // ---------------------------------------------------------------- errors

    @Test
    void outside_any_scope_it_is_an_illegal_state() {
        assertThatThrownBy(() -> asCompleted(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asCompleted")
                .hasMessageContaining("run(...)");
        assertThatThrownBy(() -> asCompleted(List.of(1), x -> x)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> asCompleted(List.of(1), 1, x -> x)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> asCompletedOutcomes(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asCompletedOutcomes");
    }

    @Test
    void a_second_iterator_is_an_illegal_state() {
        run(() -> {
            Completions<Integer> results = asCompleted(() -> 1);
            for (int result : results) {
                assertThat(result).isEqualTo(1);
            }
            assertThatThrownBy(results::iterator)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("only once")
                    .hasMessageContaining("collect them");
        });
    }

    @Test
    void another_task_may_neither_iterate_nor_close() {
        run(() -> {
            Completions<Integer> results = asCompleted(() -> 1);
            gather(() -> {
                assertThatThrownBy(results::iterator)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("belong to the task");
                assertThatThrownBy(results::close).isInstanceOf(IllegalStateException.class);
            });
            Iterator<Integer> iterator = results.iterator();
            gather(() -> {
                assertThatThrownBy(iterator::hasNext).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(iterator::next).isInstanceOf(IllegalStateException.class);
            });
            assertThat(iterator.next()).isEqualTo(1);
        });
    }

    @Test
    void an_iterable_that_throws_leaves_nothing_running() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        AtomicReference<Task<?>> started = new AtomicReference<>();
        Iterable<Integer> broken = () -> IntStream.range(0, 2)
                .peek(i -> {
                    if (i == 1) {
                        Polling.until("the first has begun", () -> started.get() != null);
                        throw failure;
                    }
                })
                .iterator();
        run(() -> {
            assertThatThrownBy(() -> asCompleted(broken, i -> {
                        started.set(currentTask());
                        sleep(LONG);
                        return i;
                    }))
                    .isSameAs(failure);
            assertThat(started.get().isCancelled()).isTrue();
        });
    }

    @Test
    void a_null_coroutine_is_an_error_that_leaves_nothing_running() {
        AtomicReference<Task<?>> started = new AtomicReference<>();
        run(() -> {
            assertThatThrownBy(() -> Async.<Integer, RuntimeException>asCompleted(
                            () -> {
                                started.set(currentTask());
                                sleep(LONG);
                                return 1;
                            },
                            null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("null");
            assertThat(Polling.ownedTasks()).isEmpty();
        });

        assertThat(started.get() == null || started.get().isCancelled()).isTrue();
    }
}
