package dev.yibu.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** How a time limit is usually made by hand: a scheduled interrupt that is cancelled when the work is done. */
final class ScheduledInterrupt {
    private final ScheduledExecutorService scheduler;

    ScheduledInterrupt(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /** One daemon thread; a cancelled task leaves the queue at once. */
    static ScheduledExecutorService removingScheduler() {
        var scheduler = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("scheduler").factory());
        scheduler.setRemoveOnCancelPolicy(true);
        return scheduler;
    }

    Integer timeout(Integer item) {
        Future<?> interrupt = schedule(Thread.currentThread());
        try {
            return Work.of(item);
        } finally {
            interrupt.cancel(false);
        }
    }

    void setAndCancelTimer() {
        schedule(Thread.currentThread()).cancel(false);
    }

    private Future<?> schedule(Thread thread) {
        return scheduler.schedule(thread::interrupt, Work.TWO_HOURS.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Has so many timers pending, each for an hour, until the result is closed. */
    Timers occupy(int count) {
        List<Future<?>> pending = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pending.add(scheduler.schedule(() -> {}, Work.HOUR.toNanos(), TimeUnit.NANOSECONDS));
        }
        return () -> pending.forEach(timer -> timer.cancel(false));
    }
}
