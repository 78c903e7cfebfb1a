package dev.yibu.lowlevel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** One puts while another takes: in order, whole, once. A lock at each end is enough. */
public final class RingCases {
    private RingCases() {}

    private static final class Item {
        int content;

        Item(int content) {
            this.content = content;
        }
    }

    @JCStressTest
    @Outcome(id = "null", expect = ACCEPTABLE, desc = "too early")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "with all that was written before")
    @State
    public static class PutVsTake {
        private final Ring<Item> ring = new Ring<>(2);

        @Actor
        public void giver() {
            ring.put(new Item(1));
        }

        @Actor
        public void taker(L_Result r) {
            Item item = ring.take();
            r.r1 = item == null ? null : item.content;
        }
    }

    @JCStressTest
    @Outcome(id = "1, null, 2", expect = ACCEPTABLE, desc = "there was no room yet, or the second was put later")
    @Outcome(id = "1, null, 0", expect = ACCEPTABLE, desc = "there was no room")
    @Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "both, in order")
    @State
    public static class PutIntoTheSlotThatIsBeingEmptied {
        private final Ring<Integer> ring = new Ring<>(1);

        public PutIntoTheSlotThatIsBeingEmptied() {
            ring.put(1);
        }

        @Actor
        public void giver() {
            ring.put(2);
        }

        @Actor
        public void taker(LLI_Result r) {
            r.r1 = ring.take();
            r.r2 = ring.take();
        }

        @Arbiter
        public void rest(LLI_Result r) {
            Integer left = ring.take();
            r.r3 = left == null ? 0 : left;
        }
    }

    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "the first actor put first")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "the second actor put first")
    @State
    public static class PutVsPutUnderALock {
        private final SpinLock lock = new SpinLock();
        private final Ring<Integer> ring = new Ring<>(2);

        private void put(int item) {
            lock.lock();
            try {
                ring.put(item);
            } finally {
                lock.unlock();
            }
        }

        @Actor
        public void first() {
            put(1);
        }

        @Actor
        public void second() {
            put(2);
        }

        @Arbiter
        public void all(LL_Result r) {
            r.r1 = ring.take();
            r.r2 = ring.take();
        }
    }
}
