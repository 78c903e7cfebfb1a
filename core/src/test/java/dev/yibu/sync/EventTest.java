package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventTest {
    private final Event event = Event.create("ready");

    private void untilWaiting(int count) {
        Until.waiting(() -> event.statistics().waiting(), count);
    }

    @Test
    void all_who_wait_go_on_when_it_is_set() {
        AtomicInteger gone = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 5; i++) {
                group.start(() -> {
                    event.await();
                    gone.incrementAndGet();
                });
            }
            untilWaiting(5);
            assertThat(gone).hasValue(0);
            event.set();
        }));
        assertThat(gone).hasValue(5);
        assertThat(event.statistics()).isEqualTo(new Event.Statistics(true, 0));
    }

    @Test
    void who_comes_after_it_was_set_does_not_wait() {
        event.set();
        event.set();
        run(() -> {
            event.await();
            event.await();
        });
        assertThat(event.isSet()).isTrue();
    }

    @Test
    void who_comes_after_it_was_cleared_waits_again() {
        run(() -> {
            event.set();
            event.clear();
            event.clear();
            assertThat(event.isSet()).isFalse();
            Until.cancelledWhileItWaits(event::await, () -> event.statistics().waiting());
        });
    }

    @Test
    void who_waited_when_it_was_set_goes_on_although_it_is_cleared_at_once() {
        AtomicInteger gone = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 3; i++) {
                group.start(() -> {
                    event.await();
                    gone.incrementAndGet();
                });
            }
            untilWaiting(3);
            event.set();
            event.clear();
        }));
        assertThat(gone).hasValue(3);
        assertThat(event.isSet()).isFalse();
    }

    @Test
    void await_looks_at_the_cancel_state_although_it_is_set() {
        AtomicBoolean met = new AtomicBoolean();
        event.set();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(event::await));
        })));
        assertThat(met).isTrue();
    }

    @Test
    void a_cancelled_waiter_leaves_and_the_others_go_on() {
        AtomicInteger gone = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            Task<?> cancelled = group.start(event::await);
            untilWaiting(1);
            group.start(() -> {
                event.await();
                gone.incrementAndGet();
            });
            untilWaiting(2);
            cancelled.cancel();
            untilWaiting(1);
            assertThat(event.isSet()).isFalse();
            event.set();
        }));
        assertThat(gone).hasValue(1);
    }

    @Test
    void names() {
        assertThat(event).hasToString("event \"ready\"");
        assertThat(Event.create()).hasToString("event");
        assertThatNullPointerException().isThrownBy(() -> Event.create(null)).withMessage("name");
    }
}
