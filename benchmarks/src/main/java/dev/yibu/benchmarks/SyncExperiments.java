package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.benchmarks.Experiment.Turn;
import dev.yibu.benchmarks.Pipe.Traffic;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The experiments about tasks that work together: channels, queues, generators, bounded concurrency, locks. */
final class SyncExperiments {
    static final List<String> NAMES = List.of(
            "channel-buffered",
            "channel-rendezvous",
            "channel-many",
            "queue",
            "select",
            "ping-pong",
            "generator",
            "generator-in-step",
            "fan-out",
            "fan-out-yielding",
            "semaphore",
            "mutex");

    private static final int BUFFER = 64;

    /** As that of a generator by default. */
    private static final int GENERATOR_BUFFER = 128;

    private static final int ITEMS = 100_000;
    private static final int LIMIT = 100;
    private static final int FREE = 3_000_000;
    private static final int WARMUP = 5;
    private static final int ROUNDS = 15;

    private SyncExperiments() {}

    static Experiment named(String name) {
        return switch (name) {
            case "channel-buffered" ->
                buffered(name, new Traffic(1, 1, 400_000)).with(Peers.all("channel " + BUFFER));
            case "channel-many" -> buffered(name, new Traffic(8, 8, 400_000));
            case "channel-rendezvous" ->
                rendezvous(name, new Traffic(1, 1, 200_000))
                        .with(new Peers().trio("channel 0").go("channel 0"));
            case "queue" -> queue(name, new Traffic(1, 1, 400_000));
            case "select" -> select(name, new Traffic(1, 1, 200_000));
            case "ping-pong" -> pingPong(name, 50_000).with(Peers.all("ping-pong"));
            case "generator" -> generator(name, new Traffic(1, 1, 1_000_000)).with(Peers.all("generator"));
            case "generator-in-step" -> generatorInStep(name, new Traffic(1, 1, 50_000));
            case "fan-out" -> fanOut(name, Work::of, false).with(Peers.all("fan-out " + LIMIT));
            case "fan-out-yielding" -> fanOut(name, Work::yielding, true);
            case "semaphore" -> semaphore(name).with(Peers.all("semaphore"));
            case "mutex" -> mutex(name);
            default -> throw new IllegalArgumentException("no experiment: " + name);
        };
    }

    // ---------------------------------------------------------------- items that pass

    private static Experiment buffered(String name, Traffic traffic) {
        return items(
                name,
                onThreads("ArrayBlockingQueue", traffic, () -> JdkPipes.arrayBlockingQueue(BUFFER)),
                onThreads("LinkedBlockingQueue", traffic, () -> JdkPipes.linkedBlockingQueue(BUFFER)),
                onThreads("Jox", traffic, () -> Jox.buffered(BUFFER)),
                new Competitor("kotlinx", passing(traffic, () -> Kotlinx.buffered(BUFFER, traffic))),
                inTasks("Yibu", traffic, () -> YibuPipes.buffered(BUFFER)));
    }

    private static Experiment rendezvous(String name, Traffic traffic) {
        return items(
                name,
                onThreads("SynchronousQueue", traffic, JdkPipes::synchronousQueue),
                onThreads("Jox", traffic, Jox::rendezvous),
                new Competitor("kotlinx", passing(traffic, () -> Kotlinx.rendezvous(traffic))),
                inTasks("Yibu", traffic, YibuPipes::rendezvous));
    }

    private static Experiment queue(String name, Traffic traffic) {
        return items(
                name,
                onThreads("ArrayBlockingQueue", traffic, () -> JdkPipes.arrayBlockingQueue(BUFFER)),
                onThreads("LinkedBlockingQueue", traffic, () -> JdkPipes.linkedBlockingQueue(BUFFER)),
                inTasks("Yibu", traffic, () -> YibuPipes.queue(BUFFER)));
    }

    private static Experiment select(String name, Traffic traffic) {
        return items(
                name,
                onThreads("one ArrayBlockingQueue", traffic, () -> JdkPipes.arrayBlockingQueue(BUFFER)),
                onThreads("Jox", traffic, () -> Jox.selected(BUFFER)),
                new Competitor("kotlinx", passing(traffic, () -> Kotlinx.selected(BUFFER, traffic))),
                inTasks("Yibu", traffic, () -> YibuPipes.selected(BUFFER)));
    }

