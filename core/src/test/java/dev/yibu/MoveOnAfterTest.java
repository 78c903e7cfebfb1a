package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MoveOnAfterTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(15);

    @Test
    void it_says_whether_the_block_finished() throws Exception {
        List<String> steps = new CopyOnWriteArrayList<>();

        assertThat(moveOnAfter(LONG, () -> {
                    steps.add("done");
                }))
                .isTrue();
        assertThat(moveOnAfter(SHORT, () -> {
                    sleep(LONG);
                    steps.add("never");
                }))
                .isFalse();
        assertThat(moveOnAfter(SHORT, () -> new Semaphore(0).acquire())).isFalse();

        assertThat(steps).containsExactly("done");
    }

    @Test
    void the_value_form_has_a_fallback() {
        assertThat(moveOnAfter(LONG, () -> "value", "fallback")).isEqualTo("value");
        assertThat(Async.<Object, RuntimeException>moveOnAfter(LONG, () -> null, "fallback"))
                .isNull();
        assertThat(moveOnAfter(
                        SHORT,
                        () -> {
                            sleep(LONG);
                            return "value";
                        },
                        "fallback"))
                .isEqualTo("fallback");
        assertThat(Async.<Object, RuntimeException>moveOnAfter(
                        SHORT,
                        () -> {
                            sleep(LONG);
                            return "value";
                        },
                        null))
                .isNull();
    }

    @Test
    void a_block_that_finishes_while_the_timer_fires_has_finished() {
        String value = moveOnAfter(
                SHORT,
                () -> {
                    Deadline deadline = deadline();
                    Eventually.isTrue("the deadline passes", deadline::expired);
                    return "value";
                },
                "fallback");

        assertThat(value).isEqualTo("value");
    }

    @Test
    void with_no_time_the_body_is_not_run() {
        List<String> steps = new CopyOnWriteArrayList<>();
        for (Duration none : List.of(Duration.ZERO, Duration.ofDays(-1))) {
            assertThat(moveOnAfter(none, () -> {
                        steps.add("body");
                    }))
                    .isFalse();
            assertThat(moveOnAfter(none, () -> "value", "fallback")).isEqualTo("fallback");
        }
        assertThat(steps).isEmpty();
    }

    @Test
    void an_exception_of_the_block_passes_unchanged_even_while_it_expires() {
        IOException mine = new IOException("mine");

        assertThatThrownBy(() -> moveOnAfter(LONG, () -> {
                    throw mine;
                }))
                .isSameAs(mine);
        assertThatThrownBy(() -> moveOnAfter(SHORT, () -> {
                    try {
                        sleep(LONG);
                    } catch (Cancelled cancelled) {
                        throw mine;
                    }
                }))
                .isSameAs(mine);
    }

    @Test
    void a_cancel_from_further_out_is_not_swallowed() {
        List<String> steps = new CopyOnWriteArrayList<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                moveOnAfter(SHORT, () -> {
                    Async.currentTask().cancel("enough");
                    Deadline deadline = deadline();
                    Eventually.isTrue("the deadline passes", deadline::expired);
                    checkpoint();
                });
                steps.add("never");
            });
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(steps).isEmpty();
    }

    @Test
    void an_outer_timeout_that_has_passed_too_is_thrown() {
        List<String> steps = new CopyOnWriteArrayList<>();
        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    Deadline outer = deadline();
                    moveOnAfter(SHORT, () -> {
                        Eventually.isTrue("the outer deadline passes", outer::expired);
                        sleep(LONG);
                    });
                    steps.add("never");
                }))
                .isInstanceOf(TimeoutException.class);
        assertThat(steps).isEmpty();
    }

    @Test
    void afterwards_the_code_goes_on_undisturbed() throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            assertThat(moveOnAfter(Duration.ofMillis(1), () -> sleep(LONG))).isFalse();
            assertThat(moveOnAfter(Duration.ofMillis(1), () -> new Semaphore(0).acquire()))
                    .isFalse();
            new Semaphore(1).acquire();
            checkpoint();
        }
    }

    @Test
    void null_arguments_are_refused() {
        assertThatNullPointerException()
                .isThrownBy(() -> moveOnAfter(null, () -> {}))
                .withMessage("timeout");
        assertThatNullPointerException().isThrownBy(() -> moveOnAfter(null, () -> "value", "fallback"));
        assertThatNullPointerException().isThrownBy(() -> moveOnAfter(LONG, null));
    }
}
