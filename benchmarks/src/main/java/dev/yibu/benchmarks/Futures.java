package dev.yibu.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code CompletableFuture} on the common pool, which has a thread for each processor: its tasks must not wait. */
final class Futures {
    private Futures() {}

    static List<Integer> gather(List<Integer> items) {
        List<CompletableFuture<Integer>> futures = new ArrayList<>(items.size());
        for (Integer item : items) {
            futures.add(CompletableFuture.supplyAsync(() -> Work.of(item)));
        }
        CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
        List<Integer> results = new ArrayList<>(items.size());
        for (CompletableFuture<Integer> future : futures) {
            results.add(future.resultNow());
        }
        return results;
    }

    /** The work moves to another thread; the limit ends the wait for it, not the work. */
    static Integer timeout(Integer item) {
        return CompletableFuture.supplyAsync(() -> Work.of(item))
                .orTimeout(Work.TWO_HOURS.toNanos(), TimeUnit.NANOSECONDS)
                .join();
    }
}
