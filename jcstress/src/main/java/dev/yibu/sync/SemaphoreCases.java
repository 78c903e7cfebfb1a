package dev.yibu.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Party;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LZI_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Permits are conserved: what is released and not acquired is free. */
public final class SemaphoreCases {
    private SemaphoreCases() {}

    private static final String ACQUIRED = "acquired";

    static int free(Semaphore semaphore) {
        Semaphore.Statistics now = semaphore.statistics();
        return now.waiting() == 0 ? now.available() : -1;
    }

    @JCStressTest
    @Outcome(id = "true, false, 0", expect = ACCEPTABLE, desc = "the first has it")
    @Outcome(id = "false, true, 0", expect = ACCEPTABLE, desc = "the second has it")
    @State
    public static class TryAcquireVsTryAcquire {
        private final Semaphore semaphore = Semaphore.of(1);

        @Actor
        public void first(ZZI_Result r) {
            r.r1 = semaphore.tryAcquire();
        }

        @Actor
        public void second(ZZI_Result r) {
            r.r2 = semaphore.tryAcquire();
        }

        @Arbiter
        public void free(ZZI_Result r) {
            r.r3 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "acquired")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "came too early")
    @State
    public static class TryAcquireVsRelease {
        private final Semaphore semaphore = Semaphore.of(0);

        @Actor
        public void taker(ZI_Result r) {
            r.r1 = semaphore.tryAcquire();
        }

        @Actor
        public void releaser() {
            semaphore.release();
        }

        @Arbiter
        public void free(ZI_Result r) {
            r.r2 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "42, 0", expect = ACCEPTABLE, desc = "woken, and sees what came before the release")
    @State
    public static class AcquireVsRelease {
        private final Semaphore semaphore = Semaphore.of(0);
        private int written;

        @Actor
        public void taker(II_Result r) {
            semaphore.acquire();
            r.r1 = written;
        }

        @Actor
        public void releaser() {
            written = 42;
            semaphore.release();
        }

        @Arbiter
        public void free(II_Result r) {
            r.r2 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "released, IllegalStateException, 1", expect = ACCEPTABLE, desc = "the second is one too many")
    @Outcome(id = "IllegalStateException, released, 1", expect = ACCEPTABLE, desc = "the first is one too many")
    @State
    public static class BoundedReleaseVsRelease {
        private final Semaphore semaphore = Semaphore.bounded(1);

        public BoundedReleaseVsRelease() {
            semaphore.acquire();
        }

        @Actor
        public void first(LLI_Result r) {
            r.r1 = Party.end(semaphore::release, "released");
        }

        @Actor
        public void second(LLI_Result r) {
            r.r2 = Party.end(semaphore::release, "released");
        }

        @Arbiter
        public void free(LLI_Result r) {
            r.r3 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "one after the other")
    @State
    public static class MutualExclusion {
        private final Semaphore semaphore = Semaphore.of(1);
        private int count;

        private void increment() {
            semaphore.acquire();
            count++;
            semaphore.release();
        }

        @Actor
        public void first() {
            increment();
        }

        @Actor
        public void second() {
            increment();
        }

        @Arbiter
        public void count(II_Result r) {
            r.r1 = count;
            r.r2 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "acquired, 0", expect = ACCEPTABLE, desc = "handed over before it was aborted")
    @Outcome(id = "CancellationException, 1", expect = ACCEPTABLE, desc = "aborted; the permit is free")
    @State
    public static class CancelThenRelease {
        private final Semaphore semaphore = Semaphore.of(0);
        private final Party waiter = new Party();

        @Actor
        public void taker(LI_Result r) {
            r.r1 = waiter.endOf(semaphore::acquire, ACQUIRED);
        }

        @Actor
        public void other() {
            waiter.cancelAndLinger();
            semaphore.release();
        }

        @Arbiter
        public void free(LI_Result r) {
            r.r2 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "acquired, 0", expect = ACCEPTABLE, desc = "handed over before the cancellation")
    @Outcome(
            id = "CancellationException, 1",
            expect = ACCEPTABLE,
            desc = "came when it was cancelled; the permit is free")
    @State
    public static class ReleaseThenCancel {
        private final Semaphore semaphore = Semaphore.of(0);
        private final Party waiter = new Party();

        @Actor
        public void taker(LI_Result r) {
            r.r1 = waiter.endOf(semaphore::acquire, ACQUIRED);
        }

        @Actor
        public void other() {
            semaphore.release();
            waiter.cancel();
        }

        @Arbiter
        public void free(LI_Result r) {
            r.r2 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "acquired, 1, 0", expect = ACCEPTABLE, desc = "the waiter has it; what was released later is free")
    @Outcome(id = "CancellationException, 2, 0", expect = ACCEPTABLE, desc = "the waiter has left before the releases")
    @State
    public static class CancelVsTwoReleases {
        private final Semaphore semaphore = Semaphore.of(0);
        private final Party waiter = new Party();

        @Actor
        public void taker(LII_Result r) {
            r.r1 = waiter.endOf(semaphore::acquire, ACQUIRED);
        }

        @Actor
        public void other() {
            waiter.cancelAndLinger();
            semaphore.release();
            semaphore.release();
        }

        @Arbiter
        public void free(LII_Result r) {
            Semaphore.Statistics now = semaphore.statistics();
            r.r2 = now.available();
            r.r3 = now.waiting();
        }
    }

    @JCStressTest
    @Outcome(id = "acquired, true, 0", expect = ACCEPTABLE, desc = "one each")
    @State
    public static class TwoPermits {
        private final Semaphore semaphore = Semaphore.of(1);

        @Actor
        public void waiter(LZI_Result r) {
            r.r1 = Party.end(semaphore::acquire, ACQUIRED);
        }

        @Actor
        public void other(LZI_Result r) {
            semaphore.release();
            semaphore.acquire();
            r.r2 = true;
        }

        @Arbiter
        public void free(LZI_Result r) {
            r.r3 = SemaphoreCases.free(semaphore);
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "a permit is given back once")
    @State
    public static class CloseVsClose {
        private final Semaphore semaphore = Semaphore.of(1);
        private final Semaphore.Permit permit = semaphore.hold();

        @Actor
        public void first() {
            permit.close();
        }

        @Actor
        public void second() {
            permit.close();
        }

        @Arbiter
        public void free(I_Result r) {
            r.r1 = SemaphoreCases.free(semaphore);
        }
    }
}
