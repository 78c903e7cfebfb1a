package dev.yibu.lowlevel;

import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A thread for each interrupt that is stuck, and an idle one or two for those that are not: {@code Thread.interrupt} blocks
 * for as long as a file channel's read does (JDK-8321594), abort hooks may open sockets.
 */
final class Interrupters {
    private final Executor threads;

    Interrupters() {
        this(new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().daemon().name("yibu-interrupter-", 1).factory()));
    }

    Interrupters(Executor threads) {
        this.threads = threads;
    }

    /**
     * Does some work on a thread of its own: a virtual one, if the system has no further thread to give. Never throws: a
     * canceller has others to reach, and whoever waits for the end of a hook would wait for ever.
     */
    void run(Runnable work) {
        try {
            threads.execute(work);
        } catch (Throwable noThread) {
            runVirtually(work, noThread);
        }
    }

    private static void runVirtually(Runnable work, Throwable noThread) {
        try {
            Thread.startVirtualThread(() -> {
                work.run();
                Reporting.log(Level.WARNING, () -> "an interrupt or abort hook ran on a virtual thread", noThread);
            });
        } catch (Throwable e) {
            noThread.addSuppressed(e);
            Reporting.log(Level.ERROR, () -> "an interrupt or abort hook was lost: no thread for it", noThread);
        }
    }
}
