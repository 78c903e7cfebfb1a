package dev.yibu.lowlevel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LZ_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** A scope is cancelled once, visibly, and its interrupt never arrives outside it. */
public final class CancelScopeCases {
    private CancelScopeCases() {}

    private static final CancelReason FIRST = new CancelReason(Kind.REQUESTED, "first");
    private static final CancelReason SECOND = new CancelReason(Kind.REQUESTED, "second");

    /** How long the body of a scope goes on at most after it was cancelled: about what an interrupt takes to arrive. */
    private static final int LINGERING = 4096;

    static final class Inner extends CancelScope {
        Inner(Strand strand) {
            super(strand);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, first", expect = ACCEPTABLE, desc = "the first reason is kept")
    @Outcome(id = "false, true, second", expect = ACCEPTABLE, desc = "the second reason is kept")
    @State
    public static class CancelVsCancel {
        private final Party party = new Party();

        @Actor
        public void first(ZZL_Result r) {
            r.r1 = party.cancel(FIRST);
        }

        @Actor
        public void second(ZZL_Result r) {
            r.r2 = party.cancel(SECOND);
        }

        @Arbiter
        public void reason(ZZL_Result r) {
            r.r3 = String.valueOf(party.effectiveReason());
        }
    }

    @JCStressTest
    @Outcome(id = "false, -1", expect = ACCEPTABLE, desc = "not cancelled yet")
    @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "cancelled, and what came before is visible")
    @State
    public static class IsCancelledVsCancel {
        private final Party party = new Party();
        private final CancelScope inner = new Inner(party);
        private int written;

        @Actor
        public void canceller() {
            written = 42;
            party.cancel(FIRST);
        }

        @Actor
        public void onlooker(ZI_Result r) {
            r.r1 = inner.isCancelled();
            r.r2 = r.r1 ? written : -1;
        }
    }

    @JCStressTest
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "outside the scope there is no interrupt")
    @State
    public static class LeaveVsInterrupt {
        private final Party party = new Party();
        private final CancelScope inner = new Inner(party);

        @Actor
        public void body(LZ_Result r) {
            r.r1 = party.outcomeOf(() -> {
                inner.enter();
                while (!inner.isCancelled()) {
                    Thread.onSpinWait();
                }
                for (int i = ThreadLocalRandom.current().nextInt(LINGERING); i > 0; i--) {
                    Thread.onSpinWait();
                }
                inner.leave(null);
                return Thread.currentThread().isInterrupted();
            });
        }

        @Actor
        public void canceller(LZ_Result r) {
            r.r2 = inner.cancel(FIRST);
        }
    }
}
