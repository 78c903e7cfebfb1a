package dev.yibu;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeadlineTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(15);

    @Test
    void where_there_is_none_the_remaining_time_is_for_ever() {
        Deadline outside = deadline();
        assertThat(outside.isSet()).isFalse();
        assertThat(outside.expired()).isFalse();
        assertThat(outside.remaining()).isEqualTo(ChronoUnit.FOREVER.getDuration());
        assertThat(outside).hasToString("no deadline");

        run(() -> {
            assertThat(deadline().isSet()).isFalse();
            assertThat(deadline().remaining()).isEqualTo(ChronoUnit.FOREVER.getDuration());
        });
    }

    @Test
    void the_remaining_time_shrinks_to_zero() {
        timeout(LONG, () -> {
            Duration first = deadline().remaining();
            assertThat(deadline().isSet()).isTrue();
            assertThat(first).isPositive().isLessThanOrEqualTo(LONG);
            Eventually.isTrue("time passes", () -> deadline().remaining().compareTo(first) < 0);
            assertThat(deadline().toString()).startsWith("deadline in ");
        });
        timeout(SHORT, () -> {
            Deadline deadline = deadline();
            Eventually.isTrue("the deadline passes", deadline::expired);
            assertThat(deadline.remaining()).isEqualTo(Duration.ZERO);
        });
    }

    @Test
    void the_earliest_of_nested_deadlines_counts() {
        timeout(Duration.ofMinutes(1), () -> {
            timeout(LONG, () -> assertThat(deadline().remaining()).isLessThanOrEqualTo(Duration.ofMinutes(1)));
            timeout(
                    Duration.ofSeconds(10),
                    () -> assertThat(deadline().remaining()).isLessThanOrEqualTo(Duration.ofSeconds(10)));
            assertThat(deadline().remaining()).isGreaterThan(Duration.ofSeconds(10));
        });
    }

    @Test
    void the_deadline_of_a_run_is_one_too() {
        run(
                RunOptions.defaults().withDeadline(LONG),
                () -> assertThat(deadline().remaining()).isLessThanOrEqualTo(LONG));
    }

    @Test
    void a_child_task_sees_the_deadline_of_its_group_and_a_background_task_does_not() {
        run(() -> timeout(LONG, () -> {
            TaskGroup.run(group ->
                    group.start(() -> assertThat(deadline().remaining()).isLessThanOrEqualTo(LONG)));
            createTask(() -> assertThat(deadline().isSet()).isFalse()).await();
        }));
    }

    @Test
    void a_shield_keeps_out_the_deadlines_beyond_it() {
        timeout(LONG, () -> {
            shield(LONG, () -> {
                assertThat(deadline().isSet()).isFalse();
                timeout(
                        Duration.ofMinutes(1),
                        () -> assertThat(deadline().remaining()).isLessThanOrEqualTo(Duration.ofMinutes(1)));
            });
            assertThat(deadline().isSet()).isTrue();
        });
    }

    @Test
    void it_can_be_moved_later_so_that_the_block_goes_on() {
        String value = timeout(SHORT, () -> {
            deadline().reschedule(LONG);
            assertThat(deadline().remaining()).isGreaterThan(SHORT).isLessThanOrEqualTo(LONG);
            sleep(SHORT.multipliedBy(2));
            return "went on";
        });

        assertThat(value).isEqualTo("went on");
    }

    @Test
    void it_can_be_moved_earlier_so_that_the_block_ends_sooner() {
        assertThatThrownBy(() -> timeout(LONG, () -> {
                    deadline().reschedule(SHORT);
                    sleep(LONG);
                }))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void moving_it_to_now_or_the_past_expires_the_block_at_once() {
        for (Duration none :
                new Duration[] {Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(Long.MIN_VALUE)}) {
            boolean finished = moveOnAfter(LONG, () -> {
                deadline().reschedule(none);
                assertThat(deadline().expired()).isTrue();
                sleep(LONG);
            });
            assertThat(finished).isFalse();
        }
    }

    @Test
    void it_can_be_moved_to_for_ever() {
        timeout(SHORT, () -> {
            deadline().reschedule(ChronoUnit.FOREVER.getDuration());
            sleep(SHORT.multipliedBy(2));
        });
    }

    @Test
    void the_innermost_block_is_moved() {
        timeout(LONG, () -> {
            boolean finished = moveOnAfter(LONG, () -> {
                deadline().reschedule(Duration.ZERO);
                sleep(LONG);
            });
            assertThat(finished).isFalse();
            assertThat(deadline().expired()).isFalse();
            assertThat(deadline().remaining()).isPositive();
        });
    }

    @Test
    void a_deadline_that_has_passed_can_not_be_moved() {
        moveOnAfter(SHORT, () -> {
            Deadline deadline = deadline();
            Eventually.isTrue("the deadline passes", deadline::expired);
            assertThatIllegalStateException()
                    .isThrownBy(() -> deadline.reschedule(LONG))
                    .withMessageContaining("expired");
        });
    }

    @Test
    void the_deadline_of_a_block_that_has_ended_can_not_be_moved() {
        Deadline[] kept = new Deadline[1];
        run(() -> {
            timeout(LONG, () -> {
                kept[0] = deadline();
            });
            assertThatIllegalStateException().isThrownBy(() -> kept[0].reschedule(LONG));
        });
    }

    @Test
    void only_the_task_that_opened_the_block_may_move_it() {
        run(() -> timeout(LONG, () -> {
            Deadline mine = deadline();
            TaskGroup.run(group -> group.start(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> mine.reschedule(SHORT))
                        .withMessageContaining("only the task");
                assertThatIllegalStateException()
                        .isThrownBy(() -> deadline().reschedule(SHORT))
                        .withMessageContaining("no timeout block");
                assertThat(mine.remaining()).isPositive();
            }));
        }));
    }

    @Test
    void where_there_is_no_block_there_is_nothing_to_move() {
        assertThatIllegalStateException()
                .isThrownBy(() -> deadline().reschedule(LONG))
                .withMessageContaining("no timeout block");
        assertThatNullPointerException()
                .isThrownBy(() -> deadline().reschedule(null))
                .withMessage("fromNow");
    }
}
