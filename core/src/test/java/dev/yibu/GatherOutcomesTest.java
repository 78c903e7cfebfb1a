package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.CancelReason.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatherOutcomesTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void it_tells_how_each_ended_in_the_order_of_the_arguments() {
        IOException failure = new IOException("it broke");
        List<Outcome<String>> outcomes = gatherOutcomes(
                () -> "a value",
                () -> {
                    throw failure;
                },
                () -> {
                    currentTask().cancel("on its own");
                    checkpoint();
                    return "never";
                },
                () -> null);

        assertThat(outcomes)
                .containsExactly(
                        new Outcome.Success<>("a value"),
                        new Outcome.Failure<>(failure),
                        new Outcome.Cancellation<>(new CancelReason(Kind.REQUESTED, "on its own")),
                        new Outcome.Success<>(null));
    }

    @Test
    void it_applies_a_function_to_items() {
        List<Integer> items = IntStream.range(0, 100).boxed().toList();
        List<Outcome<Integer>> outcomes = gatherOutcomes(items, i -> 100 / (i % 2));

        assertThat(outcomes).hasSize(100);
        for (int i = 0; i < 100; i++) {
            if (i % 2 == 1) {
                assertThat(outcomes.get(i)).isEqualTo(new Outcome.Success<>(100));
            } else {
                assertThat(outcomes.get(i))
                        .isInstanceOfSatisfying(
                                Outcome.Failure.class,
                                outcome -> assertThat(outcome.exception()).isInstanceOf(ArithmeticException.class));
            }
        }
    }

    @Test
    void of_nothing_it_is_an_empty_list() {
        assertThat(gatherOutcomes(List.of(), x -> x)).isEmpty();
    }

    @Test
    void a_failure_disturbs_no_other() {
        CyclicBarrier begun = new CyclicBarrier(2);
        AtomicReference<Task<?>> failing = new AtomicReference<>();
        List<Outcome<String>> outcomes = gatherOutcomes(
                () -> {
                    failing.set(currentTask());
                    begun.await();
                    throw new IOException("it broke");
                },
                () -> {
                    begun.await();
                    Polling.until("the other has failed", () -> failing.get().isDone());
                    checkpoint();
                    return "undisturbed";
                });

        assertThat(outcomes.get(1)).isEqualTo(new Outcome.Success<>("undisturbed"));
    }

    @Test
    void an_outcome_as_a_value_stays_a_value() {
        Outcome<String> value = new Outcome.Failure<>(new IOException("a value"));

        assertThat(gatherOutcomes(() -> value)).containsExactly(new Outcome.Success<>(value));
    }

    @Test
    void cancelling_the_caller_cancels_all_and_throws_cancelled() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            CyclicBarrier begun = new CyclicBarrier(2);
            Task<?> caller = group.start("caller", () -> {
                met.set(catchThrowable(() -> gatherOutcomes(() -> {
                    begun.await();
                    try {
                        sleep(LONG);
                    } finally {
                        ended.incrementAndGet();
                    }
                    return 1;
                })));
                checkpoint();
            });
            begun.await();
            caller.cancel();
            assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class);
        assertThat(ended).hasValue(1);
    }

    @Test
    void an_iterable_that_throws_cancels_and_joins_what_was_started() {
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
        assertThatThrownBy(() -> gatherOutcomes(broken, i -> {
                    started.set(currentTask());
                    sleep(LONG);
                    return i;
                }))
                .isSameAs(failure);

        assertThat(started.get().isCancelled()).isTrue();
    }

    @Test
    void a_null_coroutine_is_an_error_and_not_an_outcome() {
        assertThatThrownBy(() -> Async.<Object>gatherOutcomes(() -> 1, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("null");
    }
}
