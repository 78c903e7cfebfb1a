package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real threads, with cancellations at random moments: nothing is lost, nobody is left, and nobody hangs. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StressTest {
    private static final int TASKS = 6;
    private static final int ROUNDS = 4_000;

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** What happens between acquire and release; returns without fail. */
    private void work(Random random) {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        Storm.pause(random);
        inside.decrementAndGet();
    }

    @Test
    void semaphore() {
        Semaphore semaphore = Semaphore.bounded(2);
        Storm.rage("Semaphore", TASKS, ROUNDS, random -> {
            if (random.nextInt(8) == 0) {
                if (semaphore.tryAcquire()) {
                    work(random);
                    semaphore.release();
                }
                return;
            }
            semaphore.acquire();
            try {
                work(random);
            } finally {
                semaphore.release();
            }
        });
        assertThat(semaphore.statistics()).isEqualTo(new Semaphore.Statistics(2, 2, 0));
        assertThat(most).hasValueLessThanOrEqualTo(2);
    }

    @Test
    void mutex() {
        Mutex mutex = Mutex.create();
        long[] guarded = {0, 0};
        Storm.rage("Mutex", TASKS, ROUNDS, random -> {
            if (random.nextInt(8) == 0) {
                if (mutex.tryAcquire()) {
                    work(random);
                    mutex.release();
                }
                return;
            }
            try (var _ = mutex.hold()) {
                long first = guarded[0]++;
                work(random);
                assertThat(guarded[1]++).isEqualTo(first);
            }
        });
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
        assertThat(most).hasValue(1);
    }

    @Test
    void mutex_that_breaks() {
        AtomicInteger broken = new AtomicInteger();
        AtomicInteger acquired = new AtomicInteger();
        Mutex[] current = {Mutex.create()};
        Semaphore replace = Semaphore.of(1);
        Storm.rage("Mutex that breaks", TASKS, ROUNDS, random -> {
            Mutex mutex = current[0];
            try {
                mutex.acquire();
                acquired.incrementAndGet();
                if (random.nextInt(4) > 0) { // else it ends with it
                    mutex.release();
                }
            } catch (BrokenException e) {
                broken.incrementAndGet();
                if (replace.tryAcquire()) {
                    if (current[0] == mutex) {
                        current[0] = Mutex.create();
                    }
                    replace.release();
                }
            }
        });
        assertThat(acquired).hasPositiveValue();
        assertThat(broken).hasPositiveValue();
        assertThat(current[0].statistics().waiting()).isZero();
    }

    /** A buffer of one place: each item that was put is taken, although putters and takers are cancelled. */
    @Test
    void condition() {
        Mutex mutex = Mutex.create();
        Condition filled = mutex.newCondition();
        Condition emptied = mutex.newCondition();
        AtomicInteger buffer = new AtomicInteger();
        AtomicInteger put = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            // So that what is put is taken in the end, and there is always something to take.
            var partner = group.start("partner", () -> {
                for (; ; ) {
                    try (var _ = mutex.hold()) {
                        if (buffer.get() == 0) {
                            buffer.set(1);
                            put.incrementAndGet();
                            filled.signal();
                        } else {
                            buffer.set(0);
                            taken.incrementAndGet();
                            emptied.signal();
                        }
                    }
                    checkpoint();
                }
            });
            Storm.rage("Condition", TASKS, ROUNDS / 2, random -> {
                boolean puts = random.nextBoolean();
                try (var _ = mutex.hold()) {
                    if (puts) {
                        emptied.awaitUntil(() -> buffer.get() == 0);
                        buffer.set(1);
                        put.incrementAndGet();
                        filled.signal();
                    } else {
                        filled.awaitUntil(() -> buffer.get() == 1);
                        buffer.set(0);
                        taken.incrementAndGet();
                        emptied.signal();
                    }
                }
            });
            partner.cancel();
        }));
        assertThat(put.get() - taken.get()).isEqualTo(buffer.get());
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
        assertThat(filled.statistics().waiting() + emptied.statistics().waiting())
                .isZero();
    }

    /** As many signals as tasks that are to go on: one that a cancelled task kept would leave somebody behind. */
    @Test
    void condition_signals_are_not_lost() {
        Mutex mutex = Mutex.create();
        Condition condition = mutex.newCondition();
        AtomicInteger rounds = new AtomicInteger();
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("Condition signals -Dyibu.seed=" + seed);
        Random random = new Random(seed);
        run(() -> {
            for (int i = 0; i < 1_500; i++) {
                TaskGroup.run(group -> {
                    int[] permits = {0};
                    Runnable wait = () -> {
                        try (var _ = mutex.hold()) {
                            while (permits[0] == 0) {
                                condition.await();
                            }
                            permits[0]--;
                        }
                    };
                    var doomed = group.start(wait::run);
                    var survivor = group.start(wait::run);
                    Storm.pause(random);
                    var signaller = group.start(() -> {
                        try (var _ = mutex.hold()) {
                            permits[0]++;
                            condition.signal();
                        }
                    });
                    Storm.pause(random);
                    doomed.cancel();
                    signaller.await();
                    // The one permit has gone to one of the two; if to the doomed one, the survivor needs another.
                    try {
                        doomed.await();
                        try (var _ = mutex.hold()) {
                            permits[0]++;
                            condition.signal();
                        }
                    } catch (CancellationException e) {
                        rounds.incrementAndGet();
                    }
                    survivor.await();
                });
            }
        });
        System.out.println("Condition signals: " + rounds + " cancelled");
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
    }

    @Test
    void event() {
        Event event = Event.create();
        run(() -> TaskGroup.run(group -> {
            var toggler = group.start(() -> {
                for (; ; ) {
                    event.set();
                    checkpoint();
                    event.clear();
                }
            });
            Storm.rage("Event", TASKS, ROUNDS, random -> {
                event.await();
                Storm.pause(random);
            });
            toggler.cancel();
        }));
        assertThat(event.statistics().waiting()).isZero();
    }

    /** Who comes in the moment in which it is set does not wait for ever. */
    @Test
    void event_that_is_set_once() {
        AtomicInteger passed = new AtomicInteger();
        Storm.rage("Event set once", 2, 2 * ROUNDS, random -> {
            Event event = Event.create();
            TaskGroup.run(group -> {
                group.start(() -> {
                    event.set();
                });
                Storm.pause(random);
                event.await();
                passed.incrementAndGet();
            });
        });
        assertThat(passed).hasPositiveValue();
    }

    @Test
    void barrier() {
        int parties = 4;
        Barrier barrier = Barrier.of(parties);
        AtomicLong sum = new AtomicLong();
        AtomicInteger passed = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            var mender = group.start(() -> {
                for (; ; ) {
                    if (barrier.statistics().broken()) {
                        barrier.reset();
                    }
                    checkpoint();
                }
            });
            // More tasks than parties, so that there is always somebody to complete a generation.
            Storm.rage("Barrier", 2 * parties, ROUNDS / 2, random -> {
                if (random.nextInt(200) == 0) {
                    barrier.abort();
                    return;
                }
                try {
                    boolean _ = moveOnAfter(Duration.ofMillis(20), () -> {
                        sum.addAndGet(barrier.await());
                        passed.incrementAndGet();
                    });
                } catch (BrokenException e) {
                    Storm.pause(random);
                }
            });
            mender.cancel();
        }));
        assertThat(passed.get() % parties).isZero();
        assertThat(sum.get()).isEqualTo((long) passed.get() / parties * (0 + 1 + 2 + 3));
        assertThat(passed).hasPositiveValue();
        assertThat(barrier.statistics().waiting()).isZero();
    }

    @Test
    void capacity_limiter() {
        CapacityLimiter limiter = CapacityLimiter.of(3);
        run(() -> TaskGroup.run(group -> {
            var adjuster = group.start(() -> {
                for (int total = 0; ; total = (total + 1) % 4) {
                    limiter.totalTokens(total);
                    checkpoint();
                }
            });
            Storm.rage("CapacityLimiter", TASKS, ROUNDS, random -> {
                limiter.acquire();
                work(random);
                if (random.nextInt(4) > 0) { // else it is given back at the end of the task
                    limiter.release();
                }
            });
            adjuster.cancel();
        }));
        limiter.totalTokens(3);
        assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(3, List.of(), 0));
        assertThat(most).hasValueLessThanOrEqualTo(3);
    }

    @Test
    void rate_limiter() {
        int burst = 4;
        RateLimiter limiter = RateLimiter.of(1, Duration.ofNanos(20_000), burst);
        AtomicInteger passed = new AtomicInteger();
        long start = System.nanoTime();
        Storm.rage("RateLimiter", TASKS, ROUNDS / 4, random -> {
            int permits = 1 + random.nextInt(burst);
            limiter.acquire(permits);
            passed.addAndGet(permits);
        });
        long elapsed = System.nanoTime() - start;
        assertThat(limiter.statistics().waiting()).isZero();
        assertThat(passed).hasPositiveValue();
        assertThat(passed.get()).isLessThanOrEqualTo((int) (burst + elapsed / 20_000));
        assertThat(limiter.tryAcquire() || limiter.statistics().available() == 0)
                .as("nobody has the baton")
                .isTrue();
    }
}
