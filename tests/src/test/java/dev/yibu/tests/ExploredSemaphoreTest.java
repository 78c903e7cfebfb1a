package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Semaphore;
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

    abstract static class Rules extends ExploredTurnRules {
        private final Semaphore semaphore = Semaphore.bounded(1);

        @Override
        Turn hold() {
            return semaphore.hold()::close;
        }

        @Override
        boolean tryAcquire() {
            return semaphore.tryAcquire();
        }

        @Override
        void release() {
            semaphore.release();
        }

        @Override
        int waiting() {
            return semaphore.statistics().waiting();
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
