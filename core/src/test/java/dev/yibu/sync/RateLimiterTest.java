package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times are checked from below only: real time may always be late. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RateLimiterTest {
    private static final Duration STEP = Duration.ofMillis(10);
    private static final long STEP_NANOS = STEP.toNanos();

    private static void untilWaiting(RateLimiter limiter, int count) {
        Until.waiting(() -> limiter.statistics().waiting(), count);
    }

    @Test
    void a_burst_goes_at_once_and_what_follows_at_the_rate() {
        RateLimiter limiter = RateLimiter.of(1, STEP, 3);
        run(() -> {
            long start = Until.nanoTime();
            for (int i = 0; i < 8; i++) {
                limiter.acquire();
                assertThat(Until.nanoTime() - start).isGreaterThanOrEqualTo((i - 2) * STEP_NANOS);
            }
        });
    }

    @Test
    void permits_of_a_period_come_evenly() {
        RateLimiter limiter = RateLimiter.of(4, STEP.multipliedBy(4), 1);
        run(() -> {
            long start = Until.nanoTime();
            for (int i = 0; i < 5; i++) {
                limiter.acquire();
                assertThat(Until.nanoTime() - start).isGreaterThanOrEqualTo(i * STEP_NANOS);
            }
        });
    }

    @Test
    void several_permits_wait_for_all_of_them() {
        RateLimiter limiter = RateLimiter.of(1, STEP, 4);
        run(() -> {
            long start = Until.nanoTime();
            limiter.acquire(4);
            limiter.acquire(3);
            assertThat(Until.nanoTime() - start).isGreaterThanOrEqualTo(3 * STEP_NANOS);
            limiter.acquire(4);
            assertThat(Until.nanoTime() - start).isGreaterThanOrEqualTo(7 * STEP_NANOS);
        });
    }

    @Test
    void many_waiters_are_let_through_in_order_and_at_the_rate() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofMillis(2), 1);
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        run(() -> {
            long start = Until.nanoTime();
            limiter.acquire();
            TaskGroup.run(group -> {
                for (int i = 0; i < 10; i++) {
                    int number = i;
                    group.start(() -> {
                        limiter.acquire();
                        // Two that are due at once, because one was late, may run in any order.
                        served.add(number);
                        assertThat(Until.nanoTime() - start).isGreaterThanOrEqualTo((number + 1) * 2_000_000L);
                    });
                    Until.holds(() -> limiter.statistics().waiting() + served.size() > number);
                }
            });
        });
        assertThat(served).hasSize(10);
    }

    @Test
    void who_wants_many_is_not_overtaken_by_who_wants_few() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofHours(1), 5);
        run(() -> TaskGroup.run(group -> {
            limiter.acquire(3);
            Task<?> greedy = group.start(() -> limiter.acquire(5));
            untilWaiting(limiter, 1);
            assertThat(limiter.statistics()).isEqualTo(new RateLimiter.Statistics(2, 5, 1));
            assertThat(limiter.tryAcquire()).as("while others wait").isFalse();
            Task<?> modest = group.start(() -> limiter.acquire());
            untilWaiting(limiter, 2);
            greedy.cancel();
            modest.await();
            assertThat(limiter.statistics()).isEqualTo(new RateLimiter.Statistics(1, 5, 0));
            assertThat(limiter.tryAcquire()).isTrue();
        }));
    }

    @Test
    void when_the_first_is_cancelled_all_behind_it_move_up() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofHours(1), 5);
        run(() -> TaskGroup.run(group -> {
            limiter.acquire(2);
            Task<?> first = group.start(() -> limiter.acquire(5));
            untilWaiting(limiter, 1);
            List<Task<?>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(group.start(() -> limiter.acquire()));
                untilWaiting(limiter, i + 2);
            }
            Task<?> late = group.start(() -> limiter.acquire());
            untilWaiting(limiter, 5);
            first.cancel();
            for (Task<?> other : others) {
                other.await();
            }
            untilWaiting(limiter, 1);
            late.cancel();
            untilWaiting(limiter, 0);
            assertThat(limiter.statistics().available()).isZero();
        }));
    }

    @Test
    void a_cancelled_waiter_in_the_middle_uses_nothing_up() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofHours(1), 5);
        run(() -> TaskGroup.run(group -> {
            limiter.acquire(2);
            Task<?> first = group.start(() -> limiter.acquire(5));
            untilWaiting(limiter, 1);
            Task<?> middle = group.start(() -> limiter.acquire(3));
            untilWaiting(limiter, 2);
            Task<?> last = group.start(() -> limiter.acquire(2));
            untilWaiting(limiter, 3);
            middle.cancel();
            untilWaiting(limiter, 2);
            first.cancel();
            last.await();
            assertThat(limiter.statistics()).isEqualTo(new RateLimiter.Statistics(1, 5, 0));
        }));
    }

    @Test
    void a_timeout_that_is_too_short_uses_nothing_up() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofHours(1), 2);
        run(() -> {
            limiter.acquire();
            assertThat(moveOnAfter(STEP, () -> limiter.acquire(2))).isFalse();
            assertThat(limiter.statistics()).isEqualTo(new RateLimiter.Statistics(1, 2, 0));
            assertThat(limiter.tryAcquire()).isTrue();
            assertThat(limiter.tryAcquire()).isFalse();
        });
    }

    @Test
    void acquire_looks_at_the_cancel_state_although_there_are_permits() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofHours(1), 2);
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(limiter::acquire));
        })));
        assertThat(met).isTrue();
        assertThat(limiter.statistics().available()).isEqualTo(2);
    }

    @Test
    void the_burst_is_what_a_period_has_unless_it_is_given() {
        assertThat(RateLimiter.of(7, STEP).statistics()).isEqualTo(new RateLimiter.Statistics(7, 7, 0));
    }

    @Test
    void bad_arguments_and_names() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimiter.of(0, STEP))
                .withMessageContaining("0 permits");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimiter.of(1, Duration.ZERO))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException().isThrownBy(() -> RateLimiter.of(1, STEP.negated()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimiter.of(1, STEP, 0))
                .withMessageContaining("burst of 0");
        assertThatNullPointerException()
                .isThrownBy(() -> RateLimiter.of(1, null))
                .withMessage("period");
        assertThatNullPointerException()
                .isThrownBy(() -> RateLimiter.of(1, STEP, 1, null))
                .withMessage("name");
        RateLimiter limiter = RateLimiter.of(1, STEP, 2, "api");
        assertThat(limiter).hasToString("rate limiter \"api\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.acquire(3))
                .withMessage("3 permits of rate limiter \"api\"; one is the least, and its burst of 2 the most");
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.tryAcquire(0));
    }
}
