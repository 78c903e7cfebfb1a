package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.benchmarks.Experiment.Turn;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** The experiments about tasks and timers. */
final class TaskExperiments {
    static final List<String> NAMES = List.of(
            "gather-1",
            "gather-10",
            "gather-1000",
            "gather-1000000",
            "group",
            "sleep",
            "sleep-100000",
            "heap",
            "timeout",
            "timeout-busy",
            "timer",
            "timer-busy",
            "cancel",
            "context");

    private static final int CANCELLED = 100_000;

    /** What a turn repeats: about 0.1 s of work. */
    private static final int CHEAP = 500_000;

    private static final int WITH_A_THREAD = 30_000;
    private static final int FEW = 5_000;

    private static final int READS = 5_000_000;

    /** Other timers that are pending meanwhile and due earlier, as those of many requests in flight. */
    private static final int PENDING = 1_000;

    private TaskExperiments() {}

    static Experiment named(String name) {
        return switch (name) {
            case "gather-1" -> gather(name, 1, 50_000, 8, 21).with(Peers.all("gather 1"));
            case "gather-10" -> gather(name, 10, 15_000, 8, 21).with(Peers.all("gather 10"));
            case "gather-1000" -> gather(name, 1_000, 200, 8, 21).with(Peers.all("gather 1000"));
            case "gather-1000000" -> gather(name, 1_000_000, 1, 3, 11).with(new Peers().go("gather 1000000"));
            case "group" -> group(name);
            case "sleep" -> sleep(name, 1_000_000);
            case "sleep-100000" -> sleep(name, 100_000).with(Peers.all("sleep 100000"));
            case "heap" -> heap(name);
            case "timeout" -> timeout(name, 0).with(Peers.all("timeout"));
            case "timeout-busy" -> timeout(name, PENDING);
            case "timer" -> timer(name, 0);
            case "timer-busy" -> timer(name, PENDING);
            case "cancel" -> cancel(name);
            case "context" -> context(name);
            default -> throw new IllegalArgumentException("no experiment: " + name);
        };
    }

    interface Gather {
        List<Integer> of(List<Integer> items) throws Exception;
    }

    private static Experiment gather(String name, int size, int repeats, int warmup, int rounds) {
        List<Integer> items = Work.items(size);
        int fewer = Math.max(1, repeats / 5); // for those that take several times as long
        return new Experiment(
                name,
                "task",
                warmup,
                rounds,
                List.of(
                        new Competitor("raw virtual threads", gathers(items, repeats, RawThreads::gather)),
                        new Competitor("executor, a thread per task", gathers(items, fewer, PerTaskExecutor::gather)),
                        new Competitor("StructuredTaskScope", gathers(items, repeats, Structured::gather)),
                        new Competitor("CompletableFuture", gathers(items, fewer, Futures::gather)),
                        new Competitor("Reactor", gathers(items, fewer, Reactor::gather)),
                        new Competitor("Jox", gathers(items, fewer, JoxTasks::gather)),
                        new Competitor("kotlinx", gathers(items, fewer, KotlinxTasks::gather)),
                        new Competitor("Yibu", inRun(gathers(items, repeats, YibuTasks::gather)))));
    }

    /** As a gather, but each task is started by a call of its own, which gives a handle. */
    private static Experiment group(String name) {
        List<Integer> items = Work.items(1_000);
        int repeats = 200;
        return new Experiment(
                        name,
                        "task",
                        8,
                        21,
                        List.of(
                                new Competitor("raw virtual threads", gathers(items, repeats, RawThreads::gather)),
                                new Competitor(
                                        "executor, a thread per task", gathers(items, repeats, PerTaskExecutor::group)),
                                new Competitor("StructuredTaskScope", gathers(items, repeats, Structured::group)),
                                new Competitor("Jox", gathers(items, repeats, JoxTasks::group)),
                                new Competitor("kotlinx", gathers(items, repeats, KotlinxTasks::gather)),
                                new Competitor("Yibu", inRun(gathers(items, repeats, YibuTasks::group)))))
                .with(Peers.all("group 1000"));
    }

    static Turn gathers(List<Integer> items, int repeats, Gather gather) {
        return () -> Cost.of((long) items.size() * repeats, () -> {
            for (int i = 0; i < repeats; i++) {
                Work.check(items, gather.of(items));
            }
        });
    }

    private static Experiment sleep(String name, int count) {
        List<Integer> items = Work.items(count);
        return new Experiment(
                name,
                "run",
                2,
                9,
                List.of(
                        new Competitor("Thread.sleep", once(() -> RawThreads.sleep(items, Work.SECOND))),
                        new Competitor("StructuredTaskScope", once(() -> Structured.sleep(items, Work.SECOND))),
                        new Competitor("Reactor", once(() -> Reactor.sleep(items, Work.SECOND))),
                        new Competitor("kotlinx", once(() -> KotlinxTasks.sleep(items, Work.SECOND))),
                        new Competitor("Yibu", inRun(once(() -> YibuTasks.sleep(items, Work.SECOND))))));
    }

    /** The heap that sleeping tasks keep alive. It hardly differs from round to round. */
    private static Experiment heap(String name) {
        return new Experiment(
                name,
                Measure.LIVE_HEAP,
                "sleeping task",
                0,
                1,
                List.of(
                        new Competitor("raw virtual threads", LiveHeap.of(RawThreads::sleepers)),
                        new Competitor("StructuredTaskScope", LiveHeap.of(Structured::sleepers)),
                        new Competitor("kotlinx", LiveHeap.of(KotlinxTasks::sleepers)),
                        new Competitor("Yibu", LiveHeap.of(YibuTasks::sleepers))),
                List.of(),
                List.of());
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
                        new Competitor("CompletableFuture.orTimeout", timeouts(WITH_A_THREAD, Futures::timeout)),
                        new Competitor("Reactor", timeouts(WITH_A_THREAD, Reactor::timeout)),
                        new Competitor("Jox", timeouts(FEW, JoxTasks::timeout)),
                        new Competitor("kotlinx", () -> Cost.of(CHEAP, () -> KotlinxTasks.timeouts(CHEAP))),
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

    private static Experiment cancel(String name) {
        return new Experiment(
                        name,
                        "task",
                        3,
                        15,
                        List.of(
                                new Competitor("interrupt + join", cancels(RawThreads::sleepers)),
                                new Competitor("executor, shutdownNow", cancels(PerTaskExecutor::sleepers)),
                                new Competitor("StructuredTaskScope", cancels(Structured::sleepers)),
                                new Competitor("kotlinx", cancels(KotlinxTasks::sleepers)),
                                new Competitor("Yibu", cancels(YibuTasks::sleepers))))
                .with(Peers.all("cancel 10000"));
    }

    private static Experiment context(String name) {
        return new Experiment(
                        name,
                        "read",
                        5,
                        15,
                        List.of(
                                new Competitor("ThreadLocal", reads(ContextReads::threadLocal)),
                                new Competitor("ScopedValue", reads(ContextReads::scopedValue)),
                                new Competitor("Yibu ContextVar", inRun(reads(ContextReads::contextVar)))))
                .with(Peers.all("context"));
    }

    private static Turn reads(Repeated repeated) {
        return () -> Cost.of(READS, () -> repeated.times(READS));
    }

    interface Repeated {
        void times(int count) throws Exception;
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
