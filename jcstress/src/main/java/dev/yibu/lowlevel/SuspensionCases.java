package dev.yibu.lowlevel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Suspension.Abort;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LIZ_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LZ_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** The waist: a wait has one winner, whose value arrives, and what came before it is visible. */
public final class SuspensionCases {
    private SuspensionCases() {}

    private static final RuntimeException FAILURE = new IllegalStateException("failed");

    /** A wait of a strand; cases inherit it, one object for each race. */
    abstract static class Wait {
        final Party waiter = new Party();
        final Suspension<Integer> suspension = new Suspension<>(waiter, "a value");
        int written;
    }

    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the first wins")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the second wins")
    @State
    public static class ResumeVsResume extends Wait {
        @Actor
        public void first(ZZL_Result r) {
            r.r1 = suspension.resume(1);
        }

        @Actor
        public void second(ZZL_Result r) {
            r.r2 = suspension.resume(2);
        }

        @Arbiter
        public void result(ZZL_Result r) {
            r.r3 = waiter.outcomeOf(() -> suspension.await());
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the value wins")
    @Outcome(id = "false, true, IllegalStateException", expect = ACCEPTABLE, desc = "the failure wins")
    @State
    public static class ResumeVsFail extends Wait {
        @Actor
        public void resumer(ZZL_Result r) {
            r.r1 = suspension.resume(1);
        }

        @Actor
        public void failer(ZZL_Result r) {
            r.r2 = suspension.fail(FAILURE);
        }

        @Arbiter
        public void result(ZZL_Result r) {
            r.r3 = waiter.outcomeOf(() -> suspension.await());
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the claim wins")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the resume wins")
    @State
    public static class ClaimVsResume extends Wait {
        @Actor
        public void claimer(ZZL_Result r) {
            r.r1 = suspension.claim(1);
        }

        @Actor
        public void resumer(ZZL_Result r) {
            r.r2 = suspension.resume(2);
        }

        @Arbiter
        public void result(ZZL_Result r) {
            r.r3 = waiter.outcomeOf(() -> suspension.await());
        }
    }

    @JCStressTest
    @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "woken, and sees what came before resume")
    @State
    public static class AwaitVsResume extends Wait {
        @Actor
        public void waiter(LI_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
            r.r2 = written;
        }

        @Actor
        public void resumer() {
            written = 42;
            suspension.resume(1);
        }
    }

    @JCStressTest
    @Outcome(id = "IllegalStateException, 42", expect = ACCEPTABLE, desc = "woken, and sees what came before fail")
    @State
    public static class AwaitVsFail extends Wait {
        @Actor
        public void waiter(LI_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
            r.r2 = written;
        }

        @Actor
        public void failer() {
            written = 42;
            suspension.fail(FAILURE);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "woken, and sees what came before claim")
    @State
    public static class AwaitVsClaim extends Wait {
        @Actor
        public void waiter(LI_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
            r.r2 = written;
        }

        @Actor
        public void claimer() {
            written = 42;
            suspension.claim(1);
            suspension.wake();
        }
    }

    @JCStressTest
    @Outcome(id = "CancellationException", expect = ACCEPTABLE, desc = "never sleeps through a cancellation")
    @State
    public static class AwaitVsCancel extends Wait {
        @Actor
        public void waiter(L_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
        }

        @Actor
        public void canceller() {
            waiter.cancel();
        }
    }

    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "resumed first")
    @Outcome(id = "CancellationException, false", expect = ACCEPTABLE, desc = "aborted first")
    @State
    public static class AbortVsResume extends Wait {
        public AbortVsResume() {
            waiter.cancel();
        }

        @Actor
        public void waiter(LZ_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
        }

        @Actor
        public void resumer(LZ_Result r) {
            r.r2 = suspension.resume(1);
        }
    }

    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "resumed first")
    @Outcome(id = "CancellationException, false", expect = ACCEPTABLE, desc = "cancelled first")
    @State
    public static class AwaitVsCancelAndResume extends Wait {
        @Actor
        public void waiter(LZ_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await());
        }

        @Actor
        public void other(LZ_Result r) {
            waiter.cancelAndLinger();
            r.r2 = suspension.resume(1);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 42, true", expect = ACCEPTABLE, desc = "what can't be taken back is waited for")
    @State
    public static class TooLateToAbort extends Wait {
        public TooLateToAbort() {
            waiter.cancel();
        }

        @Actor
        public void waiter(LIZ_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.await(() -> Abort.TOO_LATE));
            r.r2 = written;
        }

        @Actor
        public void resumer(LIZ_Result r) {
            written = 42;
            r.r3 = suspension.resume(1);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 42, true", expect = ACCEPTABLE, desc = "a cancellation does not end it")
    @State
    public static class UncancellableWait extends Wait {
        @Actor
        public void waiter(LIZ_Result r) {
            r.r1 = waiter.outcomeOf(() -> suspension.awaitUncancellably());
            r.r2 = written;
        }

        @Actor
        public void other(LIZ_Result r) {
            waiter.cancel();
            written = 42;
            r.r3 = suspension.resume(1);
        }
    }

    @JCStressTest
    @Outcome(id = "true, -1", expect = ACCEPTABLE, desc = "still pending")
    @Outcome(id = "false, 42", expect = ACCEPTABLE, desc = "over, and what came before is visible")
    @State
    public static class IsPendingVsResume extends Wait {
        @Actor
        public void resumer() {
            written = 42;
            suspension.resume(1);
        }

        @Actor
        public void onlooker(ZI_Result r) {
            r.r1 = suspension.isPending();
            r.r2 = r.r1 ? -1 : written;
        }
    }
}
