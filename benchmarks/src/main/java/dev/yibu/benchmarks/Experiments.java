package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.benchmarks.Experiment.Turn;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;

/** The experiments that {@link Compare} knows. */
final class Experiments {
    private static final List<String> OWN = List.of(
            "gather-1",
            "gather-10",
            "gather-1000",
            "gather-1000000",
            "sleep",
            "timeout",
            "timeout-busy",
            "timer",
            "timer-busy",
            "cancel");

    static final List<String> NAMES = Stream.of(
                    OWN, SyncExperiments.NAMES, FileExperiments.NAMES, SharedExperiments.NAMES)
            .flatMap(List::stream)
            .toList();

    static final int SLEEPERS = 1_000_000;

    private static final int CANCELLED = 100_000;

    /** What a turn repeats: about 0.1 s of work. */
    private static final int CHEAP = 500_000;

    private static final int WITH_A_THREAD = 30_000;

    /** Other timers that are pending meanwhile and due earlier, as those of many requests in flight. */
    private static final int PENDING = 1_000;

    private Experiments() {}

    static Experiment named(String name) throws IOException {
        return switch (name) {
            case "gather-1" -> gather(name, 1, 50_000, 8, 21);
            case "gather-10" -> gather(name, 10, 15_000, 8, 21);
            case "gather-1000" -> gather(name, 1_000, 200, 8, 21);
            case "gather-1000000" -> gather(name, 1_000_000, 1, 3, 11);
            case "sleep" -> sleep();
            case "timeout" -> timeout(name, 0);
            case "timeout-busy" -> timeout(name, PENDING);
            case "timer" -> timer(name, 0);
            case "timer-busy" -> timer(name, PENDING);
            case "cancel" -> cancel();
            default -> {
                if (FileExperiments.NAMES.contains(name)) {
                    yield FileExperiments.named(name);
                }
                yield SharedExperiments.NAMES.contains(name)
                        ? SharedExperiments.named(name)
                        : SyncExperiments.named(name);
            }
        };
    }

    private interface Gather {
        List<Integer> of(List<Integer> items) throws Exception;
    }

    private static Experiment gather(String name, int size, int repeats, int warmup, int rounds) {
        List<Integer> items = Work.items(size);
        return new Experiment(
                name,
                "task",
                warmup,
                rounds,
                List.of(
                        new Competitor("raw virtual threads", gathers(items, repeats, RawThreads::gather)),
                        new Competitor("StructuredTaskScope", gathers(items, repeats, Structured::gather)),
                        new Competitor("Yibu", inRun(gathers(items, repeats, YibuTasks::gather)))));
    }

    private static Turn gathers(List<Integer> items, int repeats, Gather gather) {
        return () -> Cost.of((long) items.size() * repeats, () -> {
            for (int i = 0; i < repeats; i++) {
                Work.check(items, gather.of(items));
            }
        });
    }

    private static Experiment sleep() {
        List<Integer> items = Work.items(SLEEPERS);
        return new Experiment(
                "sleep",
                "run",
                2,
                9,
                List.of(
                        new Competitor("Thread.sleep", once(() -> RawThreads.sleep(items, Work.SECOND))),
                        new Competitor("StructuredTaskScope", once(() -> Structured.sleep(items, Work.SECOND))),
                        new Competitor("Yibu", inRun(once(() -> YibuTasks.sleep(items, Work.SECOND))))));
    }

    private static Turn once(Cost.Action action) {
        return () -> Cost.of(1, action);
    }

    private interface Limited {
        Integer of(Integer item) throws Exception;
    }

    private static Experiment timeout(String name, int pending) {
        ScheduledInterrupt removing = new ScheduledInterrupt(ScheduledInterrupt.removingScheduler());
        ScheduledInterrupt forkJoin = new ScheduledInterrupt(ForkJoinPool.commonPool());
        return new Experiment(
                name,
                "timeout",
                8,
                21,
                List.of(
                        new Competitor("raw virtual thread, timed join", timeouts(WITH_A_THREAD, RawThreads::timeout)),
                        new Competitor("StructuredTaskScope withTimeout", timeouts(WITH_A_THREAD, Structured::timeout)),
                        new Competitor(
                                "removing ScheduledThreadPoolExecutor",
                                among(pending, removing::occupy, timeouts(CHEAP, removing::timeout))),
                        new Competitor(
                                "ForkJoinPool.schedule",
                                among(pending, forkJoin::occupy, timeouts(CHEAP, forkJoin::timeout))),
                        new Competitor(
                                "Yibu",
                                among(pending, YibuTasks::occupyTimers, inRun(timeouts(CHEAP, YibuTasks::timeout))))));
    }

    private static Turn among(int pending, Timers.Source source, Turn turn) {
        return () -> {
            try (Timers _ = source.occupy(pending)) {
                return turn.take();
            }
        };
    }

    private static Turn timeouts(int count, Limited limited) {
        List<Integer> items = Work.items(1_000);
        return () -> Cost.of(count, () -> {
            for (int i = 0; i < count; i++) {
                Integer item = items.get(i % 1_000);
                if (limited.of(item) != item) {
                    throw new AssertionError("a result was lost");
                }
            }
        });
    }

    private static Experiment timer(String name, int pending) {
        ScheduledInterrupt removing = new ScheduledInterrupt(ScheduledInterrupt.removingScheduler());
        ScheduledInterrupt forkJoin = new ScheduledInterrupt(ForkJoinPool.commonPool());
        return new Experiment(
                name,
                "timer",
                8,
                21,
                List.of(
                        new Competitor(
                                "raw virtual thread, interrupted",
                                timers(WITH_A_THREAD, RawThreads::setAndCancelTimer)),
                        new Competitor(
                                "removing ScheduledThreadPoolExecutor",
                                among(pending, removing::occupy, timers(CHEAP, removing::setAndCancelTimer))),
                        new Competitor(
                                "ForkJoinPool.schedule",
                                among(pending, forkJoin::occupy, timers(CHEAP, forkJoin::setAndCancelTimer))),
                        new Competitor(
                                "Yibu",
                                among(pending, YibuTasks::occupyTimers, timers(CHEAP, YibuTasks::setAndCancelTimer)))));
    }

    private static Turn timers(int count, Cost.Action setAndCancel) {
        return () -> Cost.of(count, () -> {
            for (int i = 0; i < count; i++) {
                setAndCancel.run();
            }
        });
    }

    private static Experiment cancel() {
        return new Experiment(
                "cancel",
                "task",
                3,
                15,
                List.of(
                        new Competitor("interrupt + join", cancels(RawThreads::sleepers)),
                        new Competitor("StructuredTaskScope", cancels(Structured::sleepers)),
                        new Competitor("Yibu", cancels(YibuTasks::sleepers))));
    }

    /** Starts sleepers. */
    interface Lullaby {
        Sleepers sing(int count) throws Exception;
    }

    private static Turn cancels(Lullaby lullaby) {
        return () -> {
            Sleepers sleepers = lullaby.sing(CANCELLED);
            return Cost.of(CANCELLED, sleepers::cancelAndJoin);
        };
    }

    /** Yibu's turns are inside a run, as a program is. */
    static Turn inRun(Turn turn) {
        return () -> Async.<Cost, Exception>run(turn::take);
    }
}
