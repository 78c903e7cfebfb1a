package dev.yibu.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** What is given is taken, once and whole; who was not met has lost nothing. */
public final class MeetingCases {
    private MeetingCases() {}

    private static final class Item {
        int content;

        Item(int content) {
            this.content = content;
        }
    }

    private static Object content(Item taken) {
        return taken == null ? "none" : taken.content;
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "met")
    @Outcome(id = "false, none", expect = ACCEPTABLE, desc = "missed each other")
    @State
    public static class GiveVsTake {
        private final Meeting<Item> meeting = new Meeting<>();

        @Actor
        public void giver(ZL_Result r) {
            r.r1 = meeting.give(new Item(1));
        }

        @Actor
        public void taker(ZL_Result r) {
            r.r2 = content(meeting.take());
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "met before it was closed")
    @Outcome(id = "false, none", expect = ACCEPTABLE, desc = "did not meet")
    @State
    public static class GiveVsTakeVsClose {
        private final Meeting<Item> meeting = new Meeting<>();

        @Actor
        public void giver(ZL_Result r) {
            r.r1 = meeting.give(new Item(1));
        }

        @Actor
        public void taker(ZL_Result r) {
            r.r2 = content(meeting.take());
        }

        @Actor
        public void closer() {
            meeting.close();
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "met")
    @Outcome(id = "false, none", expect = ACCEPTABLE, desc = "missed each other")
    @State
    public static class GiveVsTryTake {
        private final Meeting<Item> meeting = new Meeting<>();

        @Actor
        public void giver(ZL_Result r) {
            r.r1 = meeting.give(new Item(1));
        }

        @Actor
        public void taker(ZL_Result r) {
            r.r2 = content(meeting.tryTake());
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the first was met")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the second was met")
    @Outcome(id = "false, false, none", expect = ACCEPTABLE, desc = "missed each other")
    @State
    public static class TwoGiversVsOneTaker {
        private final Meeting<Item> meeting = new Meeting<>();

        @Actor
        public void first(ZZL_Result r) {
            r.r1 = meeting.give(new Item(1));
        }

        @Actor
        public void second(ZZL_Result r) {
            r.r2 = meeting.give(new Item(2));
        }

        @Actor
        public void taker(ZZL_Result r) {
            r.r3 = content(meeting.take());
        }
    }
}
