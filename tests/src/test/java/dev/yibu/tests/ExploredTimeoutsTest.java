package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Deadline;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Time limits: who throws, when, and what of the block's own outcome remains. */
class ExploredTimeoutsTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Instant start = clock().instant();
        private final List<String> events = new ArrayList<>();

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        @Test
        void a_result_and_the_timer_of_the_same_instant_have_one_winner() {
            Deadline[] inside = new Deadline[1];
            try {
                String value = timeout(ofSeconds(1), () -> {
                    inside[0] = deadline();
                    sleep(ofSeconds(1));
                    return "value";
                });
                assertThat(value).isEqualTo("value");
            } catch (TimeoutException e) {
                assertThat(inside[0].expired()).isTrue();
            }
            checkpoint();
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }

        @Test
        void the_result_of_a_block_that_expired_wins_and_expired_says_true() {
            Deadline[] inside = new Deadline[1];
            String value = timeout(ofSeconds(1), () -> {
                inside[0] = deadline();
                shield(ofSeconds(10), () -> sleep(ofSeconds(3)));
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(inside[0].expired()).isTrue();
            assertThat(elapsed()).isEqualTo(ofSeconds(3));
            checkpoint();
        }

        @Test
        void of_nested_timeouts_that_expire_at_one_instant_only_the_outermost_throws() {
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> {
                        try {
                            timeout(ofSeconds(1), () -> timeout(ofSeconds(1), () -> sleep(ofSeconds(5))));
                        } catch (TimeoutException e) {
                            events.add("inner");
                        }
                        checkpoint();
                        events.add("went on");
                    }))
                    .isInstanceOf(TimeoutException.class);
            assertThat(events).isEmpty();
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }

        @Test
        void an_inner_timeout_throws_alone_and_the_outer_block_goes_on() {
            String value = timeout(ofSeconds(3), () -> {
                assertThatThrownBy(() -> timeout(ofSeconds(1), () -> sleep(ofSeconds(5))))
                        .isInstanceOf(TimeoutException.class);
                sleep(ofSeconds(1));
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }

        @Test
        void a_cancellation_from_elsewhere_inside_a_timeout_stays_a_cancellation() {
            TaskGroup.run(group -> {
                Task<String> task = group.start("task", () -> {
                    try {
                        timeout(ofSeconds(1), () -> sleep(ofSeconds(5)));
                    } catch (TimeoutException e) {
                        boolean cancelled =
                                Objects.requireNonNull(Strand.current()).scope().isCancelled();
                        assertThat(cancelled && isUndisturbed()).isFalse();
                        return "timeout";
                    }
                    return "slept";
                });
                sleep(ofSeconds(1));
                boolean taken = task.cancel("enough");
                task.onCompletion(outcome -> {
                    if (!taken) {
                        assertThat(outcome).isEqualTo(new Outcome.Success<>("timeout"));
                    } else if (!outcome.equals(new Outcome.Success<>("timeout"))) {
                        assertThat(outcome).isInstanceOf(Outcome.Cancellation.class);
                    }
                });
            });
        }

        @Test
        void an_exception_of_the_block_while_it_expires_is_thrown_with_the_timeout_suppressed() {
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> {
                        try {
                            sleep(ofSeconds(5));
                        } catch (Cancelled e) {
                            throw new IllegalStateException("clean-up failed");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .satisfies(
                            e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(TimeoutException.class));
            sleep(ofSeconds(1));
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }

        @Test
        void without_any_time_it_throws_at_once_and_the_body_is_not_run() {
            assertThatThrownBy(() -> timeout(ZERO, () -> events.add("ran"))).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> timeout(ofSeconds(-1), () -> events.add("ran")))
                    .isInstanceOf(TimeoutException.class);
            assertThat(moveOnAfter(ZERO, () -> {
                        events.add("ran");
                    }))
                    .isFalse();
            assertThat(events).isEmpty();
        }

        @Test
        void a_deadline_that_is_moved_in_time_counts_from_then_on() {
            gather(
                    () -> {
                        Deadline[] inside = new Deadline[1];
                        try {
                            timeout(ofSeconds(1), () -> {
                                inside[0] = deadline();
                                sleep(ofSeconds(1));
                                inside[0].reschedule(ofSeconds(2));
                                events.add("moved");
                                sleep(ofSeconds(5));
                            });
                        } catch (TimeoutException e) {
                            assertThat(events).isIn(List.of("moved"), List.of());
                            assertThat(elapsed()).isEqualTo(ofSeconds(events.isEmpty() ? 1 : 3));
                        } catch (IllegalStateException e) {
                            assertThat(events).isEmpty();
                            assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(TimeoutException.class);
                        }
                        assertThat(inside[0].expired()).isTrue();
                    },
                    () -> sleep(ofSeconds(1)));
        }

        @Test
        void a_deadline_that_is_moved_to_now_expires_at_once() {
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> {
                        deadline().reschedule(ZERO);
                        sleep(ofMillis(1));
                    }))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isZero();
        }

        @Test
        void to_move_on_says_whether_the_body_finished() {
            List<Integer> done = new ArrayList<>();
            boolean inTime = moveOnAfter(ofSeconds(1), () -> {
                sleep(ofSeconds(1));
                done.add(1);
            });
            assertThat(inTime).isEqualTo(!done.isEmpty());
            String value = moveOnAfter(
                    ofSeconds(1),
                    () -> {
                        sleep(ofSeconds(2));
                        return "value";
                    },
                    "fallback");
            assertThat(value).isEqualTo("fallback");
            checkpoint();
        }

        @Test
        void foreign_code_is_ended_by_its_timeout_and_the_next_one_is_left_alone() throws InterruptedException {
            ForeignLatch slow = new ForeignLatch("a slow read");
            ForeignLatch quick = new ForeignLatch("a quick read");
            gather(
                    () -> {
                        assertThatThrownBy(() -> timeout(ofSeconds(1), () -> slow.await()))
                                .isInstanceOf(TimeoutException.class)
                                .hasCauseInstanceOf(InterruptedException.class);
                        quick.await();
                    },
                    () -> {
                        sleep(ofSeconds(1));
                        quick.release();
                    });
        }

        @Test
        void what_was_started_inside_has_ended_when_the_timeout_throws() {
            assertThatThrownBy(() -> timeout(
                            ofSeconds(1),
                            () -> gather(
                                    () -> {
                                        try (Tracked _ = Tracked.open("a resource")) {
                                            sleep(ofSeconds(5));
                                        }
                                    },
                                    () -> shield(ofSeconds(2), () -> {
                                        sleep(ofSeconds(2));
                                        events.add("cleaned up");
                                    }))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(events).containsExactly("cleaned up");
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }
    }
}
