package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Events: whoever comes, before or after it is set, goes on. */
class ExploredEventTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Event event = Event.create();
        private final List<Object> passed = new ArrayList<>();

        private void pass(Object who) {
            event.await();
            passed.add(who);
        }

        @Test
        void nobody_sleeps_through_it() {
            TaskGroup.run(group -> {
                group.start("first", () -> pass(1));
                group.start("second", () -> pass(2));
                group.start("setter", event::set);
                group.start("another setter", event::set);
                pass(3);
                assertThat(event.isSet()).isTrue();
            });
            assertThat(passed).containsExactlyInAnyOrder(1, 2, 3);
        }

        @Test
        void a_cancelled_waiter_leaves_the_others_alone() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> pass(1));
                group.start("other", () -> pass(2));
                group.start("canceller", () -> doomed.cancel("enough"));
                group.start("setter", event::set);
            });
            assertThat(passed).contains(2);
        }

        @Test
        void who_waited_before_it_was_set_goes_on_though_it_is_cleared_at_once() {
            TaskGroup.run(group -> {
                group.start("first", () -> pass(1));
                Task<?> doomed = group.start("doomed", () -> pass(2));
                while (event.statistics().waiting() < 2) {
                    checkpoint();
                }
                group.start("canceller", () -> doomed.cancel("enough"));
                event.set();
                event.clear();
            });
            assertThat(passed).contains(1);
            assertThat(event.isSet()).isFalse();
        }

        @AfterEach
        void nobody_waits() {
            assertThat(event.statistics().waiting()).isZero();
        }
    }
}
