package dev.yibu.lowlevel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LZI_Result;
import org.openjdk.jcstress.infra.results.LZZ_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** A queue of waits: who stands in it leaves it once, and a value for the first reaches somebody. */
public final class WaitQueueCases {
    private WaitQueueCases() {}

    /** An empty queue, and two waits. */
    abstract static class TwoWaits {
        final WaitQueue<Integer> queue = new WaitQueue<>();
        final Party a = new Party();
        final Party b = new Party();
        final Suspension<Integer> waitOfA = new Suspension<>(a, "a value");
        final Suspension<Integer> waitOfB = new Suspension<>(b, "a value");

        String nameOf(@Nullable Suspension<Integer> suspension) {
            return suspension == null ? "nobody" : suspension == waitOfA ? "a" : "b";
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, 0", expect = ACCEPTABLE, desc = "removed")
    @Outcome(id = "false, true, 0", expect = ACCEPTABLE, desc = "polled")
    @State
    public static class RemoveVsPoll extends TwoWaits {
        public RemoveVsPoll() {
            queue.add(waitOfA);
        }

        @Actor
        public void remover(ZZI_Result r) {
            r.r1 = queue.remove(waitOfA);
        }

        @Actor
        public void poller(ZZI_Result r) {
            r.r2 = queue.poll() != null;
        }

        @Arbiter
        public void size(ZZI_Result r) {
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "a, b, 0", expect = ACCEPTABLE, desc = "each gets one of them")
    @Outcome(id = "b, a, 0", expect = ACCEPTABLE, desc = "each gets one of them")
    @State
    public static class PollVsPoll extends TwoWaits {
        public PollVsPoll() {
            queue.add(waitOfA);
            queue.add(waitOfB);
        }

        @Actor
        public void first(LLI_Result r) {
            r.r1 = nameOf(queue.poll());
        }

        @Actor
        public void second(LLI_Result r) {
            r.r2 = nameOf(queue.poll());
        }

        @Arbiter
        public void size(LLI_Result r) {
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "a, b, 0", expect = ACCEPTABLE, desc = "both stand in the queue, one after the other")
    @Outcome(id = "b, a, 0", expect = ACCEPTABLE, desc = "both stand in the queue, one after the other")
    @State
    public static class AddVsAdd extends TwoWaits {
        @Actor
        public void first() {
            queue.add(waitOfA);
        }

        @Actor
        public void second() {
            queue.add(waitOfB);
        }

        @Arbiter
        public void order(LLI_Result r) {
            r.r1 = nameOf(queue.poll());
            r.r2 = nameOf(queue.poll());
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "seen")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "came later")
    @State
    public static class AddVsPoll extends TwoWaits {
        @Actor
        public void adder() {
            queue.add(waitOfA);
        }

        @Actor
        public void poller(ZI_Result r) {
            r.r1 = queue.poll() == waitOfA;
        }

        @Arbiter
        public void size(ZI_Result r) {
            r.r2 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "the second came later, and waits on")
    @Outcome(id = "2, 2, 0", expect = ACCEPTABLE, desc = "both were resumed")
    @State
    public static class AddVsResumeAll extends TwoWaits {
        public AddVsResumeAll() {
            queue.add(waitOfA);
        }

        @Actor
        public void adder() {
            queue.add(waitOfB);
        }

        @Actor
        public void resumer(III_Result r) {
            r.r1 = queue.resumeAll(1);
        }

        @Arbiter
        public void size(III_Result r) {
            r.r2 = (waitOfA.isPending() ? 0 : 1) + (waitOfB.isPending() ? 0 : 1);
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "1, true, 0", expect = ACCEPTABLE, desc = "resumed first")
    @Outcome(id = "CancellationException, false, 0", expect = ACCEPTABLE, desc = "aborted first")
    @State
    public static class AbortVsResumeFirst extends TwoWaits {
        public AbortVsResumeFirst() {
            queue.add(waitOfA);
            a.cancel();
        }

        @Actor
        public void waiter(LZI_Result r) {
            r.r1 = a.outcomeOf(() -> queue.await(waitOfA));
        }

        @Actor
        public void resumer(LZI_Result r) {
            r.r2 = queue.resumeFirst(1);
        }

        @Arbiter
        public void size(LZI_Result r) {
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "1, true, true", expect = ACCEPTABLE, desc = "the first got the value, the second waits on")
    @Outcome(id = "CancellationException, true, false", expect = ACCEPTABLE, desc = "the value went to the second")
    @State
    public static class PassedOnVsAbort extends TwoWaits {
        public PassedOnVsAbort() {
            queue.add(waitOfA);
            queue.add(waitOfB);
            a.cancel();
        }

        @Actor
        public void waiter(LZZ_Result r) {
            r.r1 = a.outcomeOf(() -> queue.await(waitOfA));
        }

        @Actor
        public void resumer(LZZ_Result r) {
            r.r2 = queue.resumeFirst(1);
        }

        @Arbiter
        public void second(LZZ_Result r) {
            r.r3 = waitOfB.isPending();
        }
    }
}
