package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Barrier;
import dev.yibu.sync.BrokenException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Barriers: all go on, or nobody does. */
class ExploredBarrierTest {

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
        private static final int PARTIES = 3;

        private final Barrier barrier = Barrier.of(PARTIES);
        private final List<Integer> indices = new ArrayList<>();
        private int brokenFor;

        private void arrive() {
            try {
                indices.add(barrier.await());
            } catch (BrokenException e) {
                brokenFor++;
            }
        }

        private void assertAllOrNobody() {
            if (indices.isEmpty()) {
                assertThat(brokenFor).isGreaterThanOrEqualTo(PARTIES - 1);
            } else {
                assertThat(indices).containsExactlyInAnyOrder(0, 1, 2);
                assertThat(brokenFor).isZero();
            }
        }

        @Test
        void all_go_on_or_nobody_when_one_is_cancelled() {
            TaskGroup.run(group -> {
                group.start("first", this::arrive);
                group.start("second", this::arrive);
                Task<?> doomed = group.start("doomed", this::arrive);
                group.start("canceller", () -> doomed.cancel("enough"));
                while (!doomed.isDone()) {
                    checkpoint();
                }
                barrier.abort(); // if it was cancelled before it arrived
            });
            assertAllOrNobody();
        }

        @Test
        void all_go_on_or_nobody_when_it_is_aborted() {
            TaskGroup.run(group -> {
                for (int i = 0; i < PARTIES; i++) {
                    group.start("party " + i, this::arrive);
                }
                group.start("aborter", barrier::abort);
            });
            if (!indices.isEmpty()) {
                assertThat(indices).containsExactlyInAnyOrder(0, 1, 2);
            } else {
                assertThat(brokenFor).isEqualTo(PARTIES);
            }
            assertThat(barrier.statistics().broken()).isTrue();
        }

        @Test
        void parties_that_are_cancelled_together_add_no_failure() {
            TaskGroup.run(group -> {
                Task<?> outer = group.start(
                        "outer",
                        () -> TaskGroup.run(inner -> {
                            for (int i = 0; i < PARTIES - 1; i++) {
                                inner.start("party " + i, () -> {
                                    int _ = barrier.await();
                                });
                            }
                            sleep(ofSeconds(1));
                        }));
                checkpoint();
                outer.cancel("enough");
                while (!outer.isDone()) {
                    checkpoint();
                }
                assertThat(outer.outcome().orElseThrow()).isInstanceOf(Outcome.Cancellation.class);
            });
        }

        @Test
        void generations_do_not_mix() {
            int[] rounds = new int[PARTIES];
            TaskGroup.run(group -> {
                for (int i = 0; i < PARTIES; i++) {
                    int me = i;
                    group.start("party " + i, () -> {
                        for (int round = 1; round <= 2; round++) {
                            rounds[me] = round;
                            int _ = barrier.await();
                            int now = round;
                            assertThat(IntStream.of(rounds)).allMatch(other -> other == now || other == now + 1);
                        }
                    });
                }
            });
            assertThat(barrier.statistics()).isEqualTo(new Barrier.Statistics(PARTIES, 0, 2, false));
        }

        @Test
        void a_new_generation_begins_when_it_is_reset() {
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", this::arrive);
                Task<?> second = group.start("second", this::arrive);
                group.start("canceller", () -> second.cancel("enough"));
                while (!second.isDone()) {
                    checkpoint();
                }
                barrier.reset();
                barrier.abort();
                first.await();
                barrier.reset();
                group.start("third", this::arrive);
                group.start("fourth", this::arrive);
                group.start("fifth", this::arrive);
            });
            assertThat(indices).containsExactlyInAnyOrder(0, 1, 2);
            assertThat(barrier.statistics().broken()).isFalse();
        }

        @AfterEach
        void nobody_waits() {
            assertThat(barrier.statistics().waiting()).isZero();
        }
    }
}
