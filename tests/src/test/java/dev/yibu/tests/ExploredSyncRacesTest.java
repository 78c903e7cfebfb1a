package dev.yibu.tests;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Action;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Barrier;
import dev.yibu.sync.BrokenException;
import dev.yibu.sync.CapacityLimiter;
import dev.yibu.sync.Condition;
import dev.yibu.sync.Event;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.RateLimiter;
import dev.yibu.sync.Semaphore;
import dev.yibu.testkit.Explore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** What is handed over while its receiver is cancelled or only begins to wait, between any two accesses. */
@Explore(
        seeds = 10_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel", "dev.yibu.sync"})
class ExploredSyncRacesTest {
    private boolean ready;

    /** Somebody who waits for it is cancelled while it is given up; it is free afterwards. */
    private static void giveUpWhileAWaiterIsCancelled(
            Action<RuntimeException> acquire, Action<RuntimeException> release) {
        run(() -> TaskGroup.run(group -> {
            acquire.run();
            Task<?> waiter = group.start("waiter", () -> {
                acquire.run();
                release.run();
            });
            group.start("canceller", () -> waiter.cancel("enough"));
            release.run();
        }));
    }

    @Test
    void a_permit_on_its_way_to_a_cancelled_waiter_is_not_lost() {
        Semaphore semaphore = Semaphore.bounded(1);
        giveUpWhileAWaiterIsCancelled(semaphore::acquire, semaphore::release);
        assertThat(semaphore.statistics().available()).isEqualTo(1);
    }

    @Test
    void a_mutex_on_its_way_to_a_cancelled_waiter_is_not_lost() {
        Mutex mutex = Mutex.create();
        giveUpWhileAWaiterIsCancelled(mutex::acquire, mutex::release);
        assertThat(mutex.statistics().owner()).isEmpty();
        assertThat(mutex.statistics().broken()).isFalse();
    }

    @Test
    void a_token_on_its_way_to_a_cancelled_waiter_is_not_lost() {
        CapacityLimiter limiter = CapacityLimiter.of(1);
        giveUpWhileAWaiterIsCancelled(limiter::acquire, limiter::release);
        assertThat(limiter.statistics().bearers()).isEmpty();
    }

    @Test
    void an_event_that_is_set_while_somebody_begins_to_wait_wakes_them() {
        Event event = Event.create();
        run(() -> gather(event::await, event::set));
        assertThat(event.isSet()).isTrue();
    }

    @Test
    void a_signal_while_somebody_begins_to_wait_wakes_them() {
        Mutex mutex = Mutex.create();
        Condition condition = mutex.newCondition();
        run(() -> gather(
                () -> {
                    try (Mutex.Hold _ = mutex.hold()) {
                        condition.awaitUntil(() -> ready);
                    }
                },
                () -> {
                    try (Mutex.Hold _ = mutex.hold()) {
                        ready = true;
                        condition.signal();
                    }
                }));
        assertThat(mutex.statistics().owner()).isEmpty();
    }

    @Test
    void of_two_parties_at_a_barrier_both_go_on_or_none() {
        Barrier barrier = Barrier.of(2);
        List<String> passed = new ArrayList<>();
        run(() -> TaskGroup.run(group -> {
            Task<?> one = group.start("one", () -> {
                barrier.await();
                passed.add("one");
            });
            Task<?> other = group.start("other", () -> {
                try {
                    barrier.await();
                    passed.add("other");
                } catch (BrokenException e) {
                    assertThat(passed).isEmpty();
                }
            });
            one.cancel("enough");
            try {
                one.await();
            } catch (CancellationException e) {
                other.cancel("the first one may never have come");
            }
        }));
        assertThat(passed.size()).isIn(0, 2);
    }

    @Test
    void a_turn_at_a_rate_limiter_on_its_way_to_a_cancelled_waiter_is_not_lost() {
        RateLimiter limiter = RateLimiter.of(1, Duration.ofSeconds(1));
        run(() -> TaskGroup.run(group -> {
            limiter.acquire();
            group.start("first", () -> limiter.acquire());
            Task<?> second = group.start("second", () -> limiter.acquire());
            group.start("third", () -> limiter.acquire());
            sleep(Duration.ofSeconds(1));
            second.cancel("enough");
        }));
        assertThat(limiter.statistics().waiting()).isZero();
    }
}
