package dev.yibu.lowlevel;

import java.io.Serial;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reports strands that run on although they are cancelled, with their name and stack. The time that they have is 10 s
 * unless {@code -Dyibu.straggler.millis} says otherwise.
 *
 * <p>A cancel only asks for a sweep. A sweep walks over all live strands and notes those that run, or hang in foreign
 * code or wait for an abort hook that hangs, in a cancelled scope; whom it has noted for long enough it reports, once. It is repeated while anybody is noted.
 */
final class Stragglers {
    private static final Duration PATIENCE = Duration.ofMillis(Long.getLong("yibu.straggler.millis", 10_000));
    private static final AtomicBoolean ASKED = new AtomicBoolean();
    private static final ReentrantLock SWEEPING = new ReentrantLock();

    private static final long REPORTED = Long.MAX_VALUE;

    /** Since when each suspect has been seen, or {@link #REPORTED}; guarded by SWEEPING. */
    private static Map<Strand, Long> suspects = new WeakHashMap<>();

    private Stragglers() {}

    /** Something was cancelled. Any thread; does not wait. */
    static void askForSweep(Driver driver) {
        if (driver == Driver.real() && !ASKED.get() && ASKED.compareAndSet(false, true)) {
            long period = Math.max(1, PATIENCE.toNanos() / 2);
            driver.watch(new Sweep(), Deadlines.after(driver.nanoTime(), period));
        }
    }

    private static final class Sweep extends Timer {
        @Override
        protected void expire() {
            Driver.real().interrupt(Stragglers::sweep);
        }
    }

    private static void sweep() {
        ASKED.set(false); // what is cancelled from here on may have been passed already
        boolean again = true;
        if (SWEEPING.tryLock()) { // the one before may hang in somebody's log
            try {
                again = note();
            } finally {
                SWEEPING.unlock();
            }
        }
        if (again) {
            askForSweep(Driver.real());
        }
    }

    private static boolean note() {
        long now = Driver.real().nanoTime();
        Map<Strand, Long> noted = new WeakHashMap<>();
        boolean waitForSome = false;
        Deque<Strand> todo = new ArrayDeque<>(Strand.roots());
        for (Strand strand = todo.poll(); strand != null; strand = todo.poll()) {
            strand.visitBelow(todo::add);
            if (!strand.runsOnThoughCancelled()) {
                continue;
            }
            long since = suspects.getOrDefault(strand, now);
            if (since != REPORTED && now - since >= PATIENCE.toNanos()) {
                report(strand);
                since = REPORTED;
            }
            noted.put(strand, since);
            waitForSome |= since != REPORTED;
        }
        suspects = noted;
        return waitForSome;
    }

    private static void report(Strand strand) {
        ForeignCall.Bracket hook = strand.waitingFor() instanceof ForeignCall.Bracket bracket ? bracket : null;
        Thread thread = hook == null ? strand.thread() : hook.hookThread();
        Object hangs = hook == null ? strand : hook;
        System.getLogger("dev.yibu")
                .log(
                        Level.WARNING,
                        strand + " was cancelled (" + strand.scope().effectiveReason() + ") more than "
                                + DeadlineScope.describe(PATIENCE) + " ago and has not ended; its scope waits for it"
                                + (hook == null ? "" : ", and it waits for " + hook),
                        new Place(hangs, thread == null ? null : thread.getStackTrace()));
    }

    /** A stack trace to print. */
    @SuppressWarnings("OverrideThrowableToString") // no exception, but a place
    private static final class Place extends Throwable {
        @Serial
        private static final long serialVersionUID = 1L;

        Place(Object who, StackTraceElement @Nullable [] stack) {
            super(who + " is here", null, false, true);
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
