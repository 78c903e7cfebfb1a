package dev.yibu;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

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
        List<String> called = new ArrayList<>();
        run(() -> {
            Task<?> task = createTask(() -> sleep(LONG));
            task.onCompletion(_ -> called.add("first"));
            selected(task);
            task.onCompletion(_ -> called.add("second"));
            selected(task);
            task.cancel();
            try {
                task.await();
            } catch (CancellationException expected) {
                called.add("awaited");
            }
        });
        assertThat(called).startsWith("first", "second").hasSize(3);
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
}
