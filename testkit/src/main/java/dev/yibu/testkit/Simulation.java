package dev.yibu.testkit;

import dev.yibu.Action;
import dev.yibu.CancelReason;
import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Runs a program in simulated worlds, one after the other, on the calling thread. */
final class Simulation {

    /** What is run: a body, and what comes after it, which is not cancelled with it. */
    interface Program {
        void body() throws Throwable;

        default boolean hasAfter() {
            return false;
        }

        default void after() throws Throwable {}
    }

    /**
     * How a run went.
     *
     * @param failure what was wrong, or null
     * @param crossings how often the waist was crossed
     * @param steps how many choices there were, those without an alternative included
     * @param choices the choices that were made
     * @param nanos how far the clock got
     */
    record Run(@Nullable Throwable failure, long crossings, long steps, Choices choices, long nanos) {}

    private final Program program;
    private final Limits limits;
    private final Watch watch;
    private final StartedThreads threads;

    Simulation(Program program, Limits limits, Watch watch, StartedThreads threads) {
        this.program = program;
        this.limits = limits;
        this.watch = watch;
        this.threads = threads;
    }

    Run run(Replayable replayable, @Nullable Trace trace) {
        return run(replayable, replayable.schedule(), trace);
    }

    Run run(Replayable replayable, Schedule schedule, @Nullable Trace trace) {
        Thread.interrupted(); // a run that was interrupted leaves the flag to its caller
        World world = new World(schedule, replayable.seed(), limits, trace);
        watch.over(world);
        Strand main = new Main(world, "the test");
        world.main(main);
        boolean cancels = replayable.cancelAt() > 0;
        if (cancels) {
            world.cancelAt(
                    replayable.cancelAt(),
                    () -> main.cancel(new CancelReason(
                            CancelReason.Kind.REQUESTED, "cancelled at crossing " + replayable.cancelAt())));
        }
        Throwable failure = thrownBy(main, program::body);
        if (cancels && main.reason() != null && !(failure instanceof VirtualMachineError)) {
            failure = null; // how a test takes its cancellation is its own business; what it leaves behind is not
        } else if (failure instanceof CancellationException && main.reason() == null) {
            failure = new SimulationFailure("the test was cancelled: " + failure.getMessage(), failure);
        }
        world.settle();
        failure = first(failure, leftovers(world));
        if (program.hasAfter() && world.failure() == null) {
            Strand cleanUp = new Main(world, "the test's clean-up");
            world.main(cleanUp);
            failure = first(failure, thrownBy(cleanUp, program::after));
            world.settle();
            failure = first(failure, leftovers(world));
        }
        failure = first(failure, leftBehind(threads.left()));
        SimulationFailure own = world.failure();
        watch.over(null);
        Thread.interrupted(); // a flag that this run has set on its thread is no business of the next one
        return new Run(own != null ? own : failure, world.crossings(), world.steps(), world.choices(), world.now());
    }

    private static @Nullable Throwable thrownBy(Strand strand, Action<?> action) {
        try {
            strand.<@Nullable Void, Throwable>runAsRoot(() -> {
                action.run();
                return null;
            });
            return null;
        } catch (Throwable t) {
            return t;
        }
    }

    private static @Nullable Throwable first(@Nullable Throwable earlier, @Nullable Throwable later) {
        if (earlier != null && later != null && earlier != later) {
            earlier.addSuppressed(later);
        }
        return earlier == null ? later : earlier;
    }

    private static @Nullable SimulationFailure leftovers(World world) {
        return world.failure() != null ? null : leftBehind(world.leftovers());
    }

    private static @Nullable SimulationFailure leftBehind(List<String> left) {
        return left.isEmpty()
                ? null
                : new SimulationFailure("the test has ended and left behind:\n  " + String.join("\n  ", left));
    }

    private static final class Main extends Strand {
        private final String name;

        Main(World world, String name) {
            super(world, null, Context.EMPTY);
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
