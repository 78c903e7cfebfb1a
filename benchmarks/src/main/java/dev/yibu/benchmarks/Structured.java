package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;

/** The JDK's own structured concurrency, a preview. */
final class Structured {
    private Structured() {}

    static List<Integer> gather(List<Integer> items) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>allSuccessfulOrThrow())) {
            for (Integer item : items) {
                scope.fork(() -> Work.of(item));
            }
            return scope.join().map(Subtask::get).toList();
        }
    }

    static List<Integer> group(List<Integer> items) throws InterruptedException {
        List<Subtask<Integer>> subtasks = new ArrayList<>(items.size());
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            for (Integer item : items) {
                subtasks.add(scope.fork(() -> Work.of(item)));
            }
            scope.join();
        }
        List<Integer> results = new ArrayList<>(items.size());
        for (Subtask<Integer> subtask : subtasks) {
            results.add(subtask.get());
        }
        return results;
    }

    static void sleep(List<Integer> items, Duration duration) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            for (Integer item : items) {
                scope.fork(() -> {
                    Thread.sleep(duration);
                    return item;
                });
            }
            scope.join();
        }
    }

    /** A scope with a timeout needs a fork: it limits its join, not the code of its owner. */
    static Integer timeout(Integer item) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(
                Joiner.<Integer>awaitAllSuccessfulOrThrow(), options -> options.withTimeout(Work.TWO_HOURS))) {
            Subtask<Integer> result = scope.fork(() -> Work.of(item));
            scope.join();
            return result.get();
        }
    }

    /** A scope that the first success ends, and that only {@code cancelAndJoin} brings. */
    @SuppressWarnings("try") // closed by cancelAndJoin, in the same thread
    static Sleepers sleepers(int count) throws InterruptedException {
        Countdown begun = new Countdown(count);
        var scope = StructuredTaskScope.open(Joiner.<Integer>anySuccessfulResultOrThrow());
        for (int i = 0; i < count; i++) {
            scope.fork(() -> {
                begun.countDown();
                Thread.sleep(Work.HOUR);
                return 0;
            });
        }
        Sleepers.awaitAsleep(begun);
        return () -> {
            scope.fork(() -> 1);
            scope.join();
            scope.close();
        };
    }
}
