package dev.yibu.sync;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.AllocatedBytes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is free costs no allocation: on a platform thread, whose allocations the JVM counts. */
class AllocationTest {
    private static final int CALLS = 2_000;

    private static void assertAllocatesNothing(Runnable operation) {
        assertThat(AllocatedBytes.leastOf(CALLS, operation)).isZero();
    }

    private static void assertNothingIsAllocatedByFreeOnes() {
        Semaphore semaphore = Semaphore.of(1);
        assertAllocatesNothing(() -> {
            semaphore.acquire();
            semaphore.release();
        });
        assertAllocatesNothing(() -> {
            assertThatTrue(semaphore.tryAcquire());
            assertThatTrue(!semaphore.tryAcquire());
            semaphore.release();
        });
        Mutex mutex = Mutex.create();
        Mutex other = Mutex.create();
        assertAllocatesNothing(() -> {
            mutex.acquire();
            other.acquire();
            mutex.release();
            other.release();
        });
        Event event = Event.create();
        event.set();
        assertAllocatesNothing(event::await);
        RateLimiter limiter = RateLimiter.of(Integer.MAX_VALUE, Duration.ofSeconds(1));
        assertAllocatesNothing(limiter::acquire);
    }

    private static void assertThatTrue(boolean condition) {
        if (!condition) {
            throw new AssertionError();
        }
    }

    @Test
    void acquire_and_release_of_what_is_free_allocate_nothing_in_a_task() {
        assertThat(Thread.currentThread().isVirtual()).isFalse();
        run(AllocationTest::assertNothingIsAllocatedByFreeOnes);
    }

    @Test
    void nor_do_they_on_a_thread_from_outside() {
        assertNothingIsAllocatedByFreeOnes();
    }

    @Test
    void the_measurement_sees_a_single_object() {
        Semaphore semaphore = Semaphore.of(1);
        assertThat(AllocatedBytes.of(CALLS, () -> semaphore.hold().close())).isGreaterThan(0);
    }
}
