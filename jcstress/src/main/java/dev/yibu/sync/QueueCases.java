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
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** An item that is put is got once, or was never put; what is unfinished is counted; nobody waits past a shutdown. */
public final class QueueCases {
    private QueueCases() {}

    private static final String PUT = "put";
    private static final String NONE = "none";

    static Object tryGet(Queue<Integer> queue) {
        try {
            return queue.tryGet().<Object>map(i -> i).orElse(NONE);
        } catch (QueueShutdownException e) {
            return "shut down";
        }
    }

    @JCStressTest
    @Outcome(id = "1, none", expect = ACCEPTABLE, desc = "the first has it")
    @Outcome(id = "none, 1", expect = ACCEPTABLE, desc = "the second has it")
    @State
    public static class TryGetVsTryGet {
        private final Queue<Integer> queue = Queue.fifo();

        public TryGetVsTryGet() {
            queue.tryPut(1);
        }

        @Actor
        public void first(LL_Result r) {
            r.r1 = tryGet(queue);
        }

        @Actor
        public void second(LL_Result r) {
            r.r2 = tryGet(queue);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "all of them, in order, though there is room for one only")
    @State
    public static class PutsVsGets {
        private final Queue<Integer> queue = Queue.fifo(1);

        @Actor
        public void putter() {
            queue.put(1);
            queue.put(2);
        }

