package dev.yibu.lowlevel;

import java.io.Serial;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reports strands that were cancelled while they ran, and still run a good while later, with their name and stack. The
 * time is 10 s unless {@code -Dyibu.straggler.millis} says otherwise.
 */
final class Stragglers {
    private static final Duration PATIENCE = Duration.ofMillis(Long.getLong("yibu.straggler.millis", 10_000));
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Deque<Suspect> SUSPECTS = new ArrayDeque<>();

    private record Suspect(WeakReference<Strand> strand, Driver driver, long dueNanos) {}

    private static final class Check extends Timer {
        private final Driver driver;

        Check(Driver driver) {
            this.driver = driver;
        }

        @Override
        protected void expire() {
            driver.interrupt(() -> report(driver));
        }
    }

    private Stragglers() {}

    static void watch(Strand strand) {
        Driver driver = strand.driver();
        long due = Deadlines.after(driver.nanoTime(), PATIENCE.toNanos());
        boolean first;
        LOCK.lock();
        try {
            if (strand.watched) {
                return;
            }
            strand.watched = true;
            first = SUSPECTS.isEmpty();
            SUSPECTS.add(new Suspect(new WeakReference<>(strand), driver, due));
        } finally {
            LOCK.unlock();
        }
        if (first) {
            driver.watch(new Check(driver), due);
        }
    }

    private static void report(Driver driver) {
        Suspect next;
        LOCK.lock();
        try {
            for (; ; ) {
                next = SUSPECTS.peek();
                if (next == null || next.dueNanos() - next.driver().nanoTime() > 0) {
                    break;
                }
                SUSPECTS.remove();
                Strand strand = next.strand().get();
                if (strand != null) {
                    strand.watched = false;
                    reportIfStuck(strand);
                }
            }
        } finally {
            LOCK.unlock();
        }
        if (next != null) {
            next.driver().watch(new Check(next.driver()), next.dueNanos());
        }
    }

    private static void reportIfStuck(Strand strand) {
        Thread thread = strand.thread();
        if (strand.isFinished() || thread == null || !strand.scope().isCancelled() || strand.waitingFor() != null) {
            return;
        }
        System.getLogger("dev.yibu")
                .log(
                        Level.WARNING,
                        strand + " was cancelled (" + strand.scope().effectiveReason() + ") more than "
                                + DeadlineScope.describe(PATIENCE) + " ago and has not ended; its scope waits for it",
                        new Place(strand, thread.getStackTrace()));
    }

    /** A stack trace to print. */
    private static final class Place extends Throwable {
        @Serial
        private static final long serialVersionUID = 1L;

        Place(Strand strand, StackTraceElement @Nullable [] stack) {
            super(strand + " is here", null, false, true);
            if (stack != null) {
                setStackTrace(stack);
            }
        }

        @Override
        public String toString() {
            return String.valueOf(getMessage());
        }
    }
}
