package dev.yibu.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.yibu.lowlevel.Party;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** One branch of a select happens, and the others lose nothing. */
public final class SelectCases {
    private SelectCases() {}

    /** Two channels with places for an item each, and a party that receives from either. */
    abstract static class TwoChannels {
        final Channel<Integer> a = Channel.buffered(1);
        final Channel<Integer> b = Channel.buffered(1);
        final Party selector = new Party();

        final Object select() {
            return selector.outcomeOf(() -> Select.<Integer, RuntimeException>select(
                    Select.on(a.receiving(), item -> item), Select.on(b.receiving(), item -> item)));
        }
    }

    @JCStressTest
    @Outcome(id = "1, none, 2", expect = ACCEPTABLE, desc = "received from the first; the second still has its item")
    @Outcome(id = "2, 1, none", expect = ACCEPTABLE, desc = "received from the second; the first still has its item")
    @State
    public static class SelectVsTwoSends extends TwoChannels {
        @Actor
        public void selector(LLL_Result r) {
            r.r1 = select();
        }

        @Actor
        public void sender() {
            a.trySend(1);
            b.trySend(2);
        }

        @Arbiter
        public void left(LLL_Result r) {
            r.r2 = ChannelCases.tryReceive(a);
            r.r3 = ChannelCases.tryReceive(b);
        }
    }

    @JCStressTest
    @Outcome(id = "1, none", expect = ACCEPTABLE, desc = "received before it was aborted")
    @Outcome(id = "CancellationException, 1", expect = ACCEPTABLE, desc = "aborted; the item is in the buffer")
    @State
    public static class CancelledSelectVsSend extends TwoChannels {
        @Actor
        public void selector(LL_Result r) {
            r.r1 = select();
        }

        @Actor
        public void sender() {
            selector.cancelAndLinger();
            a.trySend(1);
        }

        @Arbiter
        public void left(LL_Result r) {
            r.r2 = ChannelCases.tryReceive(a);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each sends to the other, or none would go on")
    @State
    public static class SelectVsSelect {
        private final Channel<Integer> toFirst = Channel.rendezvous();
        private final Channel<Integer> toSecond = Channel.rendezvous();

        @Actor
        public void first(LL_Result r) {
            Object received = exchange(toSecond, 2, toFirst);
            r.r1 = received;
        }

        @Actor
        public void second(LL_Result r) {
            Object received = exchange(toFirst, 1, toSecond);
            r.r2 = received;
        }

        /** Sends and receives, in the order in which the other one is ready. */
        private static Object exchange(Channel<Integer> out, int item, Channel<Integer> in) {
            return Party.result(() -> {
                Integer first = Select.<Integer, RuntimeException>select(
                        Select.on(in.receiving(), received -> received), Select.on(out.sending(item), nothing -> 0));
                if (first == 0) {
                    return in.receive();
                }
                out.send(item);
                return first;
            });
        }
    }
}