        @Actor
        public void getter(LL_Result r) {
            r.r1 = queue.get();
            r.r2 = queue.get();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2, none", expect = ACCEPTABLE, desc = "the urgent one waited first, or came first")
    @Outcome(id = "2, 1, none", expect = ACCEPTABLE, desc = "the other one came first, and was got at once")
    @State
    public static class PriorityPutsVsGets {
        private final Queue<Integer> queue = Queue.priority(2, Integer::compare);

        @Actor
        public void putter() {
            queue.put(2);
            queue.put(1);
        }

        @Actor
        public void getter(LLL_Result r) {
            r.r1 = queue.get();
            r.r2 = queue.get();
        }

        @Arbiter
        public void left(LLL_Result r) {
            r.r3 = tryGet(queue);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "put before the shutdown, and still there")
    @Outcome(id = "QueueShutdownException, shut down", expect = ACCEPTABLE, desc = "refused; it is not in the queue")
    @State
    public static class TryPutVsShutdown {
        private final Queue<Integer> queue = Queue.fifo();

        @Actor
        public void putter(LL_Result r) {
            r.r1 = Party.result(() -> queue.tryPut(1));
        }

        @Actor
        public void closer() {
            queue.shutdown();
        }

        @Arbiter
        public void left(LL_Result r) {
            r.r2 = tryGet(queue);
        }
    }

    @JCStressTest
    @Outcome(id = "QueueShutdownException", expect = ACCEPTABLE, desc = "never waits for what won't come")
    @State
    public static class GetVsShutdown {
        private final Queue<Integer> queue = Queue.fifo();

        @Actor
        public void getter(L_Result r) {
            r.r1 = Party.result(queue::get);
        }

        @Actor
        public void closer() {
            queue.shutdown();
        }
    }

    @JCStressTest
    @Outcome(id = "QueueShutdownException, 1, 1", expect = ACCEPTABLE, desc = "refused; the one before is still there")
    @State
    public static class PutVsShutdown {
        private final Queue<Integer> queue = Queue.fifo(1);

        public PutVsShutdown() {
            queue.tryPut(1);
        }

        @Actor
        public void putter(LLI_Result r) {
            r.r1 = Party.end(() -> queue.put(2), PUT);
        }

        @Actor
        public void closer() {
            queue.shutdown();
        }

        @Arbiter
        public void left(LLI_Result r) {
            r.r3 = (int) queue.statistics().unfinished();
            r.r2 = tryGet(queue);
        }
    }

    @JCStressTest
    @Outcome(id = "1, shut down, 1", expect = ACCEPTABLE, desc = "got before the shutdown, and not done yet")
    @Outcome(id = "shut down, shut down, 0", expect = ACCEPTABLE, desc = "thrown away, and counted as done")
    @State
    public static class TryGetVsImmediateShutdown {
        private final Queue<Integer> queue = Queue.fifo();

        public TryGetVsImmediateShutdown() {
            queue.tryPut(1);
        }

        @Actor
        public void getter(LLI_Result r) {
            r.r1 = tryGet(queue);
        }

        @Actor
        public void closer() {
            queue.shutdown(true);
        }

        @Arbiter
        public void left(LLI_Result r) {
            r.r2 = tryGet(queue);
            r.r3 = (int) queue.statistics().unfinished();
        }
    }

    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "woken, and sees what came before it was done")
    @State
    public static class JoinVsTaskDone {
        private final Queue<Integer> queue = Queue.fifo();
        private int written;

        public JoinVsTaskDone() {
            queue.tryPut(1);
        }

        @Actor
        public void joiner(I_Result r) {
            queue.join();
            r.r1 = written;
        }

        @Actor
        public void worker() {
            written = 42;
            queue.taskDone();
        }
    }

    @JCStressTest
    @Outcome(id = "joined, 0", expect = ACCEPTABLE, desc = "what is thrown away is done")
    @State
    public static class JoinVsImmediateShutdown {
        private final Queue<Integer> queue = Queue.fifo();

        public JoinVsImmediateShutdown() {
            queue.tryPut(1);
        }

        @Actor
        public void joiner(LL_Result r) {
            r.r1 = Party.end(queue::join, "joined");
        }

        @Actor
        public void closer() {
            queue.shutdown(true);
        }

        @Arbiter
        public void left(LL_Result r) {
            r.r2 = queue.statistics().unfinished();
        }
    }

    @JCStressTest
    @Outcome(id = "done, IllegalStateException", expect = ACCEPTABLE, desc = "the second is one too many")
    @Outcome(id = "IllegalStateException, done", expect = ACCEPTABLE, desc = "the first is one too many")
    @State
    public static class TaskDoneVsTaskDone {
        private final Queue<Integer> queue = Queue.fifo();

        public TaskDoneVsTaskDone() {
            queue.tryPut(1);
        }

        @Actor
        public void first(LL_Result r) {
            r.r1 = Party.end(queue::taskDone, "done");
        }

        @Actor
        public void second(LL_Result r) {
            r.r2 = Party.end(queue::taskDone, "done");
        }
    }

    @JCStressTest
    @Outcome(id = "1, true, 0", expect = ACCEPTABLE, desc = "handed over before it was aborted")
    @Outcome(id = "CancellationException, true, 1", expect = ACCEPTABLE, desc = "aborted; the item is in the queue")
    @State
    public static class CancelledGetVsTryPut {
        private final Queue<Integer> queue = Queue.fifo(1);
        private final Party getter = new Party();

        @Actor
        public void getter(LLI_Result r) {
            r.r1 = getter.outcomeOf(queue::get);
        }

        @Actor
        public void putter(LLI_Result r) {
            getter.cancelAndLinger();
            r.r2 = Party.result(() -> queue.tryPut(1));
        }

        @Arbiter
        public void left(LLI_Result r) {
            r.r3 = queue.size();
        }
    }

    @JCStressTest
    @Outcome(id = "put, 1, 2", expect = ACCEPTABLE, desc = "there was room before it was aborted")
    @Outcome(id = "CancellationException, 1, none", expect = ACCEPTABLE, desc = "aborted; the item is not in the queue")
    @State
    public static class CancelledPutVsTryGet {
        private final Queue<Integer> queue = Queue.fifo(1);
        private final Party putter = new Party();

        public CancelledPutVsTryGet() {
            queue.tryPut(1);
        }

        @Actor
        public void putter(LLL_Result r) {
            r.r1 = putter.endOf(() -> queue.put(2), PUT);
        }

        @Actor
        public void getter(LLL_Result r) {
            putter.cancelAndLinger();
            r.r2 = tryGet(queue);
        }

        @Arbiter
        public void left(LLL_Result r) {
            r.r3 = tryGet(queue);
        }
    }

    @JCStressTest
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both are in, and counted")
    @State
    public static class TryPutVsTryPut {
        private final Queue<Integer> queue = Queue.fifo();

        @Actor
        public void first() {
            queue.tryPut(1);
        }

        @Actor
        public void second() {
            queue.tryPut(2);
        }

        @Arbiter
        public void left(II_Result r) {
            r.r1 = queue.size();
            r.r2 = (int) queue.statistics().unfinished();
        }
    }
}
