package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Rate limiters: nobody goes too early, no time is lost, and somebody always waits for the next permit. */
class ExploredRateLimiterTest {

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
        private final Instant start = clock().instant();
        private final RateLimiter limiter = RateLimiter.of(1, ofSeconds(1), 2);
        private final List<Long> passed = new ArrayList<>();
        private final List<Object> served = new ArrayList<>();

        private long seconds() {
            return Duration.between(start, clock().instant()).toSeconds();
        }

        private void pass(Object who, int permits) {
            limiter.acquire(permits);
            served.add(who);
            for (int i = 0; i < permits; i++) {
                passed.add(seconds());
            }
        }

        @Test
        void each_goes_when_its_time_has_come_though_one_is_cancelled_at_that_instant() {
            TaskGroup.run(group -> {
                pass("burst", 2);
                for (int i = 1; i <= 3; i++) {
                    int me = i;
                    Task<?> task = group.start("task " + i, () -> pass(me, 1));
                    if (i == 2) {
                        group.start("canceller", () -> {
                            sleep(ofSeconds(1));
                            task.cancel("enough");
                        });
                    }
                }
            });
            assertThat(served).contains(1, 3);
            assertThat(passed).isIn(List.of(0L, 0L, 1L, 2L), List.of(0L, 0L, 1L, 2L, 3L));
        }

        @Test
        void who_wants_little_waits_behind_who_wants_much() {
            TaskGroup.run(group -> {
                pass("burst", 2);
                group.start("much", () -> pass("much", 2));
                while (limiter.statistics().waiting() == 0) {
                    checkpoint();
                }
                Task<?> doomed = group.start("doomed", () -> pass("doomed", 2));
                group.start("little", () -> pass("little", 1));
                group.start("canceller", () -> {
                    sleep(ofSeconds(2));
                    doomed.cancel("enough");
                });
                assertThat(limiter.tryAcquire()).isFalse();
            });
            assertThat(served.indexOf("much")).isEqualTo(1);
            assertThat(passed).startsWith(0L, 0L, 2L, 2L).isSorted();
            assertThat(passed.getLast()).isLessThanOrEqualTo(5);
        }

        @Test
        void the_first_in_line_is_cancelled_and_the_next_goes_in_its_place() {
            TaskGroup.run(group -> {
                pass("burst", 2);
                Task<?> doomed = group.start("doomed", () -> pass("doomed", 2));
                group.start("next", () -> pass("next", 1));
                group.start("canceller", () -> {
                    sleep(ofSeconds(1));
                    doomed.cancel("enough");
                });
            });
            assertThat(served).endsWith("next");
            assertThat(seconds()).isEqualTo(1);
        }

        @AfterEach
        void nobody_waits() {
            assertThat(limiter.statistics().waiting()).isZero();
        }
    }
}
