package dev.yibu.testkit;

import dev.yibu.Action;
import dev.yibu.testkit.Simulation.Run;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a piece of asynchronous code in simulated worlds, under many schedules, until one of them fails. What the
 * annotations do for tests of JUnit, this does everywhere else.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=exploration}
 *
 * <p><b>A world.</b> Tasks run one at a time. Whenever one waits, ends, or comes to a checkpoint, the strategy decides who
 * goes next. The clock jumps to the next timer when everybody waits. Random numbers come from the seed. So a run is
 * determined by its schedule, and can be replayed, as long as the code asks nobody else: {@link dev.yibu.Async#clock()} and
 * {@link dev.yibu.Async#random()} belong to the world, {@code System.nanoTime()} does not.
 *
 * <p><b>Failures.</b> A run fails if the code throws, if nobody can go on, if there is no end in sight, if it hangs in
 * foreign code, or if it leaves something behind: a task, a timer, a {@link Tracked} resource.
 *
 * <p>Immutable: each method yields a changed copy. Use it from a thread that is not itself inside a call of Yibu.
 */
public final class Exploration {
    /** Multiplies the number of schedules of every exploration: {@code -Dyibu.explore.factor=1000}. */
    private static final double FACTOR = Double.parseDouble(System.getProperty("yibu.explore.factor", "1"));

    private final Simulation.Program program;

    // Written by with() only, before anybody else sees the copy.
    private Strategy strategy = Strategy.RANDOM;
    private long firstSeed = 1;
    private long schedules = 1_000;
    private int depth = 3;
    private int preemptions = 2;
    private int cancelled;
    private Limits limits = new Limits(5_000_000, Duration.ofSeconds(30), false);
    private @Nullable Replayable replay;

    private Exploration(Simulation.Program program) {
        this.program = program;
    }

    private Exploration with(Consumer<Exploration> change) {
        Exploration copy = new Exploration(program);
        copy.strategy = strategy;
        copy.firstSeed = firstSeed;
        copy.schedules = schedules;
        copy.depth = depth;
        copy.preemptions = preemptions;
        copy.cancelled = cancelled;
        copy.limits = limits;
        copy.replay = replay;
        change.accept(copy);
        return copy;
    }

    /**
     * What an exploration that found nothing has done.
     *
     * @param schedules how many runs there were, those with an injected cancellation included
     * @param cancellations how many of them were cancelled somewhere
     * @param virtualTime how much time has passed in the longest run
     * @param complete whether there is no other schedule within the bound; {@link Strategy#EXHAUSTIVE} only
     */
    public record Report(long schedules, long cancellations, Duration virtualTime, boolean complete) {}

    /**
     * An exploration of 1,000 random schedules.
     *
     * @param body the code; it is run anew for each schedule, and has to make what it works on anew
     * @return the exploration
     */
    public static Exploration of(Action<?> body) {
        Objects.requireNonNull(body, "body");
        return ofProgram(body::run);
    }

    static Exploration ofProgram(Simulation.Program program) {
        return new Exploration(program);
    }

    private static void atLeast(long least, String what, long value) {
        if (value < least) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; it has to be at least " + least);
        }
    }

    /**
     * The same with another strategy.
     *
     * @param strategy how schedules are found
     * @return an exploration
     */
    public Exploration strategy(Strategy strategy) {
        Objects.requireNonNull(strategy, "strategy");
        return with(copy -> copy.strategy = strategy);
    }

    /**
     * The same with other seeds.
     *
     * @param first the first one
     * @param count how many, each of them a schedule; for {@link Strategy#EXHAUSTIVE} the most schedules to try
     * @return an exploration
     */
    public Exploration seeds(long first, long count) {
        atLeast(1, "number of seeds", count);
        return with(copy -> {
            copy.firstSeed = first;
            copy.schedules = count;
        });
    }

    /**
     * The same with another depth for {@link Strategy#PRIORITIES}.
     *
     * @param depth how many orderings a bug may need; 3 if nobody says otherwise
     * @return an exploration
     */
    public Exploration depth(int depth) {
        atLeast(1, "depth", depth);
        return with(copy -> copy.depth = depth);
    }

    /**
     * The same with another bound for {@link Strategy#EXHAUSTIVE}.
     *
     * @param preemptions how often somebody may lose the turn who could have gone on; 2 if nobody says otherwise
     * @return an exploration
     */
    public Exploration preemptions(int preemptions) {
        atLeast(0, "number of preemptions", preemptions);
        return with(copy -> copy.preemptions = preemptions);
    }

    /**
     * The same, and afterwards some of the schedules again with a cancellation of the whole code at each crossing of the
     * waist in turn. How the code ends then is its own business; it has to end, and to leave nothing behind.
     *
     * @param schedules how many schedules to do this with
     * @return an exploration
     */
    public Exploration cancelEverywhere(int schedules) {
        atLeast(0, "number of schedules", schedules);
        return with(copy -> copy.cancelled = schedules);
    }

    /**
     * The same with other limits.
     *
     * @param steps after how many steps a run counts as endless
     * @param patience how long, in real time, foreign code may keep everything else waiting
     * @return an exploration
     */
    public Exploration limits(long steps, Duration patience) {
        atLeast(1, "number of steps", steps);
        atLeast(1, "patience in milliseconds", patience.toMillis());
        return with(copy -> copy.limits = new Limits(steps, patience, limits.everywhere()));
    }

    /**
     * The same, with a preemption at every call of the {@link dev.yibu.lowlevel.Driver} and not only at checkpoints: for
     * tests of primitives that are built on {@link dev.yibu.lowlevel}. Code that holds a lock of the JDK while it wakes
     * somebody does not go with this.
     *
     * @param everywhere whether to do so
     * @return an exploration
     */
    public Exploration everywhere(boolean everywhere) {
        return with(copy -> copy.limits = new Limits(limits.steps(), limits.patience(), everywhere));
    }

    /**
     * One schedule only.
     *
     * @param schedule as in the message of a failure
     * @return an exploration
     * @throws IllegalArgumentException if this is no schedule
     */
    public Exploration replay(String schedule) {
        Replayable parsed = Replayable.parse(schedule);
        return with(copy -> copy.replay = parsed);
    }

    /**
     * Runs the code under the schedules.
     *
     * @return what was done
     * @throws SimulationFailure if a run fails; the message says how to replay it, and the cause is what was thrown
     */
    public Report run() {
        return onLab(this::explore);
    }

    /**
     * Runs the code under one schedule, and tells what happened.
     *
     * @param schedule a schedule; {@code in-order/0} is the plainest
     * @return the steps of all tasks with their times, a line each
     */
    public String trace(String schedule) {
        Replayable replayable = Replayable.parse(schedule);
        return onLab(simulation -> {
            Trace trace = new Trace();
            simulation.run(replayable, trace);
            return trace.toString();
        });
    }

    private interface Experiment<R> {
        R run(Simulation simulation);
    }

    /** Runs an experiment on a thread of its own, while the calling thread watches it. */
    private <R> R onLab(Experiment<R> experiment) {
        Watch watch = new Watch();
        StartedThreads threads = new StartedThreads();
        Simulation simulation = new Simulation(program, limits, watch, threads);
        AtomicReference<@Nullable R> result = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread lab = Thread.ofVirtual().name("the test").unstarted(() -> {
            threads.begin();
            try {
                result.set(experiment.run(simulation));
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        lab.setContextClassLoader(loader);
        lab.start();
        try {
            watch.until(lab, limits.patience());
        } catch (InterruptedException e) {
            watch.giveUp("the thread that waits for the test was interrupted");
            Thread.currentThread().interrupt();
            throw new SimulationFailure("the thread that waits for the test was interrupted", e);
        }
        Throwable failure = thrown.get();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        return Objects.requireNonNull(result.get(), "the experiment has ended without a result");
    }

    private Report explore(Simulation simulation) {
        if (replay != null) {
            Run run = simulation.run(replay, null);
            throwIfFailed(run, replay, "", simulation);
            return new Report(1, replay.cancelAt() > 0 ? 1 : 0, Duration.ofNanos(run.nanos()), false);
        }
        Progress progress = new Progress();
        if (strategy == Strategy.EXHAUSTIVE) {
            exploreAll(simulation, progress);
        } else {
            exploreSeeds(simulation, progress);
        }
        return new Report(
                progress.schedules, progress.cancellations, Duration.ofNanos(progress.nanos), progress.complete);
    }

    private static final class Progress {
        long schedules;
        long cancellations;
        long nanos;
        boolean complete;

        void count(Run run) {
            schedules++;
            nanos = Math.max(nanos, run.nanos());
        }
    }

    private long most() {
        return Math.max(1, Math.round(schedules * FACTOR));
    }

    private void exploreSeeds(Simulation simulation, Progress progress) {
        long most = strategy == Strategy.IN_ORDER ? 1 : most();
        long steps = 100;
        for (long i = 0; i < most; i++) {
            long seed = firstSeed + i;
            Replayable replayable = switch (strategy) {
                case IN_ORDER -> Replayable.inOrder(seed);
                case PRIORITIES -> Replayable.priorities(seed, depth, steps);
                default -> Replayable.random(seed);
            };
            Run run = simulation.run(replayable, null);
            progress.count(run);
            throwIfFailed(run, replayable, "schedule " + (i + 1) + " of " + most + ": ", simulation);
            steps = Math.max(1, run.steps());
            if (i < cancelled) {
                cancelEverywhere(replayable, run, simulation, progress);
            }
        }
    }

    private void exploreAll(Simulation simulation, Progress progress) {
        BoundedSearch search = new BoundedSearch(preemptions);
        long most = most();
        do {
            Run run = simulation.run(Replayable.choices(firstSeed, Choices.NONE), search.schedule(), null);
            progress.count(run);
            Replayable replayable = Replayable.choices(firstSeed, run.choices());
            throwIfFailed(run, replayable, "schedule " + progress.schedules + ": ", simulation);
            if (progress.schedules <= cancelled) {
                cancelEverywhere(replayable, run, simulation, progress);
            }
            progress.complete = !search.advance();
        } while (!progress.complete && progress.schedules < most);
    }

    private void cancelEverywhere(Replayable replayable, Run run, Simulation simulation, Progress progress) {
        for (long crossing = 1; crossing <= run.crossings(); crossing++) {
            Replayable cancelling = replayable.cancelledAt(crossing);
            Run cancelledRun = simulation.run(cancelling, null);
            progress.count(cancelledRun);
            progress.cancellations++;
            throwIfFailed(
                    cancelledRun,
                    cancelling,
                    "cancelled at crossing " + crossing + " of " + run.crossings() + ": ",
                    simulation);
        }
    }

    private void throwIfFailed(Run run, Replayable replayable, String which, Simulation simulation) {
        Throwable failure = run.failure();
        if (failure == null) {
            return;
        }
        if (failure.getClass().getName().equals("org.opentest4j.TestAbortedException")) {
            throw (RuntimeException) failure; // an assumption: no verdict
        }
        Trace trace = new Trace();
        Run again = simulation.run(replayable, trace);
        String same = again.failure() != null && describe(again.failure()).equals(describe(failure))
                ? ""
                : "\nIt "
                        + (again.failure() == null
                                ? "did not fail"
                                : "failed otherwise (" + describe(again.failure()) + ")")
                        + " when it was replayed: the code asks somebody else than its world, as for the time, for"
                        + " random numbers, for the order of a HashSet.";
        throw new SimulationFailure(
                which + describe(failure) + "\nreplay: @Replay(\"" + replayable + "\")" + same + "\nwhat happened:\n"
                        + trace,
                failure);
    }

    private static String describe(Throwable failure) {
        return failure instanceof SimulationFailure ? String.valueOf(failure.getMessage()) : failure.toString();
    }
}
