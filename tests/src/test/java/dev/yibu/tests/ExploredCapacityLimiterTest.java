package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.CapacityLimiter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Capacity limiters: a token has one bearer, and there are as many as were said last. */
class ExploredCapacityLimiterTest {

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
        private final CapacityLimiter limiter = CapacityLimiter.of(1);

        @Override
        Turn hold() {
            return limiter.hold()::close;
        }

        @Override
        boolean tryAcquire() {
            return limiter.tryAcquire();
        }

        @Override
        void release() {
            limiter.release();
        }

        @Override
        int waiting() {
            return limiter.statistics().waiting();
        }

        @Test
        void a_task_that_ends_gives_its_token_to_who_waits() {
            TaskGroup.run(group -> {
                group.start("forgetful", () -> {
                    limiter.acquire();
                    served.add(1);
                });
                Task<?> doomed = group.start("doomed and forgetful", () -> {
                    limiter.acquire();
                    served.add(2);
                });
                group.start("third", () -> enter(3));
                group.start("canceller", () -> doomed.cancel("enough"));
            });
            assertThat(served).contains(1, 3);
        }

        @Test
        void more_tokens_let_waiters_go_on_and_fewer_take_none_away() {
            TaskGroup.run(group -> {
                limiter.totalTokens(0);
                Task<?> first = group.start("first", limiter::acquire);
                Task<?> doomed = group.start("doomed", limiter::acquire);
                Task<?> third = group.start("third", limiter::acquire);
                group.start("canceller", () -> doomed.cancel("enough"));
                group.start("adjuster", () -> {
                    limiter.totalTokens(2);
                    limiter.totalTokens(1);
                });
                first.await();
                third.await();
            });
        }

        @AfterEach
        void all_tokens_are_back() {
            limiter.totalTokens(1);
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, List.of(), 0));
        }
    }
}
