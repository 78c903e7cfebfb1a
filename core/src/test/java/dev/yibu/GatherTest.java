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
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("finally") // a task that swallows what it was thrown
class GatherTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---------------------------------------------------------------- the forms

    @Test
    void gather_of_nothing_is_an_empty_list() {
        assertThat(gather()).isEmpty();
        assertThat(gather(List.of(), x -> x)).isEmpty();
    }

    @Test
    void gather_returns_the_values_in_the_order_of_the_arguments_whichever_is_ready_first() {
        Queue<String> readiness = new ConcurrentLinkedQueue<>();
        List<String> values = gather(
                () -> {
                    Polling.until("the second is ready", () -> readiness.contains("b"));
                    readiness.add("a");
                    return "a";
                },
                () -> {
                    Polling.until("the third is ready", () -> readiness.contains("c"));
                    readiness.add("b");
                    return "b";
                },
                () -> {
                    readiness.add("c");
                    return "c";
                });

        assertThat(readiness).containsExactly("c", "b", "a");
        assertThat(values).containsExactly("a", "b", "c");
    }

    @Test
    void gather_runs_all_at_the_same_time() throws Exception {
        CyclicBarrier together = new CyclicBarrier(20);

        List<Integer> arrivals = gather(IntStream.range(0, 20).boxed().toList(), _ -> together.await());

        assertThat(arrivals).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void gather_of_void_actions_returns_when_all_have_ended() {
        AtomicInteger ended = new AtomicInteger();

        gather(() -> bump(ended), () -> bump(ended), () -> bump(ended));

        assertThat(ended).hasValue(3);
    }

    private static void bump(AtomicInteger counter) {
        checkpoint();
        counter.incrementAndGet();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 47, 48, 49, 1000, 1024, 2032, 2033, 5000})
    void gather_of_items_applies_the_function_to_each(int count) {
        List<Integer> items = IntStream.range(0, count).boxed().toList();

        assertThat(gather(items, x -> -x)).isEqualTo(items.stream().map(x -> -x).toList());
    }

    @Test
    void gather_of_items_takes_any_iterable() {
        Iterable<Integer> oneTwoThree = () -> IntStream.of(1, 2, 3).iterator();

        assertThat(gather(oneTwoThree, x -> x * x)).containsExactly(1, 4, 9);
    }

    @Test
    void gather_of_two_types_combines_them_on_the_calling_thread() {
        Thread caller = Thread.currentThread();
        String combined = gather(() -> 7, () -> "seven", (number, text) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            return text + " is " + number;
        });

        assertThat(combined).isEqualTo("seven is 7");
    }

    @Test
    void gather_over_existing_tasks_joins_them() {
        TaskGroup.run(group -> {
            List<Task<String>> tasks = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                tasks.add(group.start(() -> {
                    checkpoint();
                    return name;
                }));
            }
            assertThat(gather(tasks, Task::await)).containsExactly("a", "b", "c");
        });
    }

    @Test
    void gather_over_existing_tasks_fails_with_the_failure_of_one_and_leaves_the_others_alone() {
        IllegalStateException failure = new IllegalStateException("it broke");
        TaskGroup.run(GroupOptions.supervised(), group -> {
            Task<Integer> failing = group.start(() -> {
                throw failure;
            });
            Task<Integer> other = group.start("other", () -> {
                sleep(LONG);
                return 1;
            });
            assertThatThrownBy(() -> gather(List.of(other, failing), Task::await))
                    .isSameAs(failure);
            assertThat(other.isDone()).isFalse();
            Polling.untilWaiting("other");
            other.cancel();
        });
    }

    @Test
    void values_may_be_null_or_outcomes_or_exceptions() {
        Outcome<Integer> outcome = new Outcome.Failure<>(new IOException("a value"));
        IOException exception = new IOException("a value");
        List<Object> items = Arrays.asList(null, outcome, exception, new Outcome.Success<>(null), 1);

        assertThat(gather(items, item -> item)).isEqualTo(items);
    }

    @Test
    void gather_may_be_called_by_any_thread() throws InterruptedException {
        AtomicReference<List<Integer>> values = new AtomicReference<>();
        for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            builder.start(() -> values.set(gather(() -> 1, () -> 2))).join();
            assertThat(values.getAndSet(null)).containsExactly(1, 2);
        }
    }

    @Test
    void gathers_nest() {
        List<List<Integer>> table = gather(List.of(1, 2, 3), row -> gather(List.of(1, 2, 3), column -> row * column));

        assertThat(table).containsExactly(List.of(1, 2, 3), List.of(2, 4, 6), List.of(3, 6, 9));
    }

    // ---------------------------------------------------------------- failure and cancellation

    @Test
    void when_one_fails_the_others_are_cancelled_and_joined_and_the_failure_is_thrown_with_its_own_type() {
        IOException failure = new IOException("it broke");
        CyclicBarrier begun = new CyclicBarrier(2);
        AtomicReference<Throwable> inOther = new AtomicReference<>();
        Throwable caught = null;
        try {
            gather(
                    () -> {
                        meet(begun);
                        inOther.set(catchThrowable(() -> sleep(LONG)));
                        checkpoint();
                        return 1;
                    },
                    () -> {
                        meet(begun);
                        throw failure;
                    });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
        assertThat(inOther.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void the_other_failures_are_suppressed() {
        CyclicBarrier together = new CyclicBarrier(10);
        Throwable thrown =
                catchThrowable(() -> gather(IntStream.range(0, 10).boxed().toList(), i -> {
                    try {
                        together.await();
                    } finally {
                        throw new IOException("failure " + i);
                    }
                }));

        List<String> messages = new ArrayList<>(List.of(thrown.getMessage()));
        for (Throwable other : thrown.getSuppressed()) {
            messages.add(other.getMessage());
        }
        assertThat(messages)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 10).mapToObj(i -> "failure " + i).toList());
    }

    @Test
    void when_one_is_cancelled_on_its_own_gather_fails_with_a_cancellation_exception() {
        CyclicBarrier begun = new CyclicBarrier(2);
        AtomicReference<Throwable> inOther = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> gather(
                () -> {
                    meet(begun);
                    currentTask().cancel("on its own");
                    checkpoint();
                },
                () -> {
                    meet(begun);
                    inOther.set(catchThrowable(() -> sleep(LONG)));
                    checkpoint();
                }));

        assertThat(thrown).isInstanceOf(CancellationException.class).hasMessageContaining("on its own");
        assertThat(inOther.get()).isInstanceOf(Cancelled.class);
        checkpoint(); // the caller is not cancelled
    }

    @Test
    void cancelling_the_caller_cancels_all() throws Exception {
        Queue<String> cancelled = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            CyclicBarrier begun = new CyclicBarrier(3);
            Task<?> caller = group.start(
                    "caller",
                    () -> gather(List.of("a", "b"), name -> {
                        begun.await();
                        cancelled.add(
                                name + " " + catchThrowable(() -> sleep(LONG)).getMessage());
                        checkpoint();
                        return name;
                    }));
            begun.await();
            caller.cancel("stop");
            assertThatThrownBy(caller::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("stop");
        });

        assertThat(cancelled).containsExactlyInAnyOrder("a stop", "b stop");
    }

    @Test
    void gather_in_a_cancelled_scope_starts_nothing() {
        AtomicInteger ran = new AtomicInteger();
        TaskGroup.run(group -> {
            group.cancel("enough");
            assertThat(catchThrowable(() -> gather(ran::incrementAndGet))).isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(() -> gather(List.of(1), _ -> ran.incrementAndGet())))
                    .isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(() -> forEach(List.of(1), _ -> ran.incrementAndGet())))
                    .isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(() -> gatherOutcomes(ran::incrementAndGet)))
                    .isInstanceOf(Cancelled.class);
        });

        assertThat(ran).hasValue(0);
    }

    // ---------------------------------------------------------------- iterables

    @Test
    void an_iterable_that_throws_cancels_and_joins_what_was_started() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        Queue<String> ended = new ConcurrentLinkedQueue<>();
        CyclicBarrier begun = new CyclicBarrier(2);
        Iterable<String> broken = () -> new Iterator<>() {
            private boolean first = true;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public String next() {
                if (!first) {
                    meet(begun);
                    throw failure;
                }
                first = false;
                return "started";
            }
        };
        assertThatThrownBy(() -> gather(broken, item -> {
                    meet(begun);
                    try {
                        sleep(LONG);
                        return item;
                    } finally {
                        ended.add(item);
                    }
                }))
                .isSameAs(failure);

        assertThat(ended).containsExactly("started");
    }

    @Test
    void an_iterable_that_waits_lets_the_started_ones_run_and_is_cancelled_by_a_failure() {
        IOException failure = new IOException("it broke");
        AtomicReference<Throwable> inIterator = new AtomicReference<>();
        Iterable<String> waiting = () -> new Iterator<>() {
            private boolean first = true;

            @Override
            public boolean hasNext() {
                if (!first) {
                    try {
                        sleep(LONG);
                    } catch (Cancelled e) {
                        inIterator.set(e);
                        throw e;
                    }
                }
                return true;
            }

            @Override
            public String next() {
                first = false;
                return "item";
            }
        };
        Thread caller = Thread.currentThread();
        assertThatThrownBy(() -> gather(waiting, _ -> {
                    Polling.untilWaiting(caller);
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(inIterator.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void a_null_coroutine_is_an_error_that_ends_what_was_started() {
        AtomicReference<Task<?>> started = new AtomicReference<>();
        assertThatThrownBy(() -> Async.<Object, RuntimeException>gather(
                        () -> {
                            started.set(currentTask());
                            sleep(LONG);
                            return 1;
                        },
                        null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("null");

        assertThat(started.get() == null || started.get().isCancelled()).isTrue();
    }

    @Test
    void null_items_are_passed_to_the_function() {
        assertThat(gather(Arrays.asList("a", null), item -> item == null ? "none" : item))
                .containsExactly("a", "none");
    }
}
