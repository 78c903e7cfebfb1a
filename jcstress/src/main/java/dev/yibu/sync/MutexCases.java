package dev.yibu.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Party;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZIL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** One has the mutex at a time, it is never lost, and who takes it sees what its last owner did. */
public final class MutexCases {
    private MutexCases() {}

    static String stateOf(Mutex mutex) {
        Mutex.Statistics now = mutex.statistics();
        return now.waiting() > 0
                ? "awaited"
                : now.broken() ? "broken" : now.owner().isPresent() ? "owned" : "free";
    }

    @JCStressTest
    @Outcome(id = "2, free", expect = ACCEPTABLE, desc = "one after the other")
    @State
    public static class MutualExclusion {
        private final Mutex mutex = Mutex.create();
        private int count;

        private void increment() {
            mutex.acquire();
            count++;
            mutex.release();
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
        public void count(IL_Result r) {
            r.r1 = count;
            r.r2 = stateOf(mutex);
        }
    }

    @JCStressTest
    @Outcome(id = "4, free", expect = ACCEPTABLE, desc = "one after the other, from hand to hand")
    @State
    public static class MutualExclusionOfStrands {
        private final Mutex mutex = Mutex.create();
        private final Party a = new Party();
        private final Party b = new Party();
        private int count;

        private void incrementTwice() {
            for (int i = 0; i < 2; i++) {
                mutex.acquire();
                count++;
                mutex.release();
            }
        }

        @Actor
        public void first() {
            a.endOf(this::incrementTwice, "done");
        }

        @Actor
        public void second() {
            b.endOf(this::incrementTwice, "done");
        }

        @Arbiter
        public void count(IL_Result r) {
            r.r1 = count;
            r.r2 = stateOf(mutex);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, owned", expect = ACCEPTABLE, desc = "the first has it")
    @Outcome(id = "false, true, owned", expect = ACCEPTABLE, desc = "the second has it")
    @State
    public static class TryAcquireVsTryAcquire {
        private final Mutex mutex = Mutex.create();

        @Actor
        public void first(ZZL_Result r) {
            r.r1 = mutex.tryAcquire();
        }

        @Actor
        public void second(ZZL_Result r) {
            r.r2 = mutex.tryAcquire();
        }

        @Arbiter
        public void state(ZZL_Result r) {
            r.r3 = stateOf(mutex);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 42, free", expect = ACCEPTABLE, desc = "came later, and sees what its last owner did")
    @Outcome(id = "true, 0, free", expect = ACCEPTABLE, desc = "came first")
    @Outcome(id = "false, -1, free", expect = ACCEPTABLE, desc = "the other one had it")
    @State
    public static class TryAcquireVsRelease {
        private final Mutex mutex = Mutex.create();
        private int written;

        @Actor
        public void owner() {
            mutex.acquire();
            written = 42;
            mutex.release();
        }

        @Actor
        public void other(ZIL_Result r) {
            r.r1 = mutex.tryAcquire();
            r.r2 = r.r1 ? written : -1;
            if (r.r1) {
                mutex.release();
            }
        }

        @Arbiter
        public void state(ZIL_Result r) {
            r.r3 = stateOf(mutex);
        }
    }

    @JCStressTest
    @Outcome(id = "acquired, free", expect = ACCEPTABLE, desc = "handed over before it was aborted")
    @Outcome(id = "CancellationException, free", expect = ACCEPTABLE, desc = "aborted; the mutex is not lost")
    @State
    public static class HandOverVsCancel {
        private final Mutex mutex = Mutex.create();
        private final Party waiter = new Party();

        @Actor
        public void waiter(LL_Result r) {
            r.r1 = waiter.endOf(
                    () -> {
                        mutex.acquire();
                        mutex.release();
                    },
                    "acquired");
        }

        @Actor
        public void owner() {
            mutex.acquire();
            waiter.cancelAndLinger();
            mutex.release();
        }

        @Arbiter
        public void state(LL_Result r) {
            r.r2 = stateOf(mutex);
        }
    }

    @JCStressTest
    @Outcome(id = "BrokenException, broken", expect = ACCEPTABLE, desc = "told that the other one has ended with it")
    @Outcome(id = "acquired, broken", expect = ACCEPTABLE, desc = "had it before")
    @State
    public static class AcquireVsEndOfOwner {
        private final Mutex mutex = Mutex.create();
        private final Party owner = new Party();

        @Actor
        public void owner() {
            owner.endOf(mutex::acquire, "ends without release");
        }

        @Actor
        public void other(LL_Result r) {
            r.r1 = Party.end(
                    () -> {
                        mutex.acquire();
                        mutex.release();
                    },
                    "acquired");
        }

        @Arbiter
        public void state(LL_Result r) {
            r.r2 = stateOf(mutex);
        }
    }
}
