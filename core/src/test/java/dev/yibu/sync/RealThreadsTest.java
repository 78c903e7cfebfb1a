package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads from outside any call of the library, and the threads of {@code blocking} calls. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealThreadsTest {

    /** A thread from outside that runs something. */
    private static final class Outsider {
        final Thread thread;
        private final FutureTask<Throwable> result;

        Outsider(boolean virtual, Runnable body) {
            result = new FutureTask<>(() -> catchThrowable(body::run));
            thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon())
                    .name("outsider")
                    .start(result);
        }

        Throwable thrown() throws Exception {
            return result.get(30, TimeUnit.SECONDS);
        }

        void waits() {
            Eventually.isTrue(thread + " waits", () -> thread.getState() == Thread.State.WAITING);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threads_from_outside_wait_for_each_other(boolean virtual) throws Exception {
        Semaphore semaphore = Semaphore.of(0);
        Mutex mutex = Mutex.create();
        Condition condition = mutex.newCondition();
        Event event = Event.create();
        Barrier barrier = Barrier.of(2);
        CapacityLimiter capacity = CapacityLimiter.of(1);
        RateLimiter rate = RateLimiter.of(1, Duration.ofMillis(2), 1);
        capacity.acquire();
        mutex.acquire();
        Outsider other = new Outsider(virtual, () -> {
            semaphore.acquire();
            mutex.acquire();
            condition.await();
            condition.awaitUntil(() -> true);
            mutex.release();
            event.await();
            assertThat(barrier.await()).isZero();
            capacity.acquire();
            capacity.release();
            capacity.acquireOnBehalfOf("x");
            capacity.releaseOnBehalfOf("x");
            rate.acquire();
            rate.acquire();
        });
        Eventually.isTrue("it waits", () -> semaphore.statistics().waiting() == 1);
        semaphore.release();
        Eventually.isTrue("it waits", () -> mutex.statistics().waiting() == 1);
        mutex.release();
        Eventually.isTrue("it waits", () -> condition.statistics().waiting() == 1);
        mutex.acquire();
        condition.signal();
        assertThatIllegalStateException().isThrownBy(mutex::acquire).withMessageContaining("has mutex already");
        mutex.release();
        Eventually.isTrue("it waits", () -> event.statistics().waiting() == 1);
        event.set();
        Eventually.isTrue("it waits", () -> barrier.statistics().waiting() == 1);
        barrier.await();
        Eventually.isTrue("it waits", () -> capacity.statistics().waiting() == 1);
        capacity.release();

        assertThat(other.thrown()).isNull();
        assertThat(Strand.roots()).noneMatch(root -> root.thread() == other.thread);
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_interrupt_ends_the_wait_of_a_thread_from_outside(boolean virtual) throws Exception {
        Semaphore semaphore = Semaphore.of(0);
        Mutex mutex = Mutex.create();
        mutex.acquire();
        CapacityLimiter capacity = CapacityLimiter.of(0);
        RateLimiter rate = RateLimiter.of(1, Duration.ofHours(1));
        rate.acquire();
        List<Runnable> waits = List.of(
                semaphore::acquire,
                mutex::acquire,
                capacity::acquire,
                rate::acquire,
                Event.create()::await,
                Barrier.of(2)::await);
        for (Runnable wait : waits) {
            Outsider interrupted = new Outsider(virtual, () -> {
                try {
                    wait.run();
                } finally {
                    assertThat(Thread.interrupted()).isTrue();
                }
            });
            interrupted.waits();
            interrupted.thread.interrupt();
            assertThat(interrupted.thrown()).isInstanceOf(CancellationException.class);
        }
        assertThat(semaphore.statistics().waiting()).isZero();
        assertThat(mutex.statistics().waiting()).isZero();
        assertThat(capacity.statistics().waiting()).isZero();
        assertThat(rate.statistics().waiting()).isZero();
    }

    @Test
    void an_interrupted_thread_from_outside_takes_nothing_although_it_is_free() throws Exception {
        Semaphore semaphore = Semaphore.of(1);
        Mutex mutex = Mutex.create();
        Event event = Event.create();
        event.set();
        RateLimiter rate = RateLimiter.of(1, Duration.ofHours(1));
        List<Runnable> checkpoints = List.of(semaphore::acquire, mutex::acquire, event::await, rate::acquire);
        for (Runnable checkpoint : checkpoints) {
            Outsider interrupted = new Outsider(false, () -> {
                Thread.currentThread().interrupt();
                try {
                    checkpoint.run();
                } finally {
                    assertThat(Thread.interrupted()).isTrue();
                }
            });
            assertThat(interrupted.thrown()).isInstanceOf(CancellationException.class);
        }
        assertThat(semaphore.statistics().available()).isEqualTo(1);
        assertThat(mutex.tryAcquire()).isTrue();
        assertThat(rate.tryAcquire()).isTrue();
    }

    @Test
    void a_condition_wait_that_is_interrupted_has_the_mutex_again() throws Exception {
        Mutex mutex = Mutex.create();
        Condition condition = mutex.newCondition();
        Outsider interrupted = new Outsider(false, () -> {
            mutex.acquire();
            try {
                condition.await();
            } finally {
                assertThat(mutex.statistics().owner()).contains("thread \"outsider\"");
                mutex.release();
            }
        });
        interrupted.waits();
        interrupted.thread.interrupt();
        assertThat(interrupted.thrown()).isInstanceOf(CancellationException.class);
    }

    // ---------------------------------------------------------------- who owns

    @Test
    void a_thread_from_outside_owns_across_its_calls() {
        Mutex mutex = Mutex.create();
        mutex.acquire();
        timeout(Duration.ofMinutes(1), () -> {
            assertThatIllegalStateException().isThrownBy(mutex::acquire);
            mutex.release();
            mutex.acquire();
        });
        assertThat(mutex.statistics().owner())
                .contains("thread \"" + Thread.currentThread().getName() + '"');
        mutex.release();
    }

    @Test
    void a_main_task_is_not_its_thread() {
        Mutex mutex = Mutex.create();
        mutex.acquire();
        run(() -> {
            assertThatIllegalStateException().isThrownBy(mutex::release);
            assertThat(mutex.tryAcquire()).isFalse();
        });
        mutex.release();
    }

    @Test
    void in_a_blocking_call_the_owner_is_the_task_that_called() {
        Mutex mutex = Mutex.create("m");
        CapacityLimiter limiter = CapacityLimiter.of(2);
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            run(() -> TaskGroup.run(group -> group.start("caller", () -> {
                blocking(() -> {
                    mutex.acquire();
                    limiter.acquire();
                    assertThat(Strand.current().principal().holdings()).hasSize(2);
                });
                assertThat(mutex.statistics().owner()).contains("task \"caller\"");
                assertThatIllegalStateException().isThrownBy(mutex::acquire);
                runInExecutor(executor, () -> {
                    assertThatIllegalStateException()
                            .isThrownBy(mutex::acquire)
                            .withMessageStartingWith("task \"caller\" has mutex \"m\" already");
                    assertThatIllegalStateException().isThrownBy(limiter::acquire);
                    runInExecutor(Runnable::run, mutex::release);
                });
                limiter.release();
                assertThat(Strand.current().holdings()).isEmpty();
            })));
        }
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
    }

    @Test
    void a_blocking_call_waits_and_is_cancelled_like_its_task() {
        Mutex mutex = Mutex.create();
        run(() -> {
            mutex.acquire();
            TaskGroup.run(group -> {
                group.start("heir", () -> {
                    blocking(mutex::acquire);
                    assertThat(mutex.statistics().owner()).contains("task \"heir\"");
                    mutex.release();
                });
                Until.waiting(() -> mutex.statistics().waiting(), 1);
                mutex.release();
            });
            mutex.acquire();
            TaskGroup.run(group -> {
                boolean[] finished = {true};
                group.start(() -> finished[0] = moveOnAfter(Duration.ofMillis(5), () -> blocking(mutex::acquire)))
                        .await();
                assertThat(finished[0]).isFalse();
            });
            assertThat(mutex.statistics().waiting()).isZero();
            mutex.release();
        });
    }

    @Test
    void an_abandonable_call_is_an_owner_of_its_own() {
        Mutex mutex = Mutex.create();
        abandon(() -> {
            mutex.acquire();
            return 1;
        });
        assertThatThrownBy(mutex::acquire).isInstanceOf(BrokenException.class);
    }
}
