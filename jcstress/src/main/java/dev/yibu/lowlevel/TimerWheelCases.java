package dev.yibu.lowlevel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A timer that is set expires once or is cancelled once. The wheel's own thread is the third party. */
public final class TimerWheelCases {
    private TimerWheelCases() {}

    private static final TimerWheel WHEEL = new TimerWheel();
    private static final long LATE = TimeUnit.HOURS.toNanos(1);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    /** Longer than a tick: a timer that is due has expired after that, as a rule. */
    private static final int SPINS = 1 << 14;

    static final class Alarm extends Timer {
        final AtomicInteger expirations = new AtomicInteger();
        volatile boolean set;
        int written;
        int seen;

        @Override
        protected void expire() {
            seen = written;
            expirations.incrementAndGet();
        }

        void setFor(long delayNanos) {
            WHEEL.schedule(this, System.nanoTime() + delayNanos);
            set = true;
        }

        /** What it saw when it expired, times how often that was; 0 if it doesn't expire. */
        int sightings() {
            long start = System.nanoTime();
            while (expirations.get() == 0 && System.nanoTime() - start < PATIENCE) {
                Thread.onSpinWait();
            }
            return expirations.get() * seen;
        }
    }

    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "cancelled")
    @Outcome(id = "false, 42", expect = ACCEPTABLE, desc = "expired, once")
    @State
    public static class CancelVsExpiry {
        private final Alarm alarm = new Alarm();

        @Actor
        public void setter() {
            alarm.written = 42;
            alarm.setFor(0);
        }

        @Actor
        public void canceller(ZI_Result r) {
            while (!alarm.set) {
                Thread.onSpinWait();
            }
            for (int i = ThreadLocalRandom.current().nextInt(SPINS); i > 0; i--) {
                Thread.onSpinWait();
            }
            r.r1 = WHEEL.cancel(alarm);
        }

        @Arbiter
        public void expiry(ZI_Result r) {
            r.r2 = r.r1 ? alarm.expirations.get() : alarm.sightings();
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "cancelled by the first")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "cancelled by the second")
    @State
    public static class CancelVsCancel {
        private final Alarm alarm = new Alarm();

        public CancelVsCancel() {
            alarm.setFor(LATE);
        }

        @Actor
        public void first(ZZ_Result r) {
            r.r1 = WHEEL.cancel(alarm);
        }

        @Actor
        public void second(ZZ_Result r) {
            r.r2 = WHEEL.cancel(alarm);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "set, then cancelled")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "not set yet; it can be cancelled later")
    @State
    public static class SetVsCancel {
        private final Alarm alarm = new Alarm();

        @Actor
        public void setter() {
            alarm.setFor(LATE);
        }

        @Actor
        public void canceller(ZZ_Result r) {
            r.r1 = WHEEL.cancel(alarm);
        }

        @Arbiter
        public void again(ZZ_Result r) {
            r.r2 = WHEEL.cancel(alarm);
        }
    }

    @JCStressTest
    @Outcome(id = "42, 42", expect = ACCEPTABLE, desc = "each expires once, and sees what came before it was set")
    @State
    public static class SetVsSet {
        private final Alarm a = new Alarm();
        private final Alarm b = new Alarm();

        @Actor
        public void first() {
            a.written = 42;
            a.setFor(0);
        }

        @Actor
        public void second() {
            b.written = 42;
            b.setFor(0);
        }

        @Arbiter
        public void expiry(II_Result r) {
            r.r1 = a.sightings();
            r.r2 = b.sightings();
        }
    }

    @JCStressTest
    @Outcome(id = "42, 1", expect = ACCEPTABLE, desc = "the early one wakes the thread that sleeps for the late one")
    @State
    public static class EarlyVsLate {
        private final Alarm early = new Alarm();
        private final Alarm late = new Alarm();

        @Actor
        public void first() {
            late.setFor(LATE);
        }

        @Actor
        public void second() {
            early.written = 42;
            early.setFor(0);
        }

        @Arbiter
        public void expiry(II_Result r) {
            r.r1 = early.sightings();
            r.r2 = WHEEL.cancel(late) ? 1 : 0;
        }
    }
}
