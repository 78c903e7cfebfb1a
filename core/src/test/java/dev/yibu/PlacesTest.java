package dev.yibu;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Places.Place;
import dev.yibu.lowlevel.Strand;
import dev.yibu.sync.Event;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The places of a pool that has one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlacesTest {
    private final Places places = new Places(1, "a place");
    private final Queue<String> events = new ConcurrentLinkedQueue<>();

    /** A call that has a place, or waits for one, and is told when to end. */
    private final class Call {
        private final Event has = Event.create();
        private final Event end = Event.create();
        private final Task<?> task;
        private Place place;

        /** A call from inside another one, or from outside of all. */
        Call(String name, Call around) {
            task = createTask(name, () -> {
                Strand self = Strand.current();
                if (around != null) {
                    self.context(around.place.in(self.context()));
                }
                place = places.acquire(self);
                events.add(name);
                has.set();
                end.await();
                places.release(place);
            });
        }

        Call has() {
            has.await();
            return this;
        }

        Call waits() {
            Polling.untilWaiting(task.name());
            assertThat(events).doesNotContain(task.name());
            return this;
        }

        void ends() {
            end.set();
            task.await();
        }
    }

    @Test
    void a_call_lends_its_place_to_those_from_inside_it_one_at_a_time_and_to_nobody_else() {
        run(() -> {
            Call outer = new Call("outer", null).has();
            Call stranger = new Call("stranger", null).waits();
            Call first = new Call("first", outer).has();
            Call second = new Call("second", outer).waits();
            Call inFirst = new Call("in the first", first).has();
            inFirst.ends();
            first.ends();
            second.has().ends();
            assertThat(events).doesNotContain("stranger");
            outer.ends();
            stranger.has().ends();
            new Call("the next", null).has().ends();
        });
        assertThat(List.copyOf(events))
                .containsExactly("outer", "first", "in the first", "second", "stranger", "the next");
    }

    @Test
    void a_place_whose_call_ends_while_it_is_lent_is_given_back_by_the_borrower() {
        run(() -> {
            Call outer = new Call("outer", null).has();
            Call inner = new Call("inner", outer).has();
            outer.ends();
            Call stranger = new Call("stranger", null).waits();
            inner.ends();
            stranger.has().ends();
        });
    }

    @Test
    void who_waits_for_the_place_of_a_call_that_ends_waits_for_the_one_that_it_was_borrowed_from() {
        run(() -> {
            Call outer = new Call("outer", null).has();
            Call inner = new Call("inner", outer).has();
            Call borrower = new Call("borrower", inner).has();
            Call waiting = new Call("waiting", inner).waits();
            inner.ends();
            Call late = new Call("late", inner).waits();
            borrower.ends();
            waiting.has().ends();
            late.has().ends();
            outer.ends();
            new Call("the next", null).has().ends();
        });
    }

    @Test
    void a_cancelled_waiter_and_one_that_has_got_another_place_take_nothing() {
        run(() -> {
            Call outer = new Call("outer", null).has();
            Call inner = new Call("inner", outer).has();
            Call cancelled = new Call("cancelled", outer).waits();
            Call patient = new Call("patient", outer).waits();
            cancelled.task.cancel();
            Polling.until("cancelled", cancelled.task::isDone);
            inner.ends();
            patient.has().ends();
            outer.ends();
            Call next = new Call("the next", null).has();
            Call last = new Call("the last", null).waits();
            next.ends();
            last.has().ends();
        });
    }

    @Test
    void a_call_that_is_left_behind_gives_its_place_back_at_once_and_once() {
        run(() -> {
            Call left = new Call("left behind", null).has();
            places.abandon(left.place);
            Call next = new Call("the next", null).has();
            Call inLeft = new Call("in the one left behind", left).has();
            Call last = new Call("the last", null).waits();
            inLeft.ends();
            last.waits();
            next.ends();
            last.has();
            left.task.cancel();
            Call afterAll = new Call("after all", null).waits();
            last.ends();
            afterAll.has().ends();
        });
    }
}
