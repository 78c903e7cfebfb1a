package dev.yibu;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** The count of a group: one party reaches zero, and zero is for ever. */
public final class CountdownCases {
    private CountdownCases() {}

    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the first is the last to leave")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the second is the last to leave")
    @State
    public static class SubtractVsSubtract {
        private final Countdown count = new Countdown(2);

        @Actor
        public void first(II_Result r) {
            r.r1 = count.subtract(1);
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = count.subtract(1);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1, 1", expect = ACCEPTABLE, desc = "admitted before the end")
    @Outcome(id = "false, 0, 0", expect = ACCEPTABLE, desc = "refused after the end")
    @State
    public static class AddVsSubtract {
        private final Countdown count = new Countdown(1);

        @Actor
        public void adder(ZII_Result r) {
            r.r1 = count.addUnlessZero(1);
        }

        @Actor
        public void subtractor(ZII_Result r) {
            r.r2 = count.subtract(1);
        }

        @Arbiter
        public void count(ZII_Result r) {
            r.r3 = count.get();
        }
    }

    @JCStressTest
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "nobody's share is lost")
    @State
    public static class AddVsAdd {
        private final Countdown count = new Countdown(1);

        @Actor
        public void first() {
            count.addUnlessZero(1);
        }

        @Actor
        public void second() {
            count.addUnlessZero(2);
        }

        @Arbiter
        public void count(I_Result r) {
            r.r1 = count.get();
        }
    }

    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "the child has gone: the owner need not wait")
    @Outcome(id = "0, false", expect = ACCEPTABLE, desc = "the owner waits: the child wakes it")
    @State
    public static class JoinVsLastChild {
        private final Countdown count = new Countdown(2);

        @Actor
        public void child(IZ_Result r) {
            r.r1 = count.subtract(1);
        }

        @Actor
        public void owner(IZ_Result r) {
            r.r2 = count.compareAndSet(1, 0) || count.subtract(1) == 0;
        }
    }

    @JCStressTest
    @Outcome(id = "false, -1", expect = ACCEPTABLE, desc = "not at zero yet")
    @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "at zero, and what came before is visible")
    @State
    public static class ZeroIsSeen {
        private final Countdown count = new Countdown(1);
        private int written;

        @Actor
        public void child() {
            written = 42;
            count.subtract(1);
        }

        @Actor
        public void onlooker(ZI_Result r) {
            r.r1 = count.get() == 0;
            r.r2 = r.r1 ? written : -1;
        }
    }
}
