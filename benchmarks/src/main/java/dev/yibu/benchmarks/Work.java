package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** What the tasks of every competitor do. */
final class Work {
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Duration HOUR = Duration.ofHours(1);

    /** A limit that never fires, later than {@link #HOUR}, so that it is not the next timer due. */
    static final Duration TWO_HOURS = Duration.ofHours(2);

    private Work() {}

    /** The cheapest task that has a result: what is measured is everything around it. */
    static Integer of(Integer item) {
        return item;
    }

    /** As {@link #of}, but lets others run in between: meanwhile it has its permit. */
    @SuppressWarnings("ThreadPriorityCheck")
    static Integer yielding(Integer item) {
        Thread.yield();
        return item;
    }

    /** Boxed beforehand, so that no competitor pays for it. */
    static List<Integer> items(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** Fails unless a competitor delivered all results. */
    static void check(List<Integer> items, List<Integer> results) {
        int last = items.size() - 1;
        if (results.size() != items.size() || !results.get(last).equals(items.get(last))) {
            throw new AssertionError("results were lost");
        }
    }
}
