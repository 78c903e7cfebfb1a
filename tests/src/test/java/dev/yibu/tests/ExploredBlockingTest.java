package dev.yibu.tests;

import static dev.yibu.Async.abandon;
import static dev.yibu.Async.blocking;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.runInExecutor;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.ContextVar;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Work on threads of others, which are real ones: they hold the clock, see the caller's scope, and are waited for. */
@Explore(seeds = 100, everywhere = true)
@CancelEverywhere(schedules = 3)
class ExploredBlockingTest extends ExploredRules {
    private final Instant start = clock().instant();
    private final List<String> events = new ArrayList<>();

    private Duration elapsed() {
        return Duration.between(start, clock().instant());
    }

    @Test
    void running_work_is_waited_for_and_its_own_checkpoint_throws() {
        TaskGroup.run(group -> {
            Task<?> task = group.start(
                    "task",
                    () -> blocking(() -> {
                        try (Tracked _ = Tracked.open("a file")) {
                            while (true) {
                                checkpoint();
                            }
                        } catch (Cancelled e) {
                            events.add("worker saw it");
                            throw e;
                        }
                    }));
            checkpoint();
            task.cancel("enough");
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });
        assertThat(events).isIn(List.of(), List.of("worker saw it"));
    }

    @Test
    void a_worker_may_wait_and_a_timeout_reaches_its_wait() {
        assertThatThrownBy(() -> timeout(
                        ofSeconds(1),
                        () -> blocking(() -> {
                            try (Tracked _ = Tracked.open("a file")) {
                                sleep(ofSeconds(5));
                            }
                        })))
                .isInstanceOf(TimeoutException.class);
        assertThat(elapsed()).isEqualTo(ofSeconds(1));
        checkpoint();
    }

    @Test
    void values_and_exceptions_come_back_and_context_variables_travel() {
        ContextVar<String> user = ContextVar.create("user");
        List<String> values = user.where("ann", () -> gather(() -> blocking(user::get), () -> blocking(() -> "two")));
        assertThat(values).containsExactly("ann", "two");
        assertThatThrownBy(() -> blocking(() -> {
                    throw new java.io.IOException("failed");
                }))
                .isExactlyInstanceOf(java.io.IOException.class);
    }

    @Test
    void work_in_an_executor_may_gather() {
        List<Integer> values =
                runInExecutor(Thread::startVirtualThread, () -> gather(() -> 1, () -> blocking(() -> 2)));
        assertThat(values).containsExactly(1, 2);
    }

    @Test
    void an_abandoned_call_may_end_in_time_or_be_left_with_its_value_discarded() {
        String value = timeout(ofSeconds(1), () -> abandon(() -> "value", _ -> {}));
        assertThat(value).isEqualTo("value");
    }

    @Test
    void a_call_that_hangs_is_left_behind_at_the_deadline_and_keeps_nobody_out() {
        ForeignLatch hanging = new ForeignLatch("a read that hangs");
        try {
            assertThatThrownBy(() -> timeout(
                            ofSeconds(1),
                            () -> abandon(() -> {
                                hanging.await();
                                return "late";
                            })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
            assertThat(blocking(() -> abandon(() -> blocking(() -> "next")))).isEqualTo("next");
        } finally {
            hanging.release();
        }
    }
}
