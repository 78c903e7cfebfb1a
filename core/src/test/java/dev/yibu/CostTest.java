package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.CountingDriver;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operations cost, in what can be counted without a clock: threads, wake-ups, timers, bytes. */
@Timeout(60)
class CostTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

    private final CountingDriver driver = new CountingDriver();
    private final Strand strand = new Strand(driver, null, Context.EMPTY);

    private void counted(Action<RuntimeException> body) {
        strand.<Object, RuntimeException>runAsRoot(() -> {
            body.run();
            return true;
        });
    }

    /** Of a call, once it is warm. */
    private static long bytesOf(Runnable operation) {
        AllocatedBytes.of(2_000, operation);
        return AllocatedBytes.leastOf(100, operation) / 100;
    }

    // ---------------------------------------------------------------- threads

    @Test
    void timeouts_and_shields_start_no_thread() {
        counted(() -> {
            timeout(LONG, () -> checkpoint());
            assertThat(moveOnAfter(LONG, () -> checkpoint())).isTrue();
            assertThat(moveOnAfter(Duration.ofNanos(1), () -> sleep(LONG))).isFalse();
            shield(LONG, () -> checkpoint());
            sleep(Duration.ofNanos(1));
            using(() -> 1, _ -> {}, _ -> 2);
        });
        assertThat(driver.starts).hasValue(0);
    }

    @Test
    void a_task_is_one_thread() {
        counted(() -> gather(HUNDRED, i -> i));
        assertThat(driver.starts).hasValue(100);
    }

    @Test
    void a_bounded_map_of_a_hundred_items_starts_no_more_threads_than_its_limit() {
        counted(() -> mapConcurrent(HUNDRED, 7, i -> {
            sleep(Duration.ofNanos(1));
            return i;
        }));
        assertThat(driver.starts.get()).isBetween(1, 7);
    }

    // ---------------------------------------------------------------- wake-ups

    @Test
    void who_gathers_is_woken_once_however_many_tasks_end() {
        CountDownLatch goes = new CountDownLatch(1);
        Thread opener = Thread.ofVirtual().start(() -> {
            while (strand.thread() == null || strand.thread().getState() != Thread.State.WAITING) {
                Thread.onSpinWait(); // until it waits for its tasks
            }
            goes.countDown();
        });
        counted(() -> gather(HUNDRED, i -> {
            try {
                goes.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return i;
        }));
        assertThat(driver.wakeUpsOf(strand)).isEqualTo(1);
        assertThat(opener).isNotNull();
    }

    // ---------------------------------------------------------------- timers

    @Test
    void timeouts_one_after_the_other_share_a_timer() {
        counted(() -> {
            for (int i = 0; i < 10; i++) {
                timeout(LONG, () -> checkpoint());
            }
        });
        assertThat(driver.timers).hasValue(1);
    }

    // ---------------------------------------------------------------- bytes; on a platform thread, where the JVM
    // counts

    @Test
    void a_timeout_allocates_its_scope_and_little_else() {
        run(() -> assertThat(bytesOf(() -> timeout(LONG, () -> checkpoint()))).isBetween(1L, 160L));
    }

    @Test
    void a_checkpoint_and_a_shield_of_no_grace_allocate_little() {
        run(() -> {
            assertThat(AllocatedBytes.leastOf(2_000, Async::checkpoint)).isZero();
            assertThat(bytesOf(() -> shield(LONG, () -> {}))).isBetween(1L, 160L);
        });
    }
}
