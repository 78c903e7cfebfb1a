package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Semaphore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Semaphores: a permit is with one task or free; nobody goes past the queue. */
class ExploredSemaphoreTest {

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
        private final Semaphore semaphore = Semaphore.bounded(1);
        private final List<Object> served = new ArrayList<>();
        private int inside;

        private void enter(Object who) {
            try (var _ = semaphore.hold()) {
                assertThat(++inside).isEqualTo(1);
                served.add(who);
                try {
                    compute();
                } finally {
                    inside--;
                }
            }
        }

        private void untilWaiting(int count) {
            while (semaphore.statistics().waiting() < count) {
                checkpoint();
            }
        }

        @Test
        void a_permit_is_with_one_task_and_comes_back_though_a_waiter_is_cancelled() {
            TaskGroup.run(group -> {
                group.start("first", () -> enter(1));
                Task<?> doomed = group.start("doomed", () -> enter(2));
                group.start("third", () -> enter(3));
                group.start("canceller", () -> doomed.cancel("enough"));
            });
            assertThat(served).contains(1, 3);
        }

        @Test
        void two_waiters_that_are_cancelled_while_permits_are_handed_over_lose_none() {
            TaskGroup.run(group -> {
                semaphore.acquire();
                try {
                    Task<?> first = group.start("first", () -> enter(1));
                    Task<?> second = group.start("second", () -> enter(2));
                    group.start("third", () -> enter(3));
                    untilWaiting(2);
                    group.start("canceller", () -> {
                        second.cancel("enough");
                        first.cancel("enough");
                    });
                } finally {
                    semaphore.release();
                }
            });
            assertThat(served).contains(3);
        }

        @Test
        void who_waits_longest_is_served_first_and_a_cancelled_one_is_passed_over() {
            TaskGroup.run(group -> {
                try (var _ = semaphore.hold()) {
                    group.start("first", () -> enter(1));
                    untilWaiting(1);
                    Task<?> doomed = group.start("doomed", () -> enter(2));
                    untilWaiting(2);
                    group.start("third", () -> enter(3));
                    untilWaiting(3);
                    group.start("canceller", () -> doomed.cancel("enough"));
                }
            });
            served.remove((Object) 2);
            assertThat(served).containsExactly(1, 3);
        }

        @Test
        void nobody_takes_a_permit_past_those_who_wait() {
            TaskGroup.run(group -> {
                try (var _ = semaphore.hold()) {
                    group.start("waiter", () -> enter("waiter"));
                    untilWaiting(1);
                    group.start("passer-by", () -> {
                        for (int i = 0; i < 3; i++) {
                            if (semaphore.tryAcquire()) {
                                try {
                                    assertThat(served).containsExactly("waiter");
                                } finally {
                                    semaphore.release();
                                }
                            }
                            compute();
                        }
                    });
                }
            });
        }

        @Test
        void as_many_go_on_as_were_released_to() {
            Semaphore signals = Semaphore.of(0);
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> {
                    signals.acquire();
                    served.add("doomed");
                });
                Task<?> other = group.start("other", () -> {
                    signals.acquire();
                    served.add("other");
                });
                group.start("releaser", () -> {
                    signals.release();
                    signals.release();
                });
                group.start("canceller", () -> doomed.cancel("enough"));
                other.await();
            });
            assertThat(served.size() + signals.statistics().available()).isEqualTo(2);
        }

        @AfterEach
        void all_permits_are_back() {
            assertThat(semaphore.statistics()).isEqualTo(new Semaphore.Statistics(1, 1, 0));
        }
    }
}
