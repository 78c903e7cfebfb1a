package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SemaphoreTest {
    private static void untilWaiting(Semaphore semaphore, int count) {
        Until.waiting(() -> semaphore.statistics().waiting(), count);
    }

    @Test
    void at_most_so_many_tasks_have_a_permit_at_a_time() {
        Semaphore semaphore = Semaphore.of(3);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 10; i++) {
                group.start(() -> {
                    semaphore.acquire();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Until.holds(() -> most.get() >= 3); // so the first three are inside together
                    inside.decrementAndGet();
                    semaphore.release();
                });
            }
        }));

        assertThat(most).hasValue(3);
        assertThat(semaphore.statistics()).isEqualTo(new Semaphore.Statistics(3, Integer.MAX_VALUE, 0));
    }

    @Test
    void waiters_are_served_in_the_order_of_their_arrival() {
        Semaphore semaphore = Semaphore.of(0);
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 5; i++) {
                int number = i;
                group.start(() -> {
                    semaphore.acquire();
                    served.add(number);
                    semaphore.release();
                });
                untilWaiting(semaphore, i + 1);
            }
            semaphore.release();
        }));

        assertThat(served).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void a_released_permit_goes_straight_to_the_waiter_and_nobody_gets_ahead() {
        Semaphore semaphore = Semaphore.of(1);
        run(() -> TaskGroup.run(group -> {
            semaphore.acquire();
            group.start(semaphore::acquire);
            untilWaiting(semaphore, 1);

            semaphore.release();

            assertThat(semaphore.tryAcquire())
                    .as("it belongs to the waiter already")
                    .isFalse();
            assertThat(semaphore.statistics().available()).isZero();
        }));
    }

    @Test
    void try_acquire_takes_what_is_free_and_fails_while_others_queue() {
        Semaphore semaphore = Semaphore.of(1);
        run(() -> TaskGroup.run(group -> {
            assertThat(semaphore.tryAcquire()).isTrue();
            assertThat(semaphore.tryAcquire()).isFalse();
            Task<?> waiter = group.start(semaphore::acquire);
            untilWaiting(semaphore, 1);
            assertThat(semaphore.tryAcquire()).isFalse();

            semaphore.release();
            waiter.await();
            assertThat(semaphore.tryAcquire()).isFalse();

            semaphore.release();
            assertThat(semaphore.tryAcquire()).isTrue();
        }));
    }

    @Test
    void acquire_looks_at_the_cancel_state_although_a_permit_is_free() {
        Semaphore semaphore = Semaphore.of(1);
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(semaphore::acquire));
            assertThat(semaphore.tryAcquire()).as("no checkpoint").isTrue();
            semaphore.release();
        })));

        assertThat(met).isTrue();
        assertThat(semaphore.statistics().available()).isEqualTo(1);
    }

    @Test
    void a_cancelled_waiter_has_left_the_queue_and_taken_nothing() {
        Semaphore semaphore = Semaphore.of(0);
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        run(() -> TaskGroup.run(group -> {
            List<Task<?>> waiters = new ArrayList<>();
            for (String name : List.of("first", "middle", "last")) {
                waiters.add(group.start(name, () -> {
                    semaphore.acquire();
                    served.add(name);
                }));
                untilWaiting(semaphore, waiters.size());
            }
            waiters.get(0).cancel();
            waiters.get(2).cancel();
            untilWaiting(semaphore, 1);

            semaphore.release();
            waiters.get(1).await();
            semaphore.release();
        }));

        assertThat(served).containsExactly("middle");
        assertThat(semaphore.statistics()).isEqualTo(new Semaphore.Statistics(1, Integer.MAX_VALUE, 0));
    }

    @Test
    void when_the_last_waiter_is_cancelled_the_semaphore_is_as_before() {
        Semaphore semaphore = Semaphore.of(0);
        run(() -> {
            Until.cancelledWhileItWaits(
                    semaphore::acquire, () -> semaphore.statistics().waiting());
            assertThat(semaphore.statistics().waiting()).isZero();
            assertThat(semaphore.tryAcquire()).isFalse();
            semaphore.release();
            assertThat(semaphore.tryAcquire()).isTrue();
        });
    }

    @Test
    void a_permit_that_was_handed_over_before_the_cancel_is_delivered() {
        Semaphore semaphore = Semaphore.of(0);
        AtomicBoolean delivered = new AtomicBoolean();
        AtomicBoolean metLater = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> {
            Task<?> waiter = group.start(() -> {
                semaphore.acquire();
                delivered.set(true);
                metLater.set(Until.isCancelledAt(() -> sleep(Until.LONG)));
                semaphore.release();
            });
            untilWaiting(semaphore, 1);
            semaphore.release();
            waiter.cancel();
        }));

        assertThat(delivered).isTrue();
        assertThat(metLater).isTrue();
        assertThat(semaphore.statistics().available()).isEqualTo(1);
    }

    @Test
    void a_permit_released_after_the_cancel_is_not_lost() {
        Semaphore semaphore = Semaphore.of(0);
        AtomicInteger delivered = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            Task<?> first = group.start(() -> {
                semaphore.acquire();
                delivered.incrementAndGet();
            });
            untilWaiting(semaphore, 1);
            first.cancel();
            semaphore.release();
        }));

        assertThat(semaphore.statistics().available() + delivered.get()).isEqualTo(1);
        assertThat(semaphore.statistics().waiting()).isZero();
    }

    @Test
    void a_held_permit_is_given_back_once_however_the_block_ends() {
        Semaphore semaphore = Semaphore.bounded(1);
        run(() -> {
            Semaphore.Permit permit = semaphore.hold();
            assertThat(semaphore.statistics().available()).isZero();
            permit.close();
            permit.close();
            assertThat(semaphore.statistics().available()).isEqualTo(1);
            boolean finished = moveOnAfter(Until.LONG, () -> {
                try (var _ = semaphore.hold()) {
                    deadline().reschedule(Duration.ZERO);
                    sleep(Until.LONG);
                }
            });
            assertThat(finished).isFalse();
            assertThat(semaphore.statistics().available()).isEqualTo(1);
        });
    }

    @Test
    void a_hold_that_is_cancelled_holds_nothing() {
        Semaphore semaphore = Semaphore.bounded(1);
        run(() -> TaskGroup.run(group -> {
            semaphore.acquire();
            Task<?> waiter = group.start(() -> {
                try (var _ = semaphore.hold()) {
                    throw new AssertionError("unreachable");
                }
            });
            untilWaiting(semaphore, 1);
            waiter.cancel();
            assertThatCancelled(waiter);
            semaphore.release();
            assertThat(semaphore.statistics().available()).isEqualTo(1);
        }));
    }

    private static void assertThatCancelled(Task<?> task) {
        boolean cancelled = false;
        try {
            task.await();
        } catch (CancellationException e) {
            cancelled = true;
        }
        assertThat(cancelled).isTrue();
    }

    @Test
    void a_bounded_semaphore_can_not_be_released_too_often() {
        Semaphore semaphore = Semaphore.bounded(2, "connections");
        assertThatIllegalStateException()
                .isThrownBy(semaphore::release)
                .withMessage("semaphore \"connections\" is released more often than acquired: it has all its 2 permits"
                        + " already");
        assertThat(semaphore.tryAcquire()).isTrue();
        semaphore.release();
        assertThat(semaphore.statistics()).isEqualTo(new Semaphore.Statistics(2, 2, 0));
    }

    @Test
    void any_other_semaphore_gains_permits() {
        Semaphore semaphore = Semaphore.of(0);
        semaphore.release();
        semaphore.release();
        assertThat(semaphore.statistics().available()).isEqualTo(2);
        Semaphore full = Semaphore.of(Integer.MAX_VALUE);
        assertThatIllegalStateException().isThrownBy(full::release);
    }

    @Test
    void a_listing_names_what_a_task_waits_for() {
        Semaphore semaphore = Semaphore.of(0, "connections");
        assertThat(semaphore).hasToString("semaphore \"connections\"");
        assertThat(Semaphore.of(0)).hasToString("semaphore");
        run(() -> TaskGroup.run(group -> {
            Task<?> waiter = group.start("waiter", semaphore::acquire);
            untilWaiting(semaphore, 1);
            Until.holds(() -> allTasks().stream()
                    .anyMatch(task -> task.name().equals("waiter")
                            && task.waitingFor()
                                    .filter("semaphore \"connections\""::equals)
                                    .isPresent()));
            waiter.cancel();
        }));
    }

    @Test
    void bad_arguments_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Semaphore.of(-1)).withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Semaphore.bounded(-2, "x"))
                .withMessageContaining("-2");
        assertThatNullPointerException().isThrownBy(() -> Semaphore.of(1, null)).withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> Semaphore.bounded(1, null))
                .withMessage("name");
    }
}
