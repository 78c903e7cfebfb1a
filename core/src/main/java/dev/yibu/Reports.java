package dev.yibu;

import dev.yibu.lowlevel.Strand;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the runtime has to say that no caller is there to hear: through the {@link System.Logger} {@code dev.yibu}. */
final class Reports {
    private static final Logger LOG = System.getLogger("dev.yibu");

    private Reports() {}

    private static void log(Level level, Supplier<String> message, @Nullable Throwable failure) {
        try {
            LOG.log(level, message, failure);
        } catch (RuntimeException | Error e) {
            // A logger that fails must not take a task's end with it; there is nobody left to tell but the console.
            System.err.println("dev.yibu: a logger failed with " + Failures.describe(e));
        }
    }

    private static void log(Level level, Supplier<String> message) {
        log(level, message, null);
    }

    static void unreadFailure(TaskStrand<?> task, Throwable failure) {
        log(
                Level.ERROR,
                () -> named(task)
                        + " failed and nobody has awaited it: await the task, or handle the failure inside it",
                failure);
    }

    static void stillRunning(List<TaskStrand<?>> tasks) {
        log(
                Level.WARNING,
                () -> "run has ended and cancels what still runs in the background: " + all(tasks)
                        + "; await a task if its work matters");
    }

    static void swallowedCancellation(TaskStrand<?> task) {
        log(
                Level.WARNING,
                () -> named(task) + " was cancelled, swallowed the cancellation and ended as if nothing had happened:"
                        + " let Cancelled pass (do not catch Throwable or Error without rethrowing it)");
    }

    /** A cancellation has unwound what it was meant for; what failed on the way would be lost with it. */
    static void failedCleanUp(Strand strand, Cancelled cancelled) {
        for (Throwable failure : cancelled.failures()) {
            log(
                    Level.ERROR,
                    () -> (strand instanceof TaskStrand<?> task ? named(task) : strand.toString())
                            + " was cancelled, and failed to clean up",
                    failure);
        }
    }

    static void failedCallback(TaskStrand<?> task, Throwable failure) {
        log(Level.ERROR, () -> "a completion callback of " + named(task) + " failed", failure);
    }

    static void discardFailed(Throwable failure) {
        log(Level.ERROR, () -> "the onDiscard function failed", failure);
    }

    private static String all(List<TaskStrand<?>> tasks) {
        int shown = 20;
        String names = tasks.stream().limit(shown).map(Reports::named).collect(Collectors.joining(", "));
        return tasks.size() <= shown ? names : names + " and " + (tasks.size() - shown) + " more";
    }

    private static String named(TaskStrand<?> task) {
        @Nullable String site = task.site;
        return site == null ? task.toString() : task + " (started at " + site + ")";
    }
}
