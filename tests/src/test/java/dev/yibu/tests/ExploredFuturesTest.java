package dev.yibu.tests;

import static dev.yibu.Async.await;
import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Completion stages: a value that has come is delivered, and a cancelled waiter leaves the stage alone. */
class ExploredFuturesTest {

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
        private final CompletableFuture<Integer> future = new CompletableFuture<>();
        private final List<Object> got = new ArrayList<>();

        @Test
        void all_who_wait_get_the_value_but_for_those_that_are_cancelled() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> got.add(await(future)));
                Task<?> first = group.start("first", () -> got.add(await(future)));
                group.start("second", () -> got.add(await(future)));
                group.start("canceller", () -> doomed.cancel("enough"));
                group.start("completer", () -> future.complete(7));
                first.await();
                assertThat(future.isCancelled()).isFalse();
            });
            assertThat(got).containsOnly(7).hasSizeBetween(2, 3);
        }

        @Test
        void a_failure_is_thrown_unwrapped_to_all() {
            IOException failure = new IOException("the server is gone");
            TaskGroup.run(group -> {
                for (int i = 0; i < 2; i++) {
                    group.start(
                            "waiter " + i,
                            () -> assertThatThrownBy(() -> await(future.thenApply(value -> value)))
                                    .isSameAs(failure));
                }
                group.start("completer", () -> future.completeExceptionally(failure));
            });
        }

        @Test
        void a_stage_whose_waiter_was_cancelled_can_still_be_completed() {
            TaskGroup.run(group -> {
                Task<Integer> doomed = group.start("doomed", () -> await(future));
                group.start("canceller", () -> doomed.cancel("enough"));
                while (!doomed.isDone()) {
                    checkpoint();
                }
                assertThat(future.complete(7)).isTrue();
                assertThat(await(future)).isEqualTo(7);
            });
        }

        @Test
        void a_future_of_a_task_ends_as_the_task_does() {
            TaskGroup.run(group -> {
                Task<Integer> task = group.start("task", () -> {
                    checkpoint();
                    return 7;
                });
                CompletableFuture<Integer> ofTask = task.toCompletableFuture();
                group.start("canceller", () -> ofTask.cancel(true));
                while (!task.isDone() || !ofTask.isDone()) {
                    checkpoint();
                }
                switch (task.outcome().orElseThrow()) {
                    case Outcome.Success<Integer>(Integer value) ->
                        assertThat(value).isEqualTo(7);
                    case Outcome.Cancellation<Integer> _ -> assertThat(ofTask).isCancelled();
                    case Outcome.Failure<Integer>(Throwable thrown) -> throw new AssertionError(thrown);
                }
                if (!ofTask.isCancelled()) {
                    assertThat(ofTask).isCompletedWithValue(7);
                }
            });
        }
    }
}
