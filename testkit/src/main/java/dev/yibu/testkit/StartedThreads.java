package dev.yibu.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The platform threads that a simulated run has started by itself, to find those that it leaves behind. A thread's
 * constructor copies what is inheritable from its parent: that tells which run made a thread, though not which thread it
 * is. So the threads of the process are compared only if the run has made any.
 */
final class StartedThreads {
    private static final InheritableThreadLocal<@Nullable StartedThreads> OF_THIS_RUN = new InheritableThreadLocal<>() {
        @Override
        protected @Nullable StartedThreads childValue(@Nullable StartedThreads parent) {
            if (parent != null && !parent.ours) {
                parent.any = true;
            }
            return parent;
        }
    };

    /** How long a thread that was told to end may take. */
    private static final Duration ENDING = Duration.ofSeconds(1);

    private final Set<Thread> before = threads();
    private volatile boolean any;

    /** Whether the thread that is being made is the simulation's own. */
    private boolean ours;

    /** From here on the calling thread, and what it starts, is a part of the run. */
    void begin() {
        OF_THIS_RUN.set(this);
    }

    /** Makes a thread of the simulation itself, which inherits what a task's thread inherits in production. */
    static Thread ours(Runnable body) {
        StartedThreads run = OF_THIS_RUN.get();
        if (run == null) {
            return Thread.ofVirtual().unstarted(body);
        }
        run.ours = true;
        try {
            return Thread.ofVirtual().unstarted(body);
        } finally {
            run.ours = false;
        }
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!isOfARuntime(thread.getName())) {
                threads.add(thread);
            }
        }
        return threads;
    }

    /** Pools that live as long as the process, whoever needed them first. */
    private static boolean isOfARuntime(String name) {
        return name.startsWith("yibu-")
                || name.startsWith("ForkJoinPool")
                || name.startsWith("VirtualThread-")
                || name.startsWith("Cleaner-")
                || name.startsWith("CompletableFutureDelayScheduler")
                || name.startsWith("process reaper");
    }

    /** What the run has started and not ended, a line each. */
    List<String> left() {
        List<String> left = new ArrayList<>();
        if (!any) {
            return left;
        }
        any = false;
        long deadline = System.nanoTime() + ENDING.toNanos();
        for (Thread thread : threads()) {
            if (!before.contains(thread) && !endsBefore(thread, deadline)) {
                left.add("the thread \"" + thread.getName() + "\" still runs");
                before.add(thread);
            }
        }
        left.sort(null);
        return left;
    }

    private static boolean endsBefore(Thread thread, long deadline) {
        try {
            return thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !thread.isAlive();
        }
    }
}
