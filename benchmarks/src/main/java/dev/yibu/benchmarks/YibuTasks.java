package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;

/** Yibu, inside a {@code run} that began before the measurement, as in a program. */
final class YibuTasks {
    private YibuTasks() {}

    static List<Integer> gather(List<Integer> items) {
        return Async.gather(items, Work::of);
    }

    static List<Integer> group(List<Integer> items) {
        List<Task<Integer>> tasks = new ArrayList<>(items.size());
        TaskGroup.run(group -> {
            for (Integer item : items) {
                tasks.add(group.start(() -> Work.of(item)));
            }
        });
        List<Integer> results = new ArrayList<>(items.size());
        for (Task<Integer> task : tasks) {
            results.add(task.resultNow());
        }
        return results;
    }

    static void sleep(List<Integer> items, Duration duration) {
        Async.forEach(items, _ -> Async.sleep(duration));
    }

    static Integer timeout(Integer item) {
        return Async.timeout(Work.TWO_HOURS, () -> Work.of(item));
    }

    static void setAndCancelTimer() {
        Driver driver = Driver.real();
        Timer timer = new Nothing();
        driver.schedule(timer, driver.nanoTime() + Work.TWO_HOURS.toNanos());
        driver.cancel(timer);
    }

    /** Has so many timers pending, each for an hour, until the result is closed. */
    static Timers occupyTimers(int count) {
        Driver driver = Driver.real();
        List<Timer> pending = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Timer timer = new Nothing();
            driver.schedule(timer, driver.nanoTime() + Work.HOUR.toNanos());
            pending.add(timer);
        }
        return () -> pending.forEach(driver::cancel);
    }

    private static final class Nothing extends Timer {
        @Override
        protected void expire() {}
    }

    static Sleepers sleepers(int count) throws InterruptedException {
        List<Integer> items = Work.items(count);
        Countdown begun = new Countdown(count);
        BlockingQueue<Task<?>> started = new ArrayBlockingQueue<>(1);
        Thread program = Thread.startVirtualThread(() -> Async.run(() -> {
            Task<?> all = Async.createTask(() -> Async.forEach(items, _ -> {
                begun.countDown();
                Async.sleep(Work.HOUR);
            }));
            started.add(all);
            try {
                all.await();
            } catch (CancellationException e) {
                // the end that was asked for
            }
        }));
        Task<?> all = started.take();
        Sleepers.awaitAsleep(begun);
        return () -> {
            all.cancel();
            program.join();
        };
    }
}
