package dev.yibu;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Party;
import dev.yibu.lowlevel.Strand;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
import org.openjdk.jcstress.infra.results.ZLI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** The end of a task: it is published once, to everybody, with what the task did. An actor's thread runs the task. */
public final class TaskCases {
    private TaskCases() {}

    /** A group that only counts. */
    private static final class Group extends GroupScope {
        Group(Strand strand) {
            super(strand);
        }

        @Override
        String label() {
            return "group";
        }

        @Override
        void link(TaskStrand<?> child) {}

        @Override
        void unlink(TaskStrand<?> child) {}

        @Override
        void ended(TaskStrand<?> child) {}
    }

    /** Counts its calls. */
    private static final class Calls implements Consumer<dev.yibu.Outcome<?>> {
        private final AtomicInteger number = new AtomicInteger();
        private volatile int seen;

        @Override
        public void accept(dev.yibu.Outcome<?> outcome) {
            seen = outcome instanceof dev.yibu.Outcome.Success<?>(Integer value) ? value : -1;
            number.incrementAndGet();
        }

        /** The value that it was called with, times the number of calls. */
        int sum() {
            return number.get() * seen;
        }
    }

    /** A task that has not begun. */
    abstract static class OneTask {
        int written;
        final Party owner = new Party();
        final Group group = new Group(owner);
        final TaskStrand<Integer> strand = new TaskStrand<>(group, this::body, "task", Context.EMPTY);
        final Task<Integer> task = new Task<>(strand);

        OneTask() {
            group.admit(1);
        }

        private Integer body() {
            written = 42;
            return 7;
        }

        /** Runs the task on the calling thread. */
        final void runTask() {
            strand.run();
            strand.unbind(null);
            if (Thread.interrupted()) {
                written = -1;
            }
        }

        final String outcome() {
            return strand.outcome().getClass().getSimpleName();
        }
    }

    @JCStressTest
    @Outcome(id = "7, 42", expect = ACCEPTABLE, desc = "woken, and sees what the task did")
    @State
    public static class AwaitVsEnd extends OneTask {
        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void waiter(LI_Result r) {
            r.r1 = Party.result(() -> task.await());
            r.r2 = written;
        }
    }

    @JCStressTest
    @Outcome(id = "7, Success, 42", expect = ACCEPTABLE, desc = "the task ended first")
    @Outcome(
            id = "CancellationException, Success, 42",
            expect = ACCEPTABLE,
            desc = "the waiter gave up; the task did not")
    @State
    public static class CancelledAwaitVsEnd extends OneTask {
        private final Party waiter = new Party();

        @Actor
        public void task() {
            waiter.cancel();
            runTask();
        }

        @Actor
        public void waiter(LLI_Result r) {
            r.r1 = waiter.outcomeOf(() -> task.await());
        }

        @Arbiter
        public void outcome(LLI_Result r) {
            r.r2 = outcome();
            r.r3 = written;
        }
    }

    @JCStressTest
    @Outcome(id = "false, false, -1", expect = ACCEPTABLE, desc = "not ended yet")
    @Outcome(id = "false, true, 42", expect = ACCEPTABLE, desc = "ended in between, and what the task did is visible")
    @Outcome(id = "true, true, 42", expect = ACCEPTABLE, desc = "ended, for good")
    @State
    public static class IsDoneVsEnd extends OneTask {
        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void onlooker(ZZI_Result r) {
            r.r1 = task.isDone();
            r.r2 = task.isDone();
            r.r3 = r.r2 ? written : -1;
        }
    }

    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "called once, by the task or by who registers it")
    @State
    public static class CallbackVsEnd extends OneTask {
        private final Calls calls = new Calls();

        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void registrar() {
            task.onCompletion(calls);
        }

        @Arbiter
        public void calls(I_Result r) {
            r.r1 = calls.sum();
        }
    }

    @JCStressTest
    @Outcome(id = "7, 7", expect = ACCEPTABLE, desc = "the early and the late one are called once each")
    @State
    public static class SecondCallbackVsEnd extends OneTask {
        private final Calls early = new Calls();
        private final Calls late = new Calls();

        public SecondCallbackVsEnd() {
            task.onCompletion(early);
        }

        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void registrar() {
            task.onCompletion(late);
        }

        @Arbiter
        public void calls(II_Result r) {
            r.r1 = early.sum();
            r.r2 = late.sum();
        }
    }

    @JCStressTest
    @Outcome(id = "7, 7", expect = ACCEPTABLE, desc = "none is lost")
    @State
    public static class CallbackVsCallback extends OneTask {
        private final Calls first = new Calls();
        private final Calls second = new Calls();

        @Actor
        public void first() {
            task.onCompletion(first);
        }

        @Actor
        public void second() {
            task.onCompletion(second);
        }

        @Arbiter
        public void calls(II_Result r) {
            runTask();
            r.r1 = first.sum();
            r.r2 = second.sum();
        }
    }

    @JCStressTest
    @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "forgotten in time; the other one stays")
    @Outcome(id = "7, 7", expect = ACCEPTABLE, desc = "called before")
    @State
    public static class ForgetVsEnd extends OneTask {
        private final Calls forgotten = new Calls();
        private final Calls other = new Calls();
        private final Callbacks.Callback callback = strand.whenDone(forgotten);

        public ForgetVsEnd() {
            task.onCompletion(other);
        }

        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void forgetful() {
            strand.forget(callback);
        }

        @Arbiter
        public void calls(II_Result r) {
            r.r1 = forgotten.sum();
            r.r2 = other.sum();
        }
    }

    @JCStressTest
    @Outcome(id = "true, Cancellation, 0", expect = ACCEPTABLE, desc = "cancelled before it began: it never runs")
    @Outcome(id = "true, Success, 42", expect = ACCEPTABLE, desc = "asked while it ran: it ended in its own way")
    @Outcome(id = "false, Success, 42", expect = ACCEPTABLE, desc = "asked too late")
    @State
    public static class CancelVsRun extends OneTask {
        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void canceller(ZLI_Result r) {
            r.r1 = task.cancel();
        }

        @Arbiter
        public void outcome(ZLI_Result r) {
            r.r2 = outcome();
            r.r3 = written;
        }
    }

    @JCStressTest
    @Outcome(id = "joined, 42, 0", expect = ACCEPTABLE, desc = "the owner is woken once, and sees what the task did")
    @State
    public static class JoinVsEnd extends OneTask {
        @Actor
        public void task() {
            runTask();
        }

        @Actor
        public void owner(LII_Result r) {
            r.r1 = owner.endOf(group::join, "joined");
            r.r2 = written;
            r.r3 = group.pending();
        }
    }

    @JCStressTest
    @Outcome(id = "joined, Cancellation, 0", expect = ACCEPTABLE, desc = "a cancelled owner joins all the same")
    @State
    public static class CancelledJoinVsEnd extends OneTask {
        @Actor
        public void task() {
            owner.cancel();
            runTask();
        }

        @Actor
        public void owner(LLI_Result r) {
            r.r1 = owner.endOf(group::join, "joined");
            r.r2 = outcome();
            r.r3 = group.pending();
        }
    }
}
