package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.benchmarks.Experiment.Turn;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** What it would bring if tasks of one gather shared a thread, when none of them waits, when some do, when all do, and
 * when each has to wait for longer than the others take. */
final class SharedExperiments {
    static final List<String> NAMES =
            List.of("shared-none-waits", "shared-some-yield", "shared-all-yield", "shared-all-sleep");

    private static final int TASKS = 1_000;
    private static final int REPEATS = 200;
    private static final int SOME = 10;

    private SharedExperiments() {}

    static Experiment named(String name) {
        return switch (name) {
            case "shared-none-waits" -> gather(name, Work::of);
            case "shared-some-yield" -> gather(name, item -> item % SOME == 0 ? Work.yielding(item) : item);
            case "shared-all-yield" -> gather(name, Work::yielding);
            case "shared-all-sleep" -> gather(name, SharedExperiments::sleeping);
            default -> throw new IllegalArgumentException("no experiment: " + name);
        };
    }

    private static Integer sleeping(Integer item) {
        LockSupport.parkNanos(1_000_000);
        return item;
    }

    private static Experiment gather(String name, UnaryOperator<Integer> work) {
        List<Integer> items = Work.items(TASKS);
        return new Experiment(
                name,
                "task",
                8,
                21,
                List.of(
                        new Competitor("raw virtual threads", gathers(() -> RawThreads.gather(items, work), items)),
                        new Competitor("shared threads", gathers(() -> SharedThreads.gather(items, work), items)),
                        new Competitor(
                                "Yibu",
                                TaskExperiments.inRun(gathers(() -> Async.gather(items, work::apply), items)))));
    }

    private interface Gather {
        List<Integer> results();
    }

    private static Turn gathers(Gather gather, List<Integer> items) {
        return () -> Cost.of((long) TASKS * REPEATS, () -> {
            for (int i = 0; i < REPEATS; i++) {
                Work.check(items, gather.results());
            }
        });
    }
}
