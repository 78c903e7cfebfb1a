package dev.yibu.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The JDK's executor that starts a virtual thread for each task. */
final class PerTaskExecutor {
    private PerTaskExecutor() {}

    static List<Integer> gather(List<Integer> items) throws Exception {
        List<Callable<Integer>> calls = new ArrayList<>(items.size());
        for (Integer item : items) {
            calls.add(() -> Work.of(item));
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            return results(executor.invokeAll(calls));
        }
    }

    static List<Integer> group(List<Integer> items) {
        List<Future<Integer>> futures = new ArrayList<>(items.size());
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Integer item : items) {
                futures.add(executor.submit(() -> Work.of(item)));
            }
        }
        return results(futures);
    }

    private static List<Integer> results(List<Future<Integer>> futures) {
        List<Integer> results = new ArrayList<>(futures.size());
        for (Future<Integer> future : futures) {
            results.add(future.resultNow());
        }
        return results;
    }

    static Sleepers sleepers(int count) throws InterruptedException {
        Countdown begun = new Countdown(count);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < count; i++) {
            executor.submit(() -> {
                begun.countDown();
                Thread.sleep(Work.HOUR);
                return null;
            });
        }
        Sleepers.awaitAsleep(begun);
        return () -> {
            executor.shutdownNow();
            executor.close();
        };
    }
}
