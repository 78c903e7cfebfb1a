package dev.yibu;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.sync.Channel;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A task as one of several things to wait for. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TaskSelectionTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void a_select_that_is_over_leaves_nothing_with_the_task() {
        run(() -> {
            Task<?> task = createTask(() -> sleep(LONG));
            List<WeakReference<Channel<String>>> channels = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                channels.add(selected(task));
            }
            channels.forEach(Polling::untilCollected);
            task.cancel();
        });
    }

    private static WeakReference<Channel<String>> selected(Task<?> task) {
        Channel<String> channel = Channel.rendezvous();
        String chosen = select(
                on(channel.receiving(), item -> item),
                on(task.awaiting(), () -> "end"),
                after(Duration.ofNanos(1_000), () -> "time"));
        assertThat(chosen).isEqualTo("time");
        return new WeakReference<>(channel);
    }

    @Test
    void callbacks_stay_registered_when_a_select_takes_its_own_back() {
        List<String> called = new ArrayList<>(); // by the task alone, whose end run waits for
        run(() -> {
            Task<?> task = createTask(() -> sleep(LONG));
            task.onCompletion(_ -> called.add("first"));
            selected(task);
            task.onCompletion(_ -> called.add("second"));
            selected(task);
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });
        assertThat(called).containsExactly("first", "second");
    }

    @Test
    void a_failure_that_a_select_has_not_chosen_is_still_unread() {
        try (LogCapture log = new LogCapture()) {
            run(() -> {
                Task<?> task = createTask("unread", () -> {
                    sleep(Duration.ofMillis(5));
                    throw new IllegalStateException("nobody reads it");
                });
                selected(task);
                Polling.until("it has failed", task::isDone);
            });
            log.untilLogged("unread");
        }
    }

    @Test
    void a_waiter_that_gives_up_is_forgotten_wherever_it_stands_and_the_others_are_called_in_order() {
        List<Integer> called = new ArrayList<>();
        Callbacks callbacks = new Callbacks();
        List<Callbacks.Callback> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int number = i;
            Callbacks.Callback callback = new Callbacks.Callback(_ -> called.add(number));
            callbacks.add(callback);
            all.add(callback);
        }
        callbacks.remove(all.get(0));
        callbacks.remove(all.get(3));
        callbacks.remove(all.get(3));
        callbacks.remove(all.get(5));
        callbacks.takeAll().forEach(callback -> callback.callOnce(new Outcome.Success<>(1)));
        assertThat(called).containsExactly(1, 2, 4);
        callbacks.remove(all.get(1));
        callbacks.add(all.get(0));
        assertThat(callbacks.takeAll()).containsExactly(all.get(0));
    }

    @Test
    void many_waiters_for_one_task_give_up_at_the_price_of_few() {
        int waiters = 100_000;
        run(() -> {
            Task<?> awaited = createTask(() -> sleep(Duration.ofHours(1)));
            List<Selectable.Registration> registered = new ArrayList<>();
            Strand self = Strand.current();
            for (int i = 0; i < waiters; i++) {
                registered.add(awaited.awaiting().register(new Suspension<>(self, "a choice"), 0));
            }
            registered.forEach(
                    Selectable.Registration::remove); // the oldest first: ten billion steps, one after the other
            awaited.cancel();
        });
    }
}
