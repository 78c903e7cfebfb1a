package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Cancelled;
import dev.yibu.GroupOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConditionTest {
    private static final Mutex.Statistics FREE = new Mutex.Statistics(Optional.empty(), false, 0);

    private final Mutex mutex = Mutex.create("ledger");
    private final Condition changed = mutex.newCondition("changed");

    private void untilWaiting(int count) {
        Until.waiting(() -> changed.statistics().waiting(), count);
    }

    private void signalled(int count) {
        try (var _ = mutex.hold()) {
            changed.signal(count);
        }
    }

    /** A task that waits once and then tells its name. */
    private Task<?> waiter(TaskGroup group, String name, List<String> woken) {
        return group.start(name, () -> {
            try (var _ = mutex.hold()) {
                changed.await();
                woken.add(name);
            }
        });
    }

    private static List<String> names() {
        return Collections.synchronizedList(new ArrayList<>());
    }

    @Test
    void a_wait_releases_the_mutex_and_has_it_again_afterwards() {
        run(() -> TaskGroup.run(group -> {
            group.start("waiter", () -> {
                try (var _ = mutex.hold()) {
                    changed.await();
                    assertThat(mutex.statistics().owner()).contains("task \"waiter\"");
                }
            });
            untilWaiting(1);
            assertThat(mutex.statistics()).isEqualTo(FREE);
            signalled(1);
        }));
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void signals_reach_those_who_have_waited_longest() {
        List<String> woken = names();
        run(() -> TaskGroup.run(group -> {
            for (int i = 1; i <= 5; i++) {
                waiter(group, "w" + i, woken);
                untilWaiting(i);
            }
            signalled(0);
            signalled(1);
            Until.holds(() -> woken.size() == 1);
            signalled(2);
            Until.holds(() -> woken.size() == 3);
            assertThat(changed.statistics()).isEqualTo(new Condition.Statistics(2));
            signalled(Integer.MAX_VALUE);
        }));

        assertThat(woken).containsExactly("w1", "w2", "w3", "w4", "w5");
    }

    @Test
    void signal_all_reaches_all_that_wait_and_none_that_come_later() {
        List<String> woken = names();
        run(() -> TaskGroup.run(group -> {
            waiter(group, "a", woken);
            waiter(group, "b", woken);
            untilWaiting(2);
            try (var _ = mutex.hold()) {
                changed.signalAll();
            }
            Until.holds(() -> woken.size() == 2);
            Task<?> late = waiter(group, "late", woken);
            untilWaiting(1);
            late.cancel();
        }));

        assertThat(woken).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void a_signal_that_nobody_waits_for_is_gone() {
        run(() -> {
            signalled(1);
            Until.cancelledWhileItWaits(
                    () -> {
                        try (var _ = mutex.hold()) {
                            changed.await();
                        }
                    },
                    () -> changed.statistics().waiting());
        });
    }

    @Test
    void a_signalled_task_goes_on_only_when_it_has_got_the_mutex() {
        List<String> woken = names();
        run(() -> TaskGroup.run(group -> {
            AtomicReference<Strand> strand = new AtomicReference<>();
            group.start("waiter", () -> {
                strand.set(Strand.current());
                try (var _ = mutex.hold()) {
                    changed.await();
                    woken.add("waiter");
                }
            });
            untilWaiting(1);
            assertThat(strand.get().waitingFor()).hasToString("condition \"changed\"");
            assertThat(((Held) strand.get().waitingFor()).holders()).isEmpty();
            try (var _ = mutex.hold()) {
                changed.signal();
                assertThat(mutex.statistics().waiting()).isEqualTo(1);
                assertThat(strand.get().waitingFor())
                        .hasToString("mutex \"ledger\" after its wait for condition \"changed\"");
                assertThat(((Held) strand.get().waitingFor()).holders())
                        .containsExactly(Strand.current().principal());
                sleep(Duration.ofMillis(2));
                assertThat(woken).isEmpty();
            }
        }));
        assertThat(woken).containsExactly("waiter");
    }

    @Test
    void await_until_waits_for_the_state_however_often_it_is_signalled() {
        AtomicInteger state = new AtomicInteger();
        AtomicInteger looks = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            group.start(() -> {
                try (var _ = mutex.hold()) {
                    changed.awaitUntil(() -> {
                        looks.incrementAndGet();
                        return state.get() == 3;
                    });
                    assertThat(state).hasValue(3);
                }
            });
            for (int i = 1; i <= 3; i++) {
                untilWaiting(1);
                try (var _ = mutex.hold()) {
                    state.set(i);
                    changed.signal();
                }
            }
        }));
        assertThat(looks).hasValue(4);
    }

    @Test
    void await_until_does_not_wait_if_the_state_is_as_wanted_but_is_a_checkpoint() {
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            try (var _ = mutex.hold()) {
                changed.awaitUntil(() -> true);
                currentTask().cancel();
                met.set(Until.isCancelledAt(() -> changed.awaitUntil(() -> true)));
            }
        })));
        assertThat(met).isTrue();
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void a_wait_by_a_cancelled_task_does_not_release_the_mutex_and_throws() {
        AtomicBoolean met = new AtomicBoolean();
        AtomicBoolean gotIn = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> {
            Event othersWait = Event.create();
            group.start("waiter", () -> {
                try (var _ = mutex.hold()) {
                    othersWait.await();
                    currentTask().cancel();
                    met.set(Until.isCancelledAt(changed::await));
                    assertThat(mutex.statistics().owner()).contains("task \"waiter\"");
                    assertThat(gotIn).isFalse();
                }
            });
            Until.holds(() -> mutex.statistics().owner().isPresent());
            group.start(() -> {
                try (var _ = mutex.hold()) {
                    gotIn.set(true);
                }
            });
            Until.waiting(() -> mutex.statistics().waiting(), 1);
            othersWait.set();
        }));
        assertThat(met).isTrue();
        assertThat(gotIn).isTrue();
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void a_cancelled_wait_waits_for_the_mutex_and_then_throws() {
        AtomicReference<String> ownerWhenThrown = new AtomicReference<>();
        run(() -> TaskGroup.run(group -> {
            Task<?> waiter = group.start("waiter", () -> {
                mutex.acquire();
                try {
                    changed.await();
                } catch (Cancelled e) {
                    ownerWhenThrown.set(mutex.statistics().owner().orElse("nobody"));
                    throw e;
                } finally {
                    mutex.release();
                }
            });
            untilWaiting(1);
            try (var _ = mutex.hold()) {
                waiter.cancel();
                Until.waiting(() -> mutex.statistics().waiting(), 1);
                sleep(Duration.ofMillis(2));
                assertThat(ownerWhenThrown).hasNullValue();
                assertThat(waiter.isDone()).isFalse();
            }
        }));
        assertThat(ownerWhenThrown).hasValue("task \"waiter\"");
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void a_signal_after_the_cancel_goes_to_the_next() {
        List<String> woken = names();
        run(() -> TaskGroup.run(group -> {
            Task<?> first = waiter(group, "first", woken);
            untilWaiting(1);
            waiter(group, "second", woken);
            untilWaiting(2);
            first.cancel();
            signalled(1);
        }));
        assertThat(woken).containsExactly("second");
    }

    @Test
    void a_signal_before_the_cancel_goes_to_the_next_too() {
        List<String> woken = names();
        run(() -> TaskGroup.run(group -> {
            Task<?> first = waiter(group, "first", woken);
            untilWaiting(1);
            waiter(group, "second", woken);
            untilWaiting(2);
            try (var _ = mutex.hold()) {
                changed.signal();
                first.cancel();
            }
        }));
        assertThat(woken).containsExactly("second");
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void a_timeout_of_a_wait_ends_with_the_mutex() {
        run(() -> {
            try (var _ = mutex.hold()) {
                assertThat(moveOnAfter(Duration.ofMillis(5), changed::await)).isFalse();
                assertThat(mutex.statistics().owner()).isPresent();
            }
        });
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    // ---------------------------------------------------------------- errors

    @Test
    void who_waits_or_signals_must_have_the_mutex() {
        run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(changed::await)
                    .withMessageContaining("does not have mutex \"ledger\"");
            assertThatIllegalStateException().isThrownBy(() -> changed.awaitUntil(() -> true));
            assertThatIllegalStateException().isThrownBy(changed::signal);
            assertThatIllegalStateException().isThrownBy(() -> changed.signal(2));
            assertThatIllegalStateException().isThrownBy(changed::signalAll);
        });
    }

    @Test
    void when_the_mutex_breaks_those_who_wait_for_a_signal_fail_too() {
        List<String> messages = names();
        run(() -> TaskGroup.run(group -> {
            for (int i = 1; i <= 2; i++) {
                group.start(() -> {
                    mutex.acquire();
                    try {
                        changed.await();
                    } catch (BrokenException e) {
                        messages.add(e.getMessage());
                    }
                });
                untilWaiting(i);
            }
            group.start("forgetful", () -> {
                mutex.acquire();
                changed.signal(); // one waits for the mutex now
            });
        }));
        String message = "mutex \"ledger\" is broken: task \"forgetful\" has ended without releasing it";
        assertThat(messages).containsExactly(message, message);
    }

    @Test
    void when_the_mutex_breaks_before_a_cancelled_waiter_has_it_the_break_is_thrown_and_the_cancel_comes_next() {
        List<String> messages = names();
        run(() -> TaskGroup.run(GroupOptions.supervised(), group -> {
            Event ends = Event.create();
            Event held = Event.create();
            Task<?> waiter = group.start(() -> {
                mutex.acquire();
                try {
                    changed.await();
                } catch (BrokenException e) {
                    messages.add("broken");
                }
                try {
                    checkpoint();
                } catch (Cancelled e) {
                    messages.add("cancelled");
                    throw e;
                }
            });
            untilWaiting(1);
            group.start("forgetful", () -> {
                mutex.acquire();
                held.set();
                ends.await();
            });
            held.await();
            waiter.cancel("enough");
            Until.waiting(() -> mutex.statistics().waiting(), 1);
            ends.set();
        }));
        assertThat(messages).containsExactly("broken", "cancelled");
    }

    @Test
    void bad_arguments_are_refused() {
        run(() -> {
            try (var _ = mutex.hold()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> changed.signal(-1))
                        .withMessageContaining("-1");
                assertThatNullPointerException()
                        .isThrownBy(() -> changed.awaitUntil(null))
                        .withMessage("predicate");
            }
        });
        assertThat(mutex.newCondition()).hasToString("condition");
    }
}
