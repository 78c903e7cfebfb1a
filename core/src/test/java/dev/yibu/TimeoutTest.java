package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.timeoutAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimeoutTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(15);

    private static void computeUntilExpired(Deadline deadline) {
        Eventually.isTrue("the deadline passes", deadline::expired);
    }

    @Test
    void a_block_that_ends_in_time_yields_its_value_or_its_exception() {
        IOException exception = new IOException("mine");

        assertThat(timeout(LONG, () -> "value")).isEqualTo("value");
        assertThat(Async.<Object, RuntimeException>timeout(LONG, () -> null)).isNull();
        assertThatThrownBy(() -> timeout(LONG, () -> {
                    throw exception;
                }))
                .isSameAs(exception);
        assertThat(exception.getSuppressed()).isEmpty();
    }

    @Test
    void a_block_that_waits_longer_is_cancelled_and_the_timeout_is_thrown() {
        List<String> steps = new CopyOnWriteArrayList<>();
        long start = System.nanoTime();

        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    try {
                        sleep(LONG);
                    } finally {
                        steps.add("finally");
                    }
                }))
                .isInstanceOfSatisfying(
                        TimeoutException.class, e -> assertThat(e.timeout()).isEqualTo(SHORT));

        assertThat(System.nanoTime() - start).as("not early").isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(steps).containsExactly("finally");
    }

    @Test
    void its_message_names_duration_and_place() {
        int line =
                StackWalker.getInstance().walk(f -> f.findFirst().orElseThrow().getLineNumber());
        assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG)))
                .hasMessage("deadline of 15 ms at TimeoutTest.java:" + (line + 1) + " passed");
    }

    @Test
    void in_debug_mode_the_reason_names_duration_and_place_too() {
        AtomicReference<Cancelled> seen = new AtomicReference<>();
        assertThatThrownBy(() -> run(
                        RunOptions.defaults().withDebug(true),
                        () -> timeout(SHORT, () -> {
                            try {
                                sleep(LONG);
                            } catch (Cancelled cancelled) {
                                seen.set(cancelled);
                                throw cancelled;
                            }
                        })))
                .isInstanceOf(TimeoutException.class);

        assertThat(seen.get().getMessage()).matches("deadline of 15 ms at TimeoutTest\\.java:\\d+");
        assertThat(seen.get().reason().kind()).isEqualTo(CancelReason.Kind.DEADLINE);
    }

    @Test
    void the_timer_fires_while_the_block_completes_normally_the_result_wins_and_expired_is_true() {
        AtomicReference<Deadline> deadline = new AtomicReference<>();

        String value = timeout(SHORT, () -> {
            deadline.set(deadline());
            assertThat(deadline().expired()).isFalse();
            computeUntilExpired(deadline.get());
            return "result";
        });

        assertThat(value).isEqualTo("result");
        assertThat(deadline.get().expired()).isTrue();
    }

    /** Items that have to be closed, which takes a while. */
    private record SlowToClose(Duration time) implements Iterable<String>, AutoCloseable {
        @Override
        public Iterator<String> iterator() {
            return List.of("item").iterator();
        }

        @Override
        public void close() {
            sleep(time);
        }
    }

    @Test
    void what_a_block_has_left_open_meets_the_deadline_as_a_timeout() {
        Throwable thrown = run(() -> {
            Throwable caught = catchThrowable(() -> timeout(SHORT, () -> {
                String item =
                        AsyncIterable.from(new SlowToClose(LONG)).iterator().next();
                computeUntilExpired(deadline());
                return item;
            }));
            checkpoint(); // nothing is left of it
            return caught;
        });

        assertThat(thrown).isInstanceOf(TimeoutException.class);
    }

    @Test
    void nested_timeouts_both_expired_only_the_outermost_throws() {
        List<String> seen = new CopyOnWriteArrayList<>();
        for (boolean innerFirst : List.of(true, false)) {
            seen.clear();
            Duration inner = innerFirst ? SHORT : SHORT.plusMillis(10);
            Duration outer = innerFirst ? SHORT.plusMillis(10) : SHORT;

            assertThatThrownBy(() -> timeout(outer, () -> {
                        Deadline outerDeadline = deadline();
                        try {
                            timeout(inner, () -> {
                                computeUntilExpired(outerDeadline);
                                computeUntilExpired(deadline());
                                checkpoint();
                            });
                        } catch (TimeoutException e) {
                            seen.add("inner");
                        } catch (Cancelled cancelled) {
                            seen.add("outer");
                            throw cancelled;
                        }
                    }))
                    .isInstanceOfSatisfying(
                            TimeoutException.class, e -> assertThat(e.timeout()).isEqualTo(outer));
            assertThat(seen).containsExactly("outer");
        }
    }

    /** The outer deadline is a few microseconds earlier: one wake-up of the timer sees both, the inner one first. */
    @Test
    void nested_timeouts_of_the_same_length_throw_once_from_the_outermost() {
        for (int i = 0; i < 100; i++) {
            AtomicReference<Throwable> inner = new AtomicReference<>();
            assertThatThrownBy(() -> timeout(Duration.ofMillis(2), () -> {
                        try {
                            timeout(Duration.ofMillis(2), () -> sleep(LONG));
                        } catch (Throwable t) {
                            inner.set(t);
                            throw t;
                        }
                    }))
                    .isInstanceOf(TimeoutException.class);
            assertThat(inner.get()).isInstanceOf(Cancelled.class);
        }
    }

    @Test
    void an_inner_timeout_leaves_the_outer_block_alone() {
        String value = timeout(LONG, () -> {
            assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG))).isInstanceOf(TimeoutException.class);
            checkpoint();
            sleep(Duration.ofMillis(1));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return "went on";
        });

        assertThat(value).isEqualTo("went on");
    }

    @Test
    void a_foreign_cancel_inside_a_timeout_stays_a_cancel() {
        AtomicReference<Strand> strand = new AtomicReference<>();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                strand.set(Strand.current());
                try {
                    timeout(LONG, () -> sleep(LONG));
                } catch (Throwable t) {
                    seen.set(t);
                    throw t;
                }
            });
            Eventually.isTrue("the task begins", () -> strand.get() != null);
            Eventually.waits(strand.get());
            task.cancel("enough");
            Eventually.isTrue("the task ends", task::isDone);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(seen.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
    }

    @Test
    void a_foreign_cancel_that_meets_an_expired_block_stays_a_cancel() {
        AtomicReference<Task<?>> self = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                Task<?> me = Async.currentTask();
                timeout(SHORT, () -> {
                    computeUntilExpired(deadline());
                    me.cancel("enough");
                    checkpoint();
                });
            });
            self.set(task);
            Eventually.isTrue("the task ends", task::isDone);
        });
        assertThat(self.get().isCancelled()).isTrue();
    }

    @Test
    void awaiting_a_task_that_somebody_cancelled_is_no_timeout() {
        run(() -> {
            Task<?> other = createTask(() -> sleep(LONG));
            other.cancel();
            assertThatThrownBy(() -> timeout(LONG, () -> other.await())).isInstanceOf(CancellationException.class);
        });
    }

    @Test
    void the_block_throws_its_own_exception_while_expiring_that_exception_with_the_timeout_suppressed() {
        IOException mine = new IOException("mine");

        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    try {
                        sleep(LONG);
                    } catch (Cancelled cancelled) {
                        throw mine;
                    }
                }))
                .isSameAs(mine)
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .isInstanceOfSatisfying(
                                TimeoutException.class,
                                timeout -> assertThat(timeout.timeout()).isEqualTo(SHORT)));
    }

    @Test
    void a_timeout_of_zero_or_less_throws_at_once_and_the_body_is_not_run() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            List<String> steps = new CopyOnWriteArrayList<>();
            assertThatThrownBy(() -> timeout(none, () -> steps.add("body"))).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> timeoutAt(Instant.now().minusSeconds(1), () -> steps.add("body")))
                    .isInstanceOf(TimeoutException.class);
            assertThat(steps).isEmpty();
        }
    }

    @Test
    void a_block_that_will_not_stop_at_its_timeout_is_waited_for() {
        List<String> steps = new CopyOnWriteArrayList<>();

        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    Deadline deadline = deadline();
                    Eventually.isTrue("the deadline passes", deadline::expired);
                    Thread other = Thread.ofPlatform().start(() -> steps.add("still inside"));
                    Eventually.isTrue("the other thread ends", () -> !other.isAlive());
                    steps.add("ended");
                    checkpoint();
                }))
                .isInstanceOf(TimeoutException.class);

        assertThat(steps).containsExactly("still inside", "ended");
    }

    /** The deadline is moved to now when all have begun: one that has not would never run, and clean up nothing. */
    @Test
    void the_children_of_the_block_end_before_it() {
        List<String> begun = new CopyOnWriteArrayList<>();
        List<String> ended = new CopyOnWriteArrayList<>();
        Iterable<String> names = () -> new Iterator<>() {
            private final Iterator<String> names = List.of("a", "b", "c").iterator();

            @Override
            public boolean hasNext() {
                if (names.hasNext()) {
                    return true;
                }
                Eventually.isTrue("all have begun", () -> begun.size() == 3);
                deadline().reschedule(Duration.ZERO);
                return false;
            }

            @Override
            public String next() {
                return names.next();
            }
        };

        assertThatThrownBy(() -> timeout(
                        LONG,
                        () -> gather(names, name -> {
                            try {
                                begun.add(name);
                                sleep(LONG);
                            } finally {
                                shield(LONG, () -> sleep(Duration.ofMillis(1)));
                                ended.add(name);
                            }
                            return name;
                        })))
                .isInstanceOf(TimeoutException.class);

        assertThat(ended).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void time_spent_inside_a_shield_counts_and_shows_behind_it() {
        List<String> steps = new CopyOnWriteArrayList<>();

        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    Deadline outer = deadline();
                    shield(LONG, () -> {
                        computeUntilExpired(outer);
                        checkpoint();
                        steps.add("shielded");
                    });
                    checkpoint();
                    steps.add("never");
                }))
                .isInstanceOf(TimeoutException.class);

        assertThat(steps).containsExactly("shielded");
    }

    @Test
    void timeout_at_takes_an_instant() {
        assertThat(timeoutAt(Instant.now().plusSeconds(3600), () -> "value")).isEqualTo("value");
        Instant deadline = Instant.now().plus(SHORT);
        assertThatThrownBy(() -> timeoutAt(deadline, () -> sleep(LONG))).isInstanceOf(TimeoutException.class);
        assertThat(Instant.now()).isAfterOrEqualTo(deadline.minusMillis(1));
        assertThat(timeoutAt(Instant.MAX, () -> "for ever")).isEqualTo("for ever");
        assertThatThrownBy(() -> timeoutAt(Instant.MIN, () -> "never")).isInstanceOf(TimeoutException.class);
    }

    @Test
    void far_deadlines_saturate() {
        assertThat(timeout(ChronoUnit.FOREVER.getDuration(), () -> "value")).isEqualTo("value");
    }

    @Test
    void null_arguments_are_refused() {
        assertThatNullPointerException()
                .isThrownBy(() -> timeout(null, () -> "value"))
                .withMessage("timeout");
        assertThatNullPointerException().isThrownBy(() -> timeout(LONG, (Coroutine<String, RuntimeException>) null));
        assertThatNullPointerException().isThrownBy(() -> timeoutAt(null, () -> "value"));
    }

    /** Every thread, virtual or platform, has the next number. */
    @Test
    void no_thread_is_started_for_a_timeout_a_shield_or_a_move_on_after() {
        Thread self = Thread.currentThread();
        timeout(LONG, () -> {});
        long before = Thread.ofVirtual().unstarted(() -> {}).threadId();
        for (int i = 0; i < 5_000; i++) {
            assertThat(timeout(LONG, Thread::currentThread)).isSameAs(self);
            assertThat(shield(LONG, Thread::currentThread)).isSameAs(self);
            assertThat(moveOnAfter(
                            LONG, () -> assertThat(Thread.currentThread()).isSameAs(self)))
                    .isTrue();
        }
        long started = Thread.ofVirtual().unstarted(() -> {}).threadId() - before;

        assertThat(started).as("threads of this whole process meanwhile").isLessThan(500);
    }
}
