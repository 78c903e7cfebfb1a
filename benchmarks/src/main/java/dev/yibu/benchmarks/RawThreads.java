package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The floor: virtual threads that are started, counted down and joined with one wake-up. A failure in one of them would be
 * lost, and nothing could be cancelled, save by {@link #sleepers}.
 */
final class RawThreads {
    private RawThreads() {}

    static List<Integer> gather(List<Integer> items) {
        return gather(items, Work::of);
    }

    static List<Integer> gather(List<Integer> items, UnaryOperator<Integer> work) {
        Integer[] results = new Integer[items.size()];
        Countdown running = new Countdown(results.length);
        int next = 0;
        for (Integer item : items) {
            int index = next++;
            Thread.startVirtualThread(() -> {
                results[index] = work.apply(item);
                running.countDown();
            });
        }
        running.await();
        return Arrays.asList(results);
    }

    static void sleep(List<Integer> items, Duration duration) {
        Countdown running = new Countdown(items.size());
        for (Integer _ : items) {
            Thread.startVirtualThread(() -> {
                sleepUnlessInterrupted(duration);
                running.countDown();
            });
        }
        running.await();
    }

    /** A thread for the limited work, joined with a time limit. */
    static Integer timeout(Integer item) throws InterruptedException {
        Integer[] result = new Integer[1];
        Thread worker = Thread.startVirtualThread(() -> result[0] = Work.of(item));
        if (!worker.join(Work.TWO_HOURS)) {
            worker.interrupt();
        }
        return result[0];
    }

    /** A thread that is the timer. */
    static void setAndCancelTimer() throws InterruptedException {
        Thread timer = Thread.startVirtualThread(() -> sleepUnlessInterrupted(Work.TWO_HOURS));
        timer.interrupt();
        timer.join();
    }

    static Sleepers sleepers(int count) throws InterruptedException {
        Thread[] threads = new Thread[count];
        Countdown begun = new Countdown(count);
        Countdown running = new Countdown(count);
        for (int i = 0; i < count; i++) {
            threads[i] = Thread.startVirtualThread(() -> {
                begun.countDown();
                sleepUnlessInterrupted(Work.HOUR);
                running.countDown();
            });
        }
        Sleepers.awaitAsleep(begun);
        return () -> {
            for (Thread thread : threads) {
                thread.interrupt();
            }
            running.await();
        };
    }

    private static void sleepUnlessInterrupted(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            // the end that was asked for
        }
    }
}
