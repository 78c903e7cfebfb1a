package dev.yibu.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Party;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZLL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** An item that is sent is received once, in order, or was never sent; who waits for a closed channel learns of it. */
public final class ChannelCases {
    private ChannelCases() {}

    private static final String SENT = "sent";
    private static final String CLOSED = "closed";
    private static final String NONE = "none";

    static final class Message {
        int content;
    }

    static Object trySend(Channel<Integer> channel, int item) {
        return Party.result(() -> channel.trySend(item));
    }

    static Object tryReceive(Channel<Integer> channel) {
        try {
            return channel.tryReceive().<Object>map(i -> i).orElse(NONE);
        } catch (ChannelClosedException e) {
            return CLOSED;
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the first is in the buffer, which is full")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the second is in the buffer, which is full")
    @State
    public static class TrySendVsTrySend {
        private final Channel<Integer> channel = Channel.buffered(1);

        @Actor
        public void first(ZZL_Result r) {
            r.r1 = channel.trySend(1);
        }

        @Actor
        public void second(ZZL_Result r) {
            r.r2 = channel.trySend(2);
        }

        @Arbiter
        public void left(ZZL_Result r) {
            r.r3 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "1, none", expect = ACCEPTABLE, desc = "the first has it")
    @Outcome(id = "none, 1", expect = ACCEPTABLE, desc = "the second has it")
    @State
    public static class TryReceiveVsTryReceive {
        private final Channel<Integer> channel = Channel.buffered(1);

        public TryReceiveVsTryReceive() {
            channel.trySend(1);
        }

        @Actor
        public void first(LL_Result r) {
            r.r1 = tryReceive(channel);
        }

        @Actor
        public void second(LL_Result r) {
            r.r2 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1, none", expect = ACCEPTABLE, desc = "received")
    @Outcome(id = "true, none, 1", expect = ACCEPTABLE, desc = "came too early; it is in the buffer")
    @State
    public static class TrySendVsTryReceive {
        private final Channel<Integer> channel = Channel.buffered(1);

        @Actor
        public void sender(ZLL_Result r) {
            r.r1 = channel.trySend(1);
        }

        @Actor
        public void receiver(ZLL_Result r) {
            r.r2 = tryReceive(channel);
        }

        @Arbiter
        public void left(ZLL_Result r) {
            r.r3 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "none, none", expect = ACCEPTABLE, desc = "came too early")
    @Outcome(id = "none, 1", expect = ACCEPTABLE, desc = "in order")
    @Outcome(id = "1, none", expect = ACCEPTABLE, desc = "in order")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "in order")
    @State
    public static class Order {
        private final Channel<Integer> channel = Channel.unlimited();

        @Actor
        public void sender() {
            channel.trySend(1);
            channel.trySend(2);
        }

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = tryReceive(channel);
            r.r2 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "sent before the end, and still there")
    @Outcome(id = "ChannelClosedException, closed", expect = ACCEPTABLE, desc = "refused; it reaches nobody")
    @State
    public static class TrySendVsClose {
        private final Channel<Integer> channel = Channel.buffered(1);

        @Actor
        public void sender(LL_Result r) {
            r.r1 = trySend(channel, 1);
        }

        @Actor
        public void closer() {
            channel.close();
        }

        @Arbiter
        public void left(LL_Result r) {
            r.r2 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "ChannelClosedException", expect = ACCEPTABLE, desc = "never waits for what won't come")
    @State
    public static class ReceiveVsClose {
        private final Channel<Integer> channel = Channel.rendezvous();

        @Actor
        public void receiver(L_Result r) {
            r.r1 = Party.result(channel::receive);
        }

        @Actor
        public void closer() {
            channel.close();
        }
    }

    @JCStressTest
    @Outcome(id = "ChannelClosedException, closed", expect = ACCEPTABLE, desc = "refused; the item reaches nobody")
    @State
    public static class SendVsClose {
        private final Channel<Integer> channel = Channel.rendezvous();

        @Actor
        public void sender(LL_Result r) {
            r.r1 = Party.end(() -> channel.send(1), SENT);
        }

        @Actor
        public void closer() {
            channel.close();
        }

        @Arbiter
        public void left(LL_Result r) {
            r.r2 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "the item came before the end")
    @State
    public static class ReceiveVsSendAndClose {
        private final Channel<Integer> channel = Channel.buffered(1);

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = Party.result(channel::receive);
        }

        @Actor
        public void sender(LL_Result r) {
            r.r2 = trySend(channel, 1);
            channel.close();
        }
    }

    @JCStressTest
    @Outcome(id = "sent, 42", expect = ACCEPTABLE, desc = "handed over, with what came before")
    @State
    public static class SendVsReceive {
        private final Channel<Message> channel = Channel.rendezvous();

        @Actor
        public void sender(LI_Result r) {
            Message message = new Message();
            message.content = 42;
            r.r1 = Party.end(() -> channel.send(message), SENT);
        }

        @Actor
        public void receiver(LI_Result r) {
            r.r2 = channel.receive().content;
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2, 3", expect = ACCEPTABLE, desc = "all of them, in order")
    @State
    public static class SendsVsReceives {
        private final Channel<Integer> channel = Channel.buffered(1);

        @Actor
        public void sender() {
            channel.send(1);
            channel.send(2);
            channel.send(3);
        }

        @Actor
        public void receiver(LLL_Result r) {
            r.r1 = channel.receive();
            r.r2 = channel.receive();
            r.r3 = channel.receive();
        }
    }

    @JCStressTest
    @Outcome(id = "sent, 1", expect = ACCEPTABLE, desc = "taken before it was aborted")
    @Outcome(id = "CancellationException, none", expect = ACCEPTABLE, desc = "aborted; the item reaches nobody")
    @State
    public static class CancelledSendVsTryReceive {
        private final Channel<Integer> channel = Channel.rendezvous();
        private final Party sender = new Party();

        @Actor
        public void sender(LL_Result r) {
            r.r1 = sender.endOf(() -> channel.send(1), SENT);
        }

        @Actor
        public void receiver(LL_Result r) {
            sender.cancelAndLinger();
            r.r2 = tryReceive(channel);
        }
    }

    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "taken before it was aborted")
    @Outcome(id = "CancellationException, false", expect = ACCEPTABLE, desc = "aborted; nothing was sent")
    @State
    public static class CancelledReceiveVsTrySend {
        private final Channel<Integer> channel = Channel.rendezvous();
        private final Party receiver = new Party();

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = receiver.outcomeOf(channel::receive);
        }

        @Actor
        public void sender(LL_Result r) {
            receiver.cancelAndLinger();
            r.r2 = trySend(channel, 1);
        }
    }

    @JCStressTest
    @Outcome(id = "1, true, none", expect = ACCEPTABLE, desc = "received before it was aborted")
    @Outcome(id = "CancellationException, true, 1", expect = ACCEPTABLE, desc = "aborted; the item is in the buffer")
    @State
    public static class CancelledReceiveVsBuffer {
        private final Channel<Integer> channel = Channel.buffered(1);
        private final Party receiver = new Party();

        @Actor
        public void receiver(LLL_Result r) {
            r.r1 = receiver.outcomeOf(channel::receive);
        }

        @Actor
        public void sender(LLL_Result r) {
            receiver.cancelAndLinger();
            r.r2 = trySend(channel, 1);
        }

        @Arbiter
        public void left(LLL_Result r) {
            r.r3 = tryReceive(channel);
        }
    }
}
