package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeadlockTest {
    private static final Duration LONG = Duration.ofHours(1);

    // ---------------------------------------------------------------- circles

    @Test
    void a_task_that_awaits_itself_is_told_so_at_once() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> group.start(
                "narcissus", () -> met.set(catchThrowable(() -> currentTask().await()))));

        assertThat(met.get()).isInstanceOf(DeadlockException.class).hasMessage("task \"narcissus\" awaits itself");
    }

    @Test
    void so_is_one_that_does_it_by_get_or_in_a_blocking_call_or_in_main() {
        run(() -> {
            assertThatThrownBy(() -> currentTask().get()).isInstanceOf(DeadlockException.class);
            assertThatThrownBy(() -> currentTask().get(1, java.util.concurrent.TimeUnit.HOURS))
                    .isInstanceOf(DeadlockException.class);
            assertThatThrownBy(() -> blocking(() -> currentTask().await())).isInstanceOf(DeadlockException.class);
            assertThatThrownBy(() -> timeout(LONG, () -> currentTask().await())).isInstanceOf(DeadlockException.class);
        });
    }

    @Test
    void two_tasks_that_await_each_other_are_named() {
        AtomicReference<Task<?>> b = new AtomicReference<>();
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    Task<?> a = group.start("a", () -> {
                        Polling.until("b is known", () -> b.get() != null);
                        b.get().await();
                    });
                    b.set(group.start("b", () -> {
                        Polling.untilWaiting("a");
                        a.await();
                    }));
                }))
                .isInstanceOf(DeadlockException.class)
                .hasMessage("deadlock: task \"b\" awaits task \"a\", task \"a\" awaits task \"b\"");
    }

    @Test
    void three_tasks_in_a_circle_are_named_in_its_order() {
        AtomicReference<Task<?>> c = new AtomicReference<>();
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    Task<?> a = group.start("a", () -> {
                        Polling.until("c is known", () -> c.get() != null);
                        c.get().await();
                    });
                    Task<?> b = group.start("b", () -> a.await());
                    c.set(group.start("c", () -> {
                        Polling.untilWaiting("a");
                        Polling.untilWaiting("b");
                        b.await();
                    }));
                }))
                .isInstanceOf(DeadlockException.class)
                .hasMessage("deadlock: task \"c\" awaits task \"b\", task \"b\" awaits task \"a\","
                        + " task \"a\" awaits task \"c\"");
    }

    @Test
    void a_child_that_awaits_its_owner_is_named_with_it() {
        run(() -> assertThatThrownBy(() -> TaskGroup.run(group -> {
                    Task<?> owner = currentTask();
                    group.start("child", () -> owner.await());
                }))
                .isInstanceOf(DeadlockException.class)
                .hasMessage("deadlock: task \"child\" awaits task \"main\", task \"main\" joins task \"child\""));
    }

    @Test
    void a_grandchild_that_awaits_its_owners_owner_is_named_with_both() {
        run(() -> {
            Task<?> main = currentTask();
            Throwable thrown = catchThrowable(() -> TaskGroup.run(outer ->
                    outer.start("child", () -> TaskGroup.run(inner -> inner.start("grandchild", () -> main.await())))));

            assertThat(thrown)
                    .isInstanceOf(DeadlockException.class)
                    .hasMessageContaining("task \"grandchild\" awaits task \"main\"")
                    .hasMessageContaining("task \"main\" joins task \"child\"")
                    .hasMessageContaining("task \"child\" joins task \"grandchild\"");
        });
    }

    @Test
    void a_child_of_a_gather_that_awaits_its_owner_is_a_deadlock() {
        run(() -> {
            Task<?> owner = currentTask();
            assertThatThrownBy(() -> gather(() -> owner.await())).isInstanceOf(DeadlockException.class);
            assertThatThrownBy(() -> mapConcurrent(List.of(1), 1, _ -> owner.await()))
                    .isInstanceOf(DeadlockException.class);
            assertThatThrownBy(() -> race(() -> owner.await())).isInstanceOf(DeadlockException.class);
        });
    }

    @Test
    void a_circle_through_an_awaited_owner_is_found() {
        AtomicReference<Task<?>> other = new AtomicReference<>();
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    Task<?> owner = group.start(
                            "owner",
                            () -> TaskGroup.run(inner -> inner.start("child", () -> {
                                Polling.until("the other is known", () -> other.get() != null);
                                Polling.untilWaiting("other");
                                other.get().await();
                            })));
                    other.set(group.start("other", () -> owner.await()));
                }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("task \"child\" awaits task \"other\"")
                .hasMessageContaining("task \"other\" awaits task \"owner\"")
                .hasMessageContaining("task \"owner\" joins task \"child\"");
    }

    @Test
    void the_wait_did_not_begin_and_the_task_may_go_on() {
        run(() -> {
            Task<?> owner = currentTask();
            String value = TaskGroup.call(group -> group.start(() -> {
                        assertThatThrownBy(owner::await).isInstanceOf(DeadlockException.class);
                        checkpoint();
                        return "goes on";
                    })
                    .await());
            assertThat(value).isEqualTo("goes on");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void circles_that_form_concurrently_are_always_found(int size) throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            AtomicReferenceArray<Task<?>> ring = new AtomicReferenceArray<>(size);
            AtomicInteger found = new AtomicInteger();
            CountDownLatch complete = new CountDownLatch(1);
            TaskGroup.run(GroupOptions.supervised(), group -> {
                for (int i = 0; i < size; i++) {
                    int next = (i + 1) % size;
                    ring.set(i, group.start(() -> {
                        complete.await();
                        try {
                            ring.get(next).await();
                        } catch (DeadlockException e) {
                            found.incrementAndGet();
                        }
                    }));
                }
                complete.countDown();
            });
            assertThat(found.get()).isBetween(1, size);
        }
    }

    // ---------------------------------------------------------------- no circles

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void tasks_that_await_only_earlier_ones_are_never_taken_for_a_deadlock(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            int size = 2 + random.nextInt(30);
            double density = random.nextDouble();
            List<List<Integer>> awaited = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                List<Integer> earlier = new ArrayList<>();
                for (int k = 0; k < i; k++) {
                    if (random.nextDouble() < density) {
                        earlier.add(k);
                    }
                }
                Collections.shuffle(earlier, random);
                awaited.add(earlier);
            }
            List<Task<Integer>> tasks = Collections.synchronizedList(new ArrayList<>());
            TaskGroup.run(group -> {
                for (int i = 0; i < size; i++) {
                    int number = i;
                    boolean nested = random.nextBoolean();
                    tasks.add(group.start("number " + i, () -> {
                        checkpoint();
                        for (int earlier : awaited.get(number)) {
                            int value = nested
                                    ? gather(() -> tasks.get(earlier).await()).getFirst()
                                    : tasks.get(earlier).await();
                            assertThat(value).isEqualTo(earlier);
                        }
                        return number;
                    }));
                }
            });
        }
    }

    @Test
    void a_background_task_that_awaits_main_is_cancelled_with_it_and_no_deadlock() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        try (LogCapture _ = new LogCapture()) {
            run(() -> {
                Task<?> main = currentTask();
                createTask("background", () -> {
                    met.set(catchThrowable(main::await));
                    checkpoint();
                });
                Polling.untilWaiting("background");
            });
        }

        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void a_task_of_an_iteration_that_awaits_its_owner_is_cancelled_with_it_and_no_deadlock() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        run(() -> {
            Task<?> main = currentTask();
            CountDownLatch begun = new CountDownLatch(1);
            try (Completions<Integer> _ = asCompleted(() -> {
                begun.countDown();
                met.set(catchThrowable(main::await));
                checkpoint();
                return 1;
            })) {
                Polling.uninterruptibly(begun);
            }
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void awaiting_a_task_that_was_cancelled_while_it_awaited_the_caller_is_no_deadlock() {
        for (int round = 0; round < 300; round++) {
            AtomicReference<Task<?>> a = new AtomicReference<>();
            TaskGroup.run(group -> {
                Task<?> b = group.start("b", () -> {
                    Polling.until("a is known", () -> a.get() != null);
                    Polling.untilWaiting("a");
                    a.get().cancel();
                    assertThatThrownBy(() -> a.get().await()).isInstanceOf(CancellationException.class);
                });
                a.set(group.start("a", () -> b.await()));
            });
        }
    }

    @Test
    void a_waiter_that_gave_up_is_no_part_of_a_circle() {
        AtomicReference<Task<?>> b = new AtomicReference<>();
        CountDownLatch gaveUp = new CountDownLatch(1);
        TaskGroup.run(group -> {
            Task<Integer> a = group.start("a", () -> {
                Polling.until("b is known", () -> b.get() != null);
                assertThat(moveOnAfter(Duration.ofMillis(1), () -> b.get().await()))
                        .isFalse();
                gaveUp.countDown();
                return 7;
            });
            b.set(group.start("b", () -> {
                Polling.uninterruptibly(gaveUp);
                assertThat(a.await()).isEqualTo(7);
            }));
        });
    }

    @Test
    void a_thread_outside_that_awaits_is_no_part_of_a_circle() {
        run(() -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<Integer> task = createTask("awaited", () -> {
                Polling.uninterruptibly(open);
                return 7;
            });
            AtomicInteger seen = new AtomicInteger();
            Thread outside = Thread.ofPlatform().start(() -> seen.set(task.await()));
            Polling.untilWaiting(outside);
            open.countDown();
            assertThat(task.await()).isEqualTo(7);
            Polling.until("it ended", () -> !outside.isAlive());
            assertThat(seen).hasValue(7);
        });
    }
}
