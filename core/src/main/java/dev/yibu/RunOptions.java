package dev.yibu;

import dev.yibu.lowlevel.Deadlines;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How {@link Async#run(RunOptions, Coroutine)} is to behave. Immutable; start from {@link #defaults()}.
 *
 * @param name the name of the main task, in listings and reports
 * @param debug whether creation sites and traces of cancellations are recorded while it runs; slower
 * @param deadline how long it may take, if that is limited
 * @param grace how long each release of {@link Async#using} and {@link ResourceStack} may take once it is cancelled
 * @param signals whether Ctrl-C and SIGTERM cancel it in an orderly way, and a second Ctrl-C ends the process at once;
 *     inside a task that is for the outermost {@code run} to say
 */
public record RunOptions(String name, boolean debug, Optional<Duration> deadline, Duration grace, boolean signals) {
    static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalArgumentException if the grace is negative
     */
    public RunOptions {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("the grace is negative: " + grace);
        }
    }

    /**
     * The name "main", no debug mode, no deadline, a grace of 10 s, and signals only under the launcher (which sets
     * {@code -Dyibu.signals=true}).
     *
     * @return the options
     */
    public static RunOptions defaults() {
        return new RunOptions("main", false, Optional.empty(), DEFAULT_GRACE, Boolean.getBoolean("yibu.signals"));
    }

    /**
     * These options with another name.
     *
     * @param name of the main task
     * @return the options
     */
    public RunOptions withName(String name) {
        return new RunOptions(name, debug, deadline, grace, signals);
    }

    /**
     * These options with debug mode on or off.
     *
     * @param debug whether it is on
     * @return the options
     */
    public RunOptions withDebug(boolean debug) {
        return new RunOptions(name, debug, deadline, grace, signals);
    }

    /**
     * These options with a deadline, after which {@code run} throws {@link TimeoutException}.
     *
     * @param deadline how long it may take
     * @return the options
     */
    public RunOptions withDeadline(Duration deadline) {
        return new RunOptions(name, debug, Optional.of(Objects.requireNonNull(deadline, "deadline")), grace, signals);
    }

    /**
     * These options with another grace for releases.
     *
     * @param grace how long each may take once it is cancelled
     * @return the options
     */
    public RunOptions withGrace(Duration grace) {
        return new RunOptions(name, debug, deadline, grace, signals);
    }

    /**
     * These options with or without handling of signals.
     *
     * @param signals whether Ctrl-C and SIGTERM cancel
     * @return the options
     */
    public RunOptions withSignals(boolean signals) {
        return new RunOptions(name, debug, deadline, grace, signals);
    }

    long graceNanos() {
        return Deadlines.saturatedNanos(grace);
    }
}
