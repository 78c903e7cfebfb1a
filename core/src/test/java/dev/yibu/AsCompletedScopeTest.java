package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the work of an iteration that is left early ends: with its block, or at the latest with the enclosing scope. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsCompletedScopeTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicReference<Task<?>> rest = new AtomicReference<>();
    private final CountDownLatch begun = new CountDownLatch(1);

    /** One result that is ready when the rest, which never is, has begun. */
    private Completions<String> oneAndTheRest() {
        return asCompleted(
                () -> {
                    rest.set(currentTask());
                    begun.countDown();
                    sleep(LONG);
                    return "never";
                },
                () -> {
                    Polling.uninterruptibly(begun);
                    return "one";
                });
    }

    private void breakOutOfTheLoop() {
        for (String result : oneAndTheRest()) {
            assertThat(result).isEqualTo("one");
            break;
        }
        assertThat(rest.get().isDone()).as("a plain for does not close").isFalse();
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_timeout() {
        run(() -> {
            timeout(LONG, this::breakOutOfTheLoop);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_move_on_after() {
        run(() -> {
            assertThat(moveOnAfter(LONG, this::breakOutOfTheLoop)).isTrue();
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_shield() {
        run(() -> {
            shield(LONG, this::breakOutOfTheLoop);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_task_group() {
        run(() -> {
            TaskGroup.run(_ -> breakOutOfTheLoop());
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_task() {
        TaskGroup.run(group -> {
            group.start(this::breakOutOfTheLoop).await();
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_run() {
        run(this::breakOutOfTheLoop);
        assertThat(rest.get().isCancelled()).isTrue();
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_run_in_a_run() {
        run(() -> {
            run(this::breakOutOfTheLoop);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_blocking_call() {
        run(() -> {
            blocking(this::breakOutOfTheLoop);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void what_an_exception_leaves_over_ends_with_the_enclosing_scope() {
        IllegalStateException failure = new IllegalStateException("the loop broke");
        run(() -> {
            assertThatThrownBy(() -> timeout(LONG, () -> {
                        for (String result : oneAndTheRest()) {
                            throw failure;
                        }
                    }))
                    .isSameAs(failure);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void the_end_of_try_with_resources_cancels_and_joins_the_rest() {
        run(() -> {
            try (Completions<String> results = oneAndTheRest()) {
                for (String result : results) {
                    assertThat(result).isEqualTo("one");
                    break;
                }
                assertThat(rest.get().isDone()).isFalse();
            }
            assertThat(rest.get().isCancelled()).isTrue();
            checkpoint();
        });
    }

    @Test
    void close_is_idempotent_and_ends_the_iteration() {
        run(() -> {
            Completions<String> results = oneAndTheRest();
            Iterator<String> iterator = results.iterator();
            iterator.next();
            results.close();
            results.close();
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    @Test
    void each_cancels_and_joins_the_rest_if_the_consumer_throws() {
        IllegalStateException failure = new IllegalStateException("the consumer broke");
        run(() -> {
            assertThatThrownBy(() -> oneAndTheRest().each(_ -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void exhaustion_closes() {
        run(() -> {
            for (int result : asCompleted(() -> 1, () -> 2)) {
                assertThat(result).isIn(1, 2);
            }
            assertThat(Polling.ownedTasks()).isEmpty();
        });
    }

    @Test
    void a_deadline_at_next_cancels_and_joins_the_rest() {
        run(() -> {
            Throwable thrown = catchThrowable(() -> timeout(Duration.ofMillis(20), () -> {
                Iterator<String> iterator = asCompleted(() -> {
                            rest.set(currentTask());
                            begun.countDown();
                            sleep(LONG);
                            return "never";
                        })
                        .iterator();
                Throwable atNext = catchThrowable(iterator::next);
                assertThat(atNext).isInstanceOf(Cancelled.class);
                throw atNext;
            }));

            assertThat(thrown).isInstanceOf(TimeoutException.class);
            assertThat(rest.get() == null || rest.get().isCancelled()).isTrue();
            assertThat(Polling.ownedTasks()).isEmpty();
        });
    }

    @Test
    void cancelling_the_task_cancels_the_rest() {
        TaskGroup.run(group -> {
            Task<?> iterating = group.start("iterating", () -> oneAndTheRest().each(_ -> {}));
            Polling.uninterruptibly(begun);
            Polling.untilWaiting("iterating");
            iterating.cancel();
            assertThatThrownBy(iterating::await).isInstanceOf(CancellationException.class);
            assertThat(rest.get().isCancelled()).isTrue();
        });
    }

    @Test
    void several_abandoned_iterations_all_end_with_the_scope() {
        run(() -> {
            timeout(LONG, () -> {
                for (int i = 0; i < 10; i++) {
                    for (int result : asCompleted(List.of(0, 1, 2), item -> {
                        if (item > 0) {
                            sleep(LONG);
                        }
                        return item;
                    })) {
                        assertThat(result).isZero();
                        break;
                    }
                }
            });
            assertThat(Polling.ownedTasks()).isEmpty();
        });
    }

    @Test
    void results_that_left_their_scope_are_an_illegal_state_and_do_not_hang() {
        run(() -> {
            Completions<Integer> escaped = timeout(LONG, () -> asCompleted(() -> 1));
            assertThatThrownBy(() -> {
                        for (int result : escaped) {
                            throw new AssertionError("the scope has ended, yet here is " + result);
                        }
                    })
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("scope");
            escaped.close();
        });
    }
}
