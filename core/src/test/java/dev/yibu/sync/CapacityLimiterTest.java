package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CapacityLimiterTest {
    private final CapacityLimiter limiter = CapacityLimiter.of(2, "uploads");

    private void untilWaiting(int count) {
        Until.waiting(() -> limiter.statistics().waiting(), count);
    }

    private void untilBorne(int count) {
        Until.waiting(() -> limiter.statistics().bearers().size(), count);
    }

    private static CapacityLimiter.Statistics unused(int total) {
        return new CapacityLimiter.Statistics(total, List.of(), 0);
    }

    /** A task that bears a token until the event. */
    private Task<?> bearer(TaskGroup group, String name, Event done) {
        return group.start(name, () -> {
            try (var _ = limiter.hold()) {
                done.await();
            }
        });
    }

    @Test
    void at_most_so_many_tasks_bear_a_token_at_a_time() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 8; i++) {
                group.start(() -> {
                    limiter.acquire();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Until.holds(() -> most.get() >= 2); // so the first two are inside together
                    inside.decrementAndGet();
                    limiter.release();
                });
            }
        }));
        assertThat(most).hasValue(2);
        assertThat(limiter.statistics()).isEqualTo(unused(2));
    }

    @Test
    void waiters_are_served_in_the_order_of_their_arrival_and_nobody_gets_ahead() {
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        CapacityLimiter one = CapacityLimiter.of(1);
        run(() -> TaskGroup.run(group -> {
            one.acquire();
            for (int i = 0; i < 4; i++) {
                int number = i;
                group.start(() -> {
                    one.acquire();
                    served.add(number);
                    one.release();
                });
                Until.waiting(() -> one.statistics().waiting(), i + 1);
            }
            one.release();
            if (!one.tryAcquire()) { // unless all are served already
                one.acquire();
            }
            assertThat(served).containsExactly(0, 1, 2, 3);
            one.release();
        }));
    }

    @Test
    void try_acquire_never_waits() {
        run(() -> TaskGroup.run(group -> {
            assertThat(limiter.tryAcquire()).isTrue();
            assertThat(limiter.tryAcquireOnBehalfOf("x")).isTrue();
            assertThat(limiter.tryAcquireOnBehalfOf("y")).isFalse();
            Event done = Event.create();
            bearer(group, "waiter", done);
            untilWaiting(1);
            limiter.release();
            assertThat(limiter.tryAcquire()).as("the waiter has it").isFalse();
            limiter.releaseOnBehalfOf("x");
            assertThat(limiter.tryAcquire()).isTrue();
            limiter.release();
            done.set();
        }));
        assertThat(limiter.statistics()).isEqualTo(unused(2));
    }

    @Test
    void a_task_bears_one_token_at_most() {
        run(() -> TaskGroup.run(group -> group.start("greedy", () -> {
            try (var _ = limiter.hold()) {
                String message =
                        "task \"greedy\" bears a token of capacity limiter \"uploads\" already, and could wait for itself";
                assertThatIllegalStateException().isThrownBy(limiter::acquire).withMessage(message);
                assertThatIllegalStateException()
                        .isThrownBy(limiter::tryAcquire)
                        .withMessage(message);
            }
        })));
        assertThat(limiter.statistics()).isEqualTo(unused(2));
    }

    @Test
    void who_bears_no_token_can_not_release_one() {
        run(() -> TaskGroup.run(group -> {
            limiter.acquire();
            group.start(
                            "stranger",
                            () -> assertThatIllegalStateException()
                                    .isThrownBy(limiter::release)
                                    .withMessage("task \"stranger\" bears no token of capacity limiter \"uploads\""))
                    .await();
            assertThatIllegalStateException().isThrownBy(() -> limiter.releaseOnBehalfOf("x"));
            limiter.release();
            assertThatIllegalStateException().isThrownBy(limiter::release);
        }));
    }

    @Test
    void a_token_on_behalf_of_an_object_belongs_to_no_task() {
        run(() -> TaskGroup.run(group -> {
            group.start(() -> limiter.acquireOnBehalfOf("connection 1")).await();
            assertThat(limiter.statistics().bearers()).containsExactly("connection 1");
            assertThatIllegalStateException().isThrownBy(() -> limiter.acquireOnBehalfOf("connection 1"));
            limiter.acquire();
            assertThat(limiter.statistics().bearers()).hasSize(2);
            Task<?> waiter = group.start(() -> limiter.acquireOnBehalfOf("connection 2"));
            untilWaiting(1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> limiter.tryAcquireOnBehalfOf("connection 2"))
                    .withMessageStartingWith("connection 2 waits for a token");
            group.start(() -> limiter.releaseOnBehalfOf("connection 1")).await();
            waiter.await();
            limiter.release();
            limiter.releaseOnBehalfOf("connection 2");
        }));
        assertThat(limiter.statistics()).isEqualTo(unused(2));
    }

    @Test
    void a_task_that_ends_gives_its_token_back() {
        AtomicBoolean served = new AtomicBoolean();
        CapacityLimiter one = CapacityLimiter.of(1);
        run(() -> TaskGroup.run(group -> {
            Event end = Event.create();
            group.start("forgetful", () -> {
                one.acquire();
                end.await();
            });
            Until.holds(() -> !one.statistics().bearers().isEmpty());
            group.start(() -> {
                one.acquire();
                served.set(true);
            });
            Until.waiting(() -> one.statistics().waiting(), 1);
            end.set();
        }));
        assertThat(served).isTrue();
        assertThat(one.statistics()).isEqualTo(unused(1));
    }

    // ---------------------------------------------------------------- adjusting

    @Test
    void more_tokens_let_waiters_go_on_at_once() {
        run(() -> TaskGroup.run(group -> {
            Event done = Event.create();
            for (int i = 0; i < 5; i++) {
                bearer(group, "t" + i, done);
            }
            untilBorne(2);
            untilWaiting(3);

            limiter.totalTokens(4);

            assertThat(limiter.statistics().bearers()).hasSize(4);
            assertThat(limiter.statistics().waiting()).isEqualTo(1);
            done.set();
        }));
        assertThat(limiter.statistics()).isEqualTo(unused(4));
    }

    @Test
    void of_fewer_tokens_the_surplus_drains() {
        run(() -> TaskGroup.run(group -> {
            List<Event> done = List.of(Event.create(), Event.create(), Event.create());
            limiter.totalTokens(3);
            for (int i = 0; i < 3; i++) {
                bearer(group, "t" + i, done.get(i));
                untilBorne(i + 1);
            }
            Event last = Event.create();
            bearer(group, "waiter", last);
            untilWaiting(1);

            limiter.totalTokens(1);
            assertThat(limiter.statistics().bearers()).hasSize(3);
            done.get(0).set();
            untilBorne(2);
            done.get(1).set();
            untilBorne(1);
            assertThat(limiter.statistics().waiting())
                    .as("one token, which t2 bears")
                    .isEqualTo(1);
            done.get(2).set();
            untilWaiting(0);
            assertThat(limiter.statistics().bearers()).containsExactly("task \"waiter\"");
            last.set();
        }));
        assertThat(limiter.statistics()).isEqualTo(unused(1));
    }

    @Test
    void with_no_tokens_nobody_begins() {
        limiter.totalTokens(0);
        run(() -> {
            assertThat(limiter.tryAcquire()).isFalse();
            Until.cancelledWhileItWaits(
                    limiter::acquire, () -> limiter.statistics().waiting());
            assertThat(limiter.statistics()).isEqualTo(unused(0));
            limiter.totalTokens(1);
            limiter.acquire();
            limiter.release();
        });
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void acquire_looks_at_the_cancel_state_although_a_token_is_free() {
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(limiter::acquire) & Until.isCancelledAt(() -> limiter.acquireOnBehalfOf("x")));
        })));
        assertThat(met).isTrue();
        assertThat(limiter.statistics()).isEqualTo(unused(2));
    }

    @Test
    void a_cancelled_waiter_has_left_the_queue_and_may_come_again() {
        CapacityLimiter one = CapacityLimiter.of(1);
        run(() -> TaskGroup.run(group -> {
            one.acquireOnBehalfOf("x");
            Task<?> waiter = group.start(() -> {
                assertThat(moveOnAfter(Duration.ofMillis(5), one::acquire)).isFalse();
                assertThat(one.statistics().waiting()).isZero();
                assertThat(one.tryAcquire()).isFalse();
                one.releaseOnBehalfOf("x");
                one.acquire();
                one.release();
            });
            waiter.await();
        }));
        assertThat(one.statistics()).isEqualTo(unused(1));
    }

    @Test
    void a_token_that_was_handed_over_before_the_cancel_is_delivered() {
        AtomicBoolean delivered = new AtomicBoolean();
        AtomicBoolean metLater = new AtomicBoolean();
        CapacityLimiter one = CapacityLimiter.of(1);
        run(() -> TaskGroup.run(group -> {
            one.acquire();
            Task<?> waiter = group.start(() -> {
                try (var _ = one.hold()) {
                    delivered.set(true);
                    metLater.set(Until.isCancelledAt(() -> sleep(Until.LONG)));
                }
            });
            Until.waiting(() -> one.statistics().waiting(), 1);
            one.release();
            waiter.cancel();
        }));
        assertThat(delivered).isTrue();
        assertThat(metLater).isTrue();
        assertThat(one.statistics()).isEqualTo(unused(1));
    }

    // ---------------------------------------------------------------- whoever looks

    @Test
    void what_a_waiter_waits_on_tells_who_bears_the_tokens() {
        run(() -> TaskGroup.run(group -> {
            AtomicReference<Strand> strand = new AtomicReference<>();
            limiter.acquire();
            limiter.acquireOnBehalfOf("x");
            group.start(() -> {
                strand.set(Strand.current());
                limiter.acquire();
                limiter.release();
            });
            untilWaiting(1);
            Until.holds(() -> strand.get().waitingFor() != null);
            Object on = strand.get().waitingFor();
            assertThat(on).hasToString("capacity limiter \"uploads\"").isInstanceOf(Held.class);
            assertThat(((Held) on).holders()).containsExactly(Strand.current().principal());
            limiter.release();
            limiter.releaseOnBehalfOf("x");
        }));
    }

    @Test
    void closing_a_hold_again_does_nothing() {
        run(() -> {
            CapacityLimiter.Hold hold = limiter.hold();
            hold.close();
            hold.close();
            assertThat(limiter.statistics()).isEqualTo(unused(2));
        });
    }

    @Test
    void bad_arguments_and_names() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CapacityLimiter.of(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.totalTokens(-1))
                .withMessageContaining("-1");
        assertThatNullPointerException()
                .isThrownBy(() -> CapacityLimiter.of(1, null))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> limiter.acquireOnBehalfOf(null))
                .withMessage("bearer");
        assertThatNullPointerException()
                .isThrownBy(() -> limiter.tryAcquireOnBehalfOf(null))
                .withMessage("bearer");
        assertThatNullPointerException()
                .isThrownBy(() -> limiter.releaseOnBehalfOf(null))
                .withMessage("bearer");
        assertThat(CapacityLimiter.of(1)).hasToString("capacity limiter");
    }
}
