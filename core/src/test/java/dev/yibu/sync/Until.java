package dev.yibu.sync;

import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Action;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** Waits of tests for a state. Time passes in sleeps only, so it may be virtual. */
final class Until {
    static final Duration LONG = Duration.ofHours(1);

    private Until() {}

    static void holds(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            sleep(Duration.ofMillis(1));
        }
    }

    static void getters(Queue<?> queue, int count) {
        holds(() -> queue.statistics().waitingGetters() == count);
    }

    static void putters(Queue<?> queue, int count) {
        holds(() -> queue.statistics().waitingPutters() == count);
    }

    static void receivers(Channel<?> channel, int count) {
        holds(() -> channel.statistics().waitingReceivers() == count);
    }

    static void senders(Channel<?> channel, int count) {
        holds(() -> channel.statistics().waitingSenders() == count);
    }

    static void waiting(IntSupplier waiters, int count) {
        holds(() -> waiters.getAsInt() == count);
    }

    /** Cancels a wait once it has begun. */
    static void cancelledWhileItWaits(Action<RuntimeException> wait, IntSupplier waiters) {
        TaskGroup.run(group -> {
            Task<?> waiter = group.start(() -> wait.run());
            waiting(waiters, 1);
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class);
        });
    }

    /** The time of the calling task, which may be virtual. */
    static long nanoTime() {
        return Strand.current().driver().nanoTime();
    }

    /** Whether a checkpoint throws {@link Cancelled}, which the caller then drops. */
    static boolean isCancelledAt(Action<RuntimeException> checkpoint) {
        try {
            checkpoint.run();
            return false;
        } catch (Cancelled expected) {
            return true;
        }
    }
}
