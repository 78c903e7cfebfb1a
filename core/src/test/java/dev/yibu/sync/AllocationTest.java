package dev.yibu.sync;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is free costs no allocation: on a platform thread, whose allocations the JVM counts. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocatedBy(Runnable operation) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 2_000; i++) {
            operation.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** The JVM itself allocates now and then, as when it links a call; what an operation allocates is there each time. */
    private static void assertAllocatesNothing(Runnable operation) {
        assertThat(LongStream.generate(() -> allocatedBy(operation)).limit(10).min())
                .hasValue(0);
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
        assertThat(allocatedBy(() -> semaphore.hold().close())).isGreaterThan(0);
    }
}
