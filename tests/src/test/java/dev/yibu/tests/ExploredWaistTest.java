package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import dev.yibu.testkit.ForeignLatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The waist: a wait has one winner, nothing is delivered twice, nothing is lost. */
class ExploredWaistTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final WaitQueue<Integer> queue = new WaitQueue<>();
        private Suspension<Integer> published;
        private boolean tooLateToWait;

        private static Strand self() {
            return Objects.requireNonNull(Strand.current());
        }

        private int waitInQueue() {
            Suspension<Integer> suspension = new Suspension<>(self(), "a number");
            queue.add(suspension);
            return queue.await(suspension);
        }

        private Suspension<Integer> publishedSuspension() {
            while (published == null) {
                checkpoint();
            }
            return published;
        }

        @Test
        void an_item_goes_to_one_waiter_and_not_to_one_that_was_cancelled() {
            List<Integer> taken = new ArrayList<>();
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> taken.add(waitInQueue()));
                Task<?> second = group.start("second", () -> taken.add(waitInQueue()));
                group.start("canceller", () -> first.cancel("enough"));
                Task<?> giver = group.start("giver", () -> {
                    while (!queue.resumeFirst(7)) {
                        checkpoint();
                    }
                });
                giver.await();
                second.cancel("it was given away");
                first.cancel("it was given away");
            });
            assertThat(taken).containsExactly(7);
            assertThat(queue.size()).isZero();
        }

        @Test
        void resume_fail_and_abort_have_one_winner() {
            IllegalStateException failure = new IllegalStateException("failed");
            List<String> winners = new ArrayList<>();
            List<Outcome<Integer>> outcome = new ArrayList<>();
            TaskGroup.run(group -> {
                Task<Integer> waiter = group.start("waiter", () -> {
                    Suspension<Integer> suspension = new Suspension<>(self(), "a number");
                    published = suspension;
                    try {
                        return suspension.await(() -> {
                            winners.add("abort was tried");
                            compute(); // as the handler of a sleep does when it takes its timer back
                            return Abort.ABORTED;
                        });
                    } catch (IllegalStateException e) {
                        return -1;
                    }
                });
                group.start("resumer", () -> {
                    if (publishedSuspension().resume(1)) {
                        winners.add("resumed");
                    }
                });
                group.start("failer", () -> {
                    if (publishedSuspension().fail(failure)) {
                        winners.add("failed");
                    }
                });
                group.start("canceller", () -> {
                    publishedSuspension();
                    waiter.cancel("enough");
                });
                waiter.onCompletion(outcome::add);
            });
            switch (outcome.getFirst()) {
                case Outcome.Success<Integer>(Integer value) ->
                    assertThat(winners)
                            .contains(value == 1 ? "resumed" : "failed")
                            .doesNotContain(value == 1 ? "failed" : "resumed");
                default -> assertThat(winners).containsExactly("abort was tried");
            }
            assertThat(outcome).hasSize(1);
        }

        /** Ends what was published, and keeps from waiting who has not begun: nobody else would resume it. */
        private void resumeNowOrNever(int value) {
            tooLateToWait = true;
            if (published != null) {
                published.resume(value);
            }
        }

        @Test
        void a_wait_that_is_too_late_to_abort_gets_its_value_and_the_next_checkpoint_throws() {
            List<Integer> values = new ArrayList<>();
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> {
                    if (tooLateToWait) {
                        return;
                    }
                    published = new Suspension<>(self(), "a number");
                    values.add(published.await(() -> Abort.TOO_LATE));
                    while (!self().scope().isCancelled()) {
                        checkpoint();
                    }
                    assertThatThrownBy(() -> checkpoint()).isInstanceOf(Cancelled.class);
                });
                try {
                    group.start("canceller", () -> waiter.cancel("enough"));
                    checkpoint();
                } finally {
                    resumeNowOrNever(3);
                }
            });
            assertThat(values).isEqualTo(published == null ? List.of() : List.of(3));
        }

        @Test
        void foreign_code_after_a_wait_that_was_too_late_to_abort_is_interrupted() {
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> {
                    if (tooLateToWait) {
                        return;
                    }
                    published = new Suspension<>(self(), "a number");
                    int value = published.await(() -> Abort.TOO_LATE);
                    assertThat(value).isEqualTo(3);
                    assertThatThrownBy(() -> new ForeignLatch("a read").await())
                            .isInstanceOf(InterruptedException.class);
                });
                try {
                    group.start("canceller", () -> waiter.cancel("enough"));
                    checkpoint();
                } finally {
                    resumeNowOrNever(3);
                }
            });
        }

        @Test
        void foreign_code_after_a_wait_that_had_its_value_is_interrupted_for_the_cancellation() {
            TaskGroup.run(group -> {
                ForeignLatch read = new ForeignLatch("a read");
                Task<?> waiter = group.start("waiter", () -> {
                    assertThat(waitInQueue()).isEqualTo(5);
                    assertThatThrownBy(read::await).isInstanceOf(InterruptedException.class);
                });
                group.start("giver", () -> {
                    while (!queue.resumeFirst(5) && !waiter.isDone()) {
                        checkpoint();
                    }
                });
                checkpoint();
                waiter.cancel("enough");
            });
        }

        @Test
        void who_waits_longest_is_resumed_first() {
            List<Integer> arrivals = new ArrayList<>();
            int[] numbers = new int[3];
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    int me = i;
                    group.start("waiter " + i, () -> {
                        arrivals.add(me);
                        numbers[me] = waitInQueue();
                    });
                }
                group.start("giver", () -> {
                    for (int given = 0; given < 3; ) {
                        if (queue.resumeFirst(given)) {
                            given++;
                        } else {
                            checkpoint();
                        }
                    }
                });
            });
            assertThat(IntStream.range(0, 3).map(n -> numbers[arrivals.get(n)])).containsExactly(0, 1, 2);
        }

        @Test
        void an_item_passes_over_a_waiter_whose_wait_has_ended_otherwise() {
            List<String> taken = new ArrayList<>();
            TaskGroup.run(group -> {
                group.start("first", () -> {
                    Suspension<Integer> suspension = new Suspension<>(self(), "a number");
                    queue.add(suspension);
                    published = suspension;
                    try {
                        taken.add("first got " + queue.await(suspension));
                    } catch (IllegalStateException e) {
                        taken.add("first failed");
                    }
                });
                group.start("second", () -> {
                    publishedSuspension();
                    taken.add("second got " + waitInQueue());
                });
                group.start("giver", () -> {
                    publishedSuspension().fail(new IllegalStateException("failed"));
                    while (!queue.resumeFirst(7)) {
                        checkpoint();
                    }
                });
            });
            assertThat(taken).containsExactlyInAnyOrder("first failed", "second got 7");
        }

        @Test
        void a_cancelled_waiter_has_left_the_queue_when_it_throws() {
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> {
                    try {
                        waitInQueue();
                    } finally {
                        assertThat(queue.size()).isZero();
                    }
                });
                waiter.cancel("enough");
            });
            assertThat(queue.size()).isZero();
        }

        @Test
        void resume_all_reaches_everybody_who_is_not_cancelled() {
            List<Integer> got = new ArrayList<>();
            List<Integer> resumed = new ArrayList<>();
            TaskGroup.run(group -> {
                List<Task<?>> waiters = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    waiters.add(group.start("waiter " + i, () -> got.add(waitInQueue())));
                }
                group.start("canceller", () -> waiters.getFirst().cancel("enough"));
                resumed.add(queue.resumeAll(1));
                waiters.forEach(waiter -> waiter.cancel("came too late"));
            });
            assertThat(got).hasSize(resumed.getFirst());
            assertThat(queue.size()).isZero();
        }

        @Test
        void an_uncancellable_wait_ends_by_its_value_only() {
            List<String> events = new ArrayList<>();
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> {
                    if (tooLateToWait) {
                        return;
                    }
                    published = new Suspension<>(self(), "a number");
                    events.add("got " + published.awaitUncancellably());
                    checkpoint();
                    events.add("went on");
                });
                try {
                    checkpoint();
                    waiter.cancel("enough");
                    checkpoint();
                } finally {
                    events.add("resumes");
                    resumeNowOrNever(2);
                }
            });
            assertThat(events).isIn(List.of("resumes"), List.of("resumes", "got 2"));
        }
    }
}
