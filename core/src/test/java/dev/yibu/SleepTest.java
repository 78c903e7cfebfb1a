package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SleepTest {
    @Test
    void a_sleep_is_never_early() {
        Queue<Long> early = new ConcurrentLinkedQueue<>();
        forEach(IntStream.range(0, 2_000).boxed().toList(), i -> {
            long nanos = 1L << (i % 24);
            long start = System.nanoTime();
            sleep(Duration.ofNanos(nanos));
            if (System.nanoTime() - start < nanos) {
                early.add(nanos);
            }
        });

        assertThat(early).isEmpty();
    }

    @Test
    void a_sleep_saturates() {
        TaskGroup.run(group -> {
            for (Duration endless : List.of(
                    ChronoUnit.FOREVER.getDuration(), Duration.ofNanos(Long.MAX_VALUE), Duration.ofDays(200 * 366))) {
                group.start("sleeper of " + endless, () -> sleep(endless));
                Polling.untilWaiting("sleeper of " + endless);
            }
            sleep(Duration.ofMillis(20));
            assertThat(group.tasks()).hasSize(3);
            group.cancel("enough");
        });
    }

    @Test
    void a_sleep_of_zero_is_a_checkpoint() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        run(() -> {
            sleep(Duration.ZERO);
            Task<?> task = createTask(() -> {
                currentTask().cancel("enough");
                met.set(catchThrowable(() -> sleep(Duration.ZERO)));
            });
            assertThat(catchThrowable(task::await)).isNull();
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
    }

    @Test
    void a_cancelled_sleeper_ends_at_once_and_a_cancelled_scope_lets_nobody_fall_asleep() {
        run(() -> {
            Task<?> task = createTask("sleeper", () -> sleep(Duration.ofHours(1)));
            Polling.untilWaiting("sleeper");
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });
    }
}