    /** There and back again: two tasks that wait for each other. */
    private static Experiment pingPong(String name, int count) {
        Traffic traffic = new Traffic(1, 1, count);
        return new Experiment(
                name,
                "round trip",
                WARMUP,
                ROUNDS,
                List.of(
                        onThreads("park and unpark", traffic, JdkPipes::parkPingPong),
                        onThreads("SynchronousQueue", traffic, JdkPipes::queuePingPong),
                        onThreads("Jox channel", traffic, Jox::pingPong),
                        new Competitor("kotlinx channel", passing(traffic, () -> Kotlinx.pingPong(traffic))),
                        inTasks("Yibu channel", traffic, YibuPipes::pingPong)));
    }

    private static Experiment generator(String name, Traffic traffic) {
        return items(
                name,
                onThreads("ArrayBlockingQueue", traffic, () -> JdkPipes.arrayBlockingQueue(GENERATOR_BUFFER)),
                onThreads("Jox channel", traffic, () -> Jox.buffered(GENERATOR_BUFFER)),
                new Competitor("kotlinx channel", passing(traffic, () -> Kotlinx.buffered(GENERATOR_BUFFER, traffic))),
                new Competitor("Yibu", TaskExperiments.inRun(passing(traffic, () -> YibuPipes.batched(traffic)))));
    }

    private static Experiment generatorInStep(String name, Traffic traffic) {
        return items(
                name,
                onThreads("park and unpark", traffic, JdkPipes::parkAndUnpark),
                onThreads("SynchronousQueue, one ahead", traffic, JdkPipes::synchronousQueue),
                new Competitor("Yibu", TaskExperiments.inRun(passing(traffic, () -> YibuPipes.inStep(traffic)))));
    }

    private static Experiment items(String name, Competitor... competitors) {
        return new Experiment(name, "item", WARMUP, ROUNDS, List.of(competitors));
    }

    private static Competitor onThreads(String name, Traffic traffic, Supplier<Pipe> pipes) {
        return new Competitor(name, passing(traffic, () -> Pipe.onThreads(pipes, traffic)));
    }

    private static Competitor inTasks(String name, Traffic traffic, Supplier<Pipe> pipes) {
        return new Competitor(name, TaskExperiments.inRun(passing(traffic, () -> Pipe.inTasks(pipes, traffic))));
    }

    private static Turn passing(Traffic traffic, Cost.Action action) {
        return () -> Cost.of(traffic.count(), action);
    }

    // ---------------------------------------------------------------- so many at a time

    private interface Limited {
        List<Integer> of(List<Integer> items, int limit, UnaryOperator<Integer> work) throws Exception;
    }

    private static Experiment fanOut(String name, UnaryOperator<Integer> work, boolean yielding) {
        List<Integer> items = Work.items(ITEMS);
        return new Experiment(
                name,
                "item",
                WARMUP,
                ROUNDS,
                List.of(
                        new Competitor("thread each, j.u.c. Semaphore", limited(items, work, JdkPipes::threadEach)),
                        new Competitor("Reactor flatMap", limited(items, work, Reactor::limited)),
                        new Competitor("Jox parLimit", limited(items, work, Jox::parLimit)),
                        new Competitor(
                                "kotlinx coroutine each, its Semaphore",
                                limited(items, work, (all, limit, _) -> Kotlinx.coroutineEach(all, limit, yielding))),
                        new Competitor(
                                "Yibu task each, its Semaphore",
                                TaskExperiments.inRun(limited(items, work, YibuPipes::taskEach))),
                        new Competitor(
                                "Yibu mapConcurrent",
                                TaskExperiments.inRun(limited(items, work, YibuPipes::mapConcurrent)))));
    }

    private static Turn limited(List<Integer> items, UnaryOperator<Integer> work, Limited limited) {
        return () -> Cost.of(items.size(), () -> Work.check(items, limited.of(items, LIMIT, work)));
    }

    // ---------------------------------------------------------------- what is free

    private static Experiment semaphore(String name) {
        return new Experiment(
                name,
                "pair of acquire and release",
                WARMUP,
                ROUNDS,
                List.of(
                        new Competitor("j.u.c. Semaphore", free(JdkPipes::semaphore)),
                        new Competitor("kotlinx", free(Kotlinx::semaphore)),
                        new Competitor("Yibu", TaskExperiments.inRun(free(YibuPipes::semaphore)))));
    }

    private static Experiment mutex(String name) {
        return new Experiment(
                name,
                "pair of acquire and release",
                WARMUP,
                ROUNDS,
                List.of(
                        new Competitor("ReentrantLock", free(JdkPipes::lock)),
                        new Competitor("kotlinx", free(Kotlinx::mutex)),
                        new Competitor("Yibu", TaskExperiments.inRun(free(YibuPipes::mutex)))));
    }

    private static Turn free(TaskExperiments.Repeated repeated) {
        return () -> Cost.of(FREE, () -> repeated.times(FREE));
    }
}
