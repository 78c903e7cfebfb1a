package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutexTest {
    private static final Mutex.Statistics FREE = new Mutex.Statistics(Optional.empty(), false, 0);

    private final Mutex mutex = Mutex.create("ledger");

    private void untilWaiting(int count) {
        Until.waiting(() -> mutex.statistics().waiting(), count);
    }

    @Test
    void one_task_has_it_at_a_time_even_while_it_waits_for_other_things() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 6; i++) {
                group.start(() -> {
                    try (var _ = mutex.hold()) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        sleep(Duration.ofMillis(1));
                        inside.decrementAndGet();
                    }
                });
            }
        }));

        assertThat(most).hasValue(1);
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void waiters_get_it_in_the_order_of_their_arrival_and_nobody_gets_ahead() {
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        run(() -> TaskGroup.run(group -> {
            mutex.acquire();
            for (int i = 0; i < 4; i++) {
                int number = i;
                group.start(() -> {
                    mutex.acquire();
                    served.add(number);
                    mutex.release();
                });
                untilWaiting(i + 1);
            }
            mutex.release();
            served.add(mutex.tryAcquire() ? -1 : 99); // fails unless all have had it by now
            if (served.contains(-1)) {
                mutex.release();
            }
        }));

        assertThat(served.stream().filter(number -> number >= 0 && number < 99)).containsExactly(0, 1, 2, 3);
        assertThat(served.indexOf(-1)).isIn(-1, 4);
    }

    @Test
    void a_released_mutex_belongs_to_the_first_waiter_at_once() {
        run(() -> TaskGroup.run(group -> {
            mutex.acquire();
            Event done = Event.create();
            group.start("heir", () -> {
                mutex.acquire();
                done.await();
                mutex.release();
            });
            untilWaiting(1);

            mutex.release();

            assertThat(mutex.statistics().owner()).contains("task \"heir\"");
            assertThat(mutex.tryAcquire()).isFalse();
            done.set();
        }));
    }

    @Test
    void it_is_not_reentrant_and_says_who_tried() {
        AtomicReference<Throwable> byAcquire = new AtomicReference<>();
        AtomicReference<Throwable> byTry = new AtomicReference<>();
        run(() -> TaskGroup.run(group -> group.start("writer", () -> {
            try (var _ = mutex.hold()) {
                byAcquire.set(catchThrowable(mutex::acquire));
                byTry.set(catchThrowable(mutex::tryAcquire));
            }
        })));

        String message =
                "task \"writer\" has mutex \"ledger\" already, and would wait for itself: a mutex is not reentrant";
        assertThat(byAcquire.get()).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThat(byTry.get()).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void only_the_owner_may_release() {
        run(() -> TaskGroup.run(group -> {
            group.start(
                            "stranger",
                            () -> assertThatIllegalStateException()
                                    .isThrownBy(mutex::release)
                                    .withMessage("task \"stranger\" does not have mutex \"ledger\"; nobody has"))
                    .await();
            Task<?> owner = group.start("owner", () -> {
                try (var _ = mutex.hold()) {
                    sleep(Until.LONG);
                }
            });
            Until.holds(() -> mutex.statistics().owner().isPresent());
            group.start(
                            "stranger",
                            () -> assertThatIllegalStateException()
                                    .isThrownBy(mutex::release)
                                    .withMessage(
                                            "task \"stranger\" does not have mutex \"ledger\"; task \"owner\" has, and only the"
                                                    + " owner may do this"))
                    .await();
            assertThat(mutex.statistics().owner()).contains("task \"owner\"");
            owner.cancel();
        }));
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void acquire_looks_at_the_cancel_state_although_it_is_free() {
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(mutex::acquire));
        })));

        assertThat(met).isTrue();
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void a_cancelled_waiter_leaves_the_queue_and_the_others_get_it() {
        AtomicBoolean served = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> {
            mutex.acquire();
            Task<?> cancelled = group.start(mutex::acquire);
            untilWaiting(1);
            group.start(() -> {
                try (var _ = mutex.hold()) {
                    served.set(true);
                }
            });
            untilWaiting(2);
            cancelled.cancel();
            untilWaiting(1);
            mutex.release();
        }));

        assertThat(served).isTrue();
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    @Test
    void after_the_only_waiter_was_cancelled_the_owner_still_owns_it() {
        run(() -> {
            mutex.acquire();
            TaskGroup.run(group -> {
                Task<?> waiter = group.start(mutex::acquire);
                untilWaiting(1);
                waiter.cancel();
            });
            assertThat(mutex.statistics().waiting()).isZero();
            assertThat(mutex.statistics().owner()).isPresent();
            mutex.release();
            assertThat(mutex.statistics()).isEqualTo(FREE);
        });
    }

    @Test
    void if_it_was_handed_over_before_the_cancel_the_waiter_has_it() {
        AtomicBoolean delivered = new AtomicBoolean();
        AtomicBoolean metLater = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> {
            mutex.acquire();
            Task<?> waiter = group.start(() -> {
                try (var _ = mutex.hold()) {
                    delivered.set(true);
                    metLater.set(Until.isCancelledAt(() -> sleep(Until.LONG)));
                }
            });
            untilWaiting(1);
            mutex.release();
            waiter.cancel();
        }));

        assertThat(delivered).isTrue();
        assertThat(metLater).isTrue();
        assertThat(mutex.statistics()).isEqualTo(FREE);
    }

    // ---------------------------------------------------------------- broken

    @Test
    void a_task_that_ends_with_it_breaks_it_for_waiters_and_later_comers() {
        List<String> messages = Collections.synchronizedList(new ArrayList<>());
        run(() -> TaskGroup.run(group -> {
            Event end = Event.create();
            group.start("forgetful", () -> {
                mutex.acquire();
                end.await();
            });
            Until.holds(() -> mutex.statistics().owner().isPresent());
            for (int i = 0; i < 2; i++) {
                group.start(() -> {
                    try {
                        mutex.acquire();
                    } catch (BrokenException e) {
                        messages.add(e.getMessage());
                    }
                });
            }
            untilWaiting(2);
            end.set();
        }));

        String message = "mutex \"ledger\" is broken: task \"forgetful\" has ended without releasing it";
        assertThat(messages).containsExactly(message, message);
        assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), true, 0));
        run(() -> {
            assertThatThrownBy(mutex::acquire)
                    .isInstanceOf(BrokenException.class)
                    .hasMessage(message);
            assertThatThrownBy(mutex::tryAcquire)
                    .isInstanceOf(BrokenException.class)
                    .hasMessage(message);
            assertThatThrownBy(mutex::hold).isInstanceOf(BrokenException.class).hasMessage(message);
            assertThatIllegalStateException().isThrownBy(mutex::release).withMessageContaining("it is broken");
        });
    }

    @Test
    void so_does_a_task_that_fails_or_is_cancelled_and_a_main_task() {
        for (int how = 0; how < 3; how++) {
            int end = how;
            Mutex left = Mutex.create();
            try {
                run(() -> {
                    if (end == 0) {
                        left.acquire();
                        return;
                    }
                    TaskGroup.run(group -> {
                        Task<?> task = group.start(() -> {
                            left.acquire();
                            if (end == 1) {
                                throw new IllegalArgumentException("a failure");
                            }
                            sleep(Until.LONG);
                        });
                        Until.holds(() -> left.statistics().owner().isPresent());
                        task.cancel();
                    });
                });
            } catch (IllegalArgumentException expected) {
                assertThat(end).isEqualTo(1);
            }
            assertThat(left.statistics().broken()).as("way %d", how).isTrue();
        }
    }

    @Test
    void it_is_broken_before_the_outcome_of_its_owner_is_published() {
        run(() -> TaskGroup.run(group -> {
            Task<?> owner = group.start(mutex::acquire);
            owner.await();
            assertThat(mutex.statistics().broken()).isTrue();
        }));
    }

    @Test
    void of_several_things_that_a_task_has_all_that_it_did_not_release_break() {
        List<Mutex> five = List.of(Mutex.create(), Mutex.create(), Mutex.create(), Mutex.create(), Mutex.create());
        run(() -> TaskGroup.run(group -> group.start(() -> {
            five.forEach(Mutex::acquire);
            assertThat(Strand.current().holdings()).hasSize(5);
            five.get(2).release();
            five.get(4).release();
            five.get(0).release();
            assertThat(Strand.current().holdings()).hasSize(2);
        })));

        assertThat(five)
                .extracting(mutex -> mutex.statistics().broken())
                .containsExactly(false, true, false, true, false);
    }

    @Test
    void a_waiter_that_is_cancelled_itself_unwinds_instead_of_failing_when_the_mutex_breaks() {
        assertThat(moveOnAfter(
                        Until.LONG,
                        () -> TaskGroup.run(group -> {
                            group.start(() -> {
                                mutex.acquire();
                                sleep(Until.LONG);
                            });
                            Until.holds(() -> mutex.statistics().owner().isPresent());
                            group.start(mutex::acquire);
                            group.start(mutex::acquire);
                            Until.waiting(() -> mutex.statistics().waiting(), 2);
                            deadline().reschedule(Duration.ZERO);
                        })))
                .isFalse();
        assertThat(mutex.statistics().broken()).isTrue();
    }

    // ---------------------------------------------------------------- whoever looks

    @Test
    void what_a_waiter_waits_on_tells_who_has_it() {
        run(() -> TaskGroup.run(group -> {
            AtomicReference<Strand> strandOfOwner = new AtomicReference<>();
            AtomicReference<Strand> strandOfWaiter = new AtomicReference<>();
            Event done = Event.create();
            group.start("owner", () -> {
                strandOfOwner.set(Strand.current());
                try (var _ = mutex.hold()) {
                    done.await();
                }
            });
            Until.holds(() -> mutex.statistics().owner().isPresent());
            group.start("waiter", () -> {
                strandOfWaiter.set(Strand.current());
                mutex.acquire();
                mutex.release();
            });
            Until.holds(
                    () -> strandOfWaiter.get() != null && strandOfWaiter.get().waitingFor() != null);

            Object on = strandOfWaiter.get().waitingFor();
            assertThat(on).hasToString("mutex \"ledger\"").isInstanceOf(Held.class);
            assertThat(((Held) on).holders()).containsExactly(strandOfOwner.get());
            done.set();
        }));
    }

    @Test
    void closing_a_hold_again_does_nothing() {
        run(() -> {
            Mutex.Hold hold = mutex.hold();
            hold.close();
            hold.close();
            assertThat(mutex.statistics()).isEqualTo(FREE);
        });
    }

    @Test
    void a_hold_that_somebody_else_closes_stays() {
        run(() -> {
            Mutex.Hold hold = mutex.hold();
            TaskGroup.run(
                    group -> group.start(() -> assertThatIllegalStateException().isThrownBy(hold::close)));
            mutex.release();
        });
    }

    @Test
    void an_await_of_a_task_that_was_cancelled_with_the_mutex_is_told_by_the_outcome_not_by_the_mutex() {
        run(() -> TaskGroup.run(group -> {
            Task<?> task = group.start(() -> {
                try (var _ = mutex.hold()) {
                    sleep(Until.LONG);
                }
            });
            Until.holds(() -> mutex.statistics().owner().isPresent());
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            assertThat(mutex.tryAcquire()).isTrue();
            mutex.release();
        }));
    }

    @Test
    void names() {
        assertThat(Mutex.create()).hasToString("mutex");
        assertThat(mutex).hasToString("mutex \"ledger\"");
        assertThatNullPointerException().isThrownBy(() -> Mutex.create(null)).withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> mutex.newCondition(null))
                .withMessage("name");
    }
}
