package dev.yibu.testkit;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.yibu.Action;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import dev.yibu.lowlevel.WaitQueue;
import dev.yibu.sync.CapacityLimiter;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a simulated world does with time, foreign code, locks and leftovers. */
@Timeout(120)
class WorldTest {

    private static Exploration few(Action<?> body) {
        return Exploration.of(body).seeds(1, 50);
    }

    private static SimulationFailure failureOf(Exploration exploration) {
        SimulationFailure failure = catchThrowableOfType(SimulationFailure.class, exploration::run);
        assertThat(failure).as("no failure").isNotNull();
        return failure;
    }

    // ---------------------------------------------------------------- time

    @Test
    void all_timers_that_are_due_at_an_instant_are_candidates_at_once() {
        List<String> orders = new ArrayList<>();
        few(() -> run(() -> {
                    StringBuilder order = new StringBuilder();
                    forEach(List.of("a", "b", "c"), name -> {
                        sleep(Duration.ofSeconds(1));
                        order.append(name);
                    });
                    orders.add(order.toString());
                }))
                .run();

        assertThat(orders).contains("abc", "acb", "bac", "bca", "cab", "cba");
    }

    @Test
    void a_result_and_a_timeout_of_the_same_instant_race_with_each_other() {
        AtomicInteger finished = new AtomicInteger();
        AtomicInteger expired = new AtomicInteger();
        few(() -> run(() -> {
                    boolean inTime = moveOnAfter(Duration.ofSeconds(1), () -> sleep(Duration.ofSeconds(1)));
                    (inTime ? finished : expired).incrementAndGet();
                }))
                .run();

        assertThat(finished).hasPositiveValue();
        assertThat(expired).hasPositiveValue();
    }

    @Test
    void random_numbers_are_those_of_the_seed() {
        List<Integer> numbers = new ArrayList<>();
        Exploration exploration = Exploration.of(() -> numbers.add(random().nextInt()));

        exploration.replay("random/7").run();
        exploration.replay("random/7").run();
        exploration.replay("random/8").run();

        assertThat(numbers.get(0)).isEqualTo(numbers.get(1)).isNotEqualTo(numbers.get(2));
    }

    // ---------------------------------------------------------------- foreign code

    @Test
    void blocking_work_takes_no_virtual_time_and_holds_the_clock() {
        Exploration.Report report = few(() -> run(() -> {
                    List<String> results = gather(
                            () -> timeout(
                                    Duration.ofSeconds(1),
                                    () -> blocking(() -> {
                                        LockHolder.spin();
                                        return "worked";
                                    })),
                            () -> {
                                sleep(Duration.ofSeconds(3));
                                return "slept";
                            });
                    assertThat(results).containsExactly("worked", "slept");
                }))
                .run();

        assertThat(report.virtualTime()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void a_blocking_worker_may_sleep_in_virtual_time() {
        Exploration.Report report = few(() -> run(() -> {
                    assertThatThrownBy(() ->
                                    timeout(Duration.ofSeconds(2), () -> blocking(() -> sleep(Duration.ofMinutes(1)))))
                            .isInstanceOf(TimeoutException.class);
                    blocking(() -> sleep(Duration.ofSeconds(5)));
                }))
                .run();

        assertThat(report.virtualTime()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void work_in_an_executor_of_one_thread_is_part_of_the_schedule() {
        few(() -> {
                    try (var executor = Executors.newSingleThreadExecutor()) {
                        List<Integer> results =
                                run(() -> gather(List.of(1, 2, 3), item -> runInExecutor(executor, () -> 10 * item)));
                        assertThat(results).containsExactly(10, 20, 30);
                    }
                })
                .run();
    }

    @Test
    void an_abandoned_call_may_end_in_time() {
        few(() -> run(() -> {
                    String value = timeout(Duration.ofSeconds(1), () -> abandon(() -> "done", _ -> {}));
                    assertThat(value).isEqualTo("done");
                }))
                .run();
    }

    @Test
    void who_blocks_in_foreign_code_until_another_task_acts_loses_the_turn() {
        Exploration.of(() -> run(() -> {
                    CountDownLatch latch = new CountDownLatch(1);
                    gather(() -> latch.await(), () -> {
                        checkpoint();
                        latch.countDown();
                    });
                }))
                .seeds(1, 5)
                .run();
    }

    @Test
    void foreign_code_that_hangs_is_named_with_its_stack() {
        CountDownLatch never = new CountDownLatch(1);
        SimulationFailure failure = failureOf(Exploration.of(() -> run(() -> {
                    ForeignCall.named("a query").call(() -> {
                        never.await();
                        return null;
                    });
                }))
                .limits(1_000, Duration.ofMillis(300)));

        assertThat(failure)
                .hasMessageContaining("the test is blocked in foreign code")
                .hasMessageContaining("CountDownLatch.await")
                .hasMessageContaining("WorldTest");
    }

    @Test
    void an_interrupt_of_a_cancellation_ends_a_foreign_call_and_a_value_may_win() {
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger finished = new AtomicInteger();
        Exploration.of(() -> run(() -> TaskGroup.run(group -> {
                    ForeignLatch call = new ForeignLatch("a call");
                    var task = group.start("caller", () -> {
                        try {
                            call.await();
                            finished.incrementAndGet();
                        } catch (InterruptedException e) {
                            interrupted.incrementAndGet();
                            throw e;
                        }
                    });
                    group.start("releaser", call::release);
                    checkpoint();
                    task.cancel("enough");
                })))
                .run();

        assertThat(interrupted).hasPositiveValue();
        assertThat(finished).hasPositiveValue();
    }

    @Test
    void foreign_code_that_takes_a_time_takes_virtual_time_and_a_timeout_ends_it_earlier() {
        Exploration.Report report = few(() -> run(() -> {
                    ForeignLatch.opensAfter("a read", Duration.ofSeconds(5)).await();
                    assertThatThrownBy(() -> timeout(
                                    Duration.ofSeconds(1),
                                    () -> ForeignLatch.opensAfter("a slow read", Duration.ofSeconds(5))
                                            .await()))
                            .isInstanceOf(TimeoutException.class);
                }))
                .run();

        assertThat(report.virtualTime()).isEqualTo(Duration.ofSeconds(6));
        assertThatThrownBy(() -> ForeignLatch.opensAfter("a read", Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_raw_interrupt_of_a_task_that_waits_is_part_of_the_schedule() {
        Exploration exploration = Exploration.of(() -> run(() -> TaskGroup.run(group -> {
            List<Thread> threads = new ArrayList<>();
            group.start("sleeper", () -> {
                threads.add(Thread.currentThread());
                sleep(Duration.ofSeconds(1));
            });
            group.start("busy", () -> {
                for (int i = 0; i < 5; i++) {
                    checkpoint();
                }
            });
            checkpoint();
            threads.forEach(Thread::interrupt);
            checkpoint();
        })));

        for (int seed = 1; seed <= 5; seed++) {
            Set<String> traces = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                traces.add(exploration.trace("random/" + seed));
            }
            assertThat(traces).hasSize(1);
        }
    }

    @Test
    void an_interrupt_flag_that_one_run_leaves_is_not_seen_by_the_next() {
        few(() -> {
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    Thread.currentThread().interrupt();
                })
                .run();
    }

    // ---------------------------------------------------------------- what never ends

    @Test
    void two_tasks_that_hold_what_the_other_needs_are_named_with_what_they_wait_for() {
        SimulationFailure failure = failureOf(few(() -> run(() -> TaskGroup.run(group -> {
            WaitQueue<Void> forks = new WaitQueue<>();
            WaitQueue<Void> knives = new WaitQueue<>();
            group.start("hungry", () -> waitIn(forks, "a fork"));
            group.start("thirsty", () -> waitIn(knives, "a knife"));
        }))));

        assertThat(failure)
                .hasMessageContaining("nothing can go on")
                .hasMessageContaining("task \"hungry\" waits for a fork, at WorldTest.java:")
                .hasMessageContaining("task \"thirsty\" waits for a knife, at WorldTest.java:")
                .hasMessageContaining(
                        "the test waits for the tasks of task group, held by task \"hungry\", task \"thirsty\"");
    }

    private static void waitIn(WaitQueue<Void> queue, String what) {
        Suspension<Void> suspension = new Suspension<>(Objects.requireNonNull(Strand.current()), what);
        queue.add(suspension);
        queue.await(suspension);
    }

    @Test
    void a_deadlock_of_two_mutexes_is_named_with_its_circle() {
        SimulationFailure failure = failureOf(few(() -> run(() -> TaskGroup.run(group -> {
            Mutex left = Mutex.create("left");
            Mutex right = Mutex.create("right");
            group.start("one", () -> lockBoth(left, right));
            group.start("two", () -> lockBoth(right, left));
        }))));

        assertThat(failure)
                .hasMessageContaining(
                        "task \"one\" waits for mutex \"right\", held by task \"two\", at WorldTest.java:")
                .hasMessageContaining("task \"two\" waits for mutex \"left\", held by task \"one\", at WorldTest.java:")
                .message()
                .containsPattern("deadlock: task \"(one|two)\" waits for task \"(one|two)\" waits for task");
    }

    private static void lockBoth(Mutex first, Mutex second) {
        first.acquire();
        try {
            checkpoint();
            second.acquire();
            second.release();
        } finally {
            first.release();
        }
    }

    @Test
    void a_loop_without_end_is_a_failure() {
        SimulationFailure failure = failureOf(few(() -> run(() -> {
                    while (true) {
                        checkpoint();
                    }
                }))
                .limits(10_000, Duration.ofSeconds(30)));

        assertThat(failure).hasMessageContaining("there is no end in sight").hasMessageContaining("the test");
    }

    @Test
    void a_monitor_held_by_a_waiting_task_is_a_failure_that_names_both_and_the_remedy() {
        LockHolder shared = new LockHolder();
        SimulationFailure failure = failureOf(few(() -> run(() -> TaskGroup.run(group -> {
            group.start("first", shared::sleepInMonitor);
            group.start("second", shared::sleepInMonitor);
        }))));

        assertThat(failure)
                .hasMessageContaining("is blocked on a monitor at WorldTest.java:")
                .hasMessageContaining("\"first\"")
                .hasMessageContaining("\"second\"")
                .hasMessageContaining("LockHolder.sleepInMonitor")
                .hasMessageContaining("Give the lock back before you wait");
    }

    @Test
    void a_lock_held_by_a_waiting_task_is_a_failure_that_names_both_and_the_remedy() {
        LockHolder shared = new LockHolder();
        SimulationFailure failure = failureOf(few(() -> run(() -> TaskGroup.run(group -> {
            group.start("first", shared::sleepInLock);
            group.start("second", shared::sleepInLock);
        }))));

        assertThat(failure)
                .hasMessageContaining("is blocked on a lock at WorldTest.java:")
                .hasMessageContaining("\"first\"")
                .hasMessageContaining("\"second\"")
                .hasMessageContaining("Give the lock back before you wait");
    }

    private static final class LockHolder {
        private final ReentrantLock lock = new ReentrantLock();

        synchronized void sleepInMonitor() {
            sleep(Duration.ofSeconds(1));
        }

        void sleepInLock() {
            lock.lock();
            try {
                sleep(Duration.ofSeconds(1));
            } finally {
                lock.unlock();
            }
        }

        static void spin() {
            long end = System.nanoTime() + 1_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }

    // ---------------------------------------------------------------- what is left behind

    @Test
    void a_timer_that_is_left_is_a_failure() {
        SimulationFailure failure = failureOf(few(() -> {
            Strand strand = Objects.requireNonNull(Strand.current());
            strand.driver()
                    .schedule(
                            new Timer() {
                                @Override
                                protected void expire() {}

                                @Override
                                public String toString() {
                                    return "an alarm";
                                }
                            },
                            1_000);
        }));

        assertThat(failure)
                .hasMessageContaining("left behind")
                .hasMessageContaining("the timer of an alarm is still set");
    }

    @Test
    void a_strand_that_is_left_is_a_failure() {
        SimulationFailure failure = failureOf(few(() -> {
            Strand strand = Objects.requireNonNull(Strand.current());
            Strand stray = new Strand(strand.driver(), null, strand.context());
            strand.driver()
                    .start(
                            stray,
                            () -> {
                                stray.bind();
                                new Suspension<Void>(stray, "something").awaitUncancellably();
                            },
                            "stray");
        }));

        assertThat(failure).hasMessageContaining("left behind").hasMessageContaining(" waits for something");
    }

    @Test
    void a_resource_that_is_left_open_is_a_failure() {
        SimulationFailure failure = failureOf(few(() -> run(() -> {
            Tracked.open("connection 1").close();
            Tracked.open("connection 2");
        })));

        assertThat(failure).hasMessageContaining("connection 2 is still open").hasMessageNotContaining("connection 1");
    }

    @Test
    void a_permit_that_does_not_come_back_is_a_failure() {
        SimulationFailure failure = failureOf(few(() -> run(() -> {
            Semaphore.bounded(2, "rail").acquire();
            Semaphore lent = Semaphore.bounded(2, "road");
            lent.acquire();
            lent.release();
        })));

        assertThat(failure)
                .hasMessageContaining("left behind:\n  semaphore \"rail\" lacks 1 of 2 permits")
                .hasMessageNotContaining("road");
    }

    @Test
    void a_mutex_whose_owner_has_ended_is_a_failure() {
        SimulationFailure failure =
                failureOf(few(() -> run(() -> gather(() -> Mutex.create("m").acquire()))));

        assertThat(failure).hasMessageContaining("left behind:\n  mutex \"m\"");
    }

    @Test
    void a_token_that_does_not_come_back_is_a_failure() {
        SimulationFailure failure =
                failureOf(few(() -> run(() -> CapacityLimiter.of(3, "slots").acquireOnBehalfOf("a job"))));

        assertThat(failure).hasMessageContaining("left behind:\n  capacity limiter \"slots\" lacks 1 of 3 tokens");
    }

    @Test
    void a_thread_that_is_left_is_a_failure_and_one_that_has_ended_is_not() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> strays = new ArrayList<>();
        SimulationFailure failure = failureOf(Exploration.of(() -> run(() -> {
                    Thread.ofPlatform().name("short").start(() -> {}).join();
                    strays.add(Thread.ofPlatform().name("stray").start(() -> awaitQuietly(end)));
                }))
                .strategy(Strategy.IN_ORDER));
        end.countDown();
        for (Thread stray : strays) {
            stray.join();
        }

        assertThat(failure)
                .hasMessageContaining("left behind:\n  the thread \"stray\" still runs")
                .hasMessageNotContaining("short");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_resource_that_is_opened_before_the_try_leaks_when_it_is_cancelled_in_between() {
        SimulationFailure failure = failureOf(few(() -> run(() -> {
                    Tracked connection = Tracked.open("connection");
                    sleep(Duration.ofSeconds(1));
                    try {
                        sleep(Duration.ofSeconds(1));
                    } finally {
                        connection.close();
                    }
                }))
                .strategy(Strategy.IN_ORDER)
                .cancelEverywhere(1));

        assertThat(failure)
                .hasMessageContaining("cancelled at crossing")
                .hasMessageContaining("connection is still open")
                .hasMessageContaining("@");
        few(() -> run(() -> using(() -> Tracked.open("connection"), Tracked::close, _ -> {
                    sleep(Duration.ofSeconds(1));
                    sleep(Duration.ofSeconds(1));
                    return null;
                })))
                .cancelEverywhere(50)
                .run();
    }

    @Test
    void worlds_beside_each_other_do_not_disturb_each_other() throws InterruptedException {
        List<Exploration.Report> reports = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform()
                    .start(() -> reports.add(few(() -> run(() -> {
                                assertThat(allTasks()).hasSize(1);
                                gather(() -> sleep(Duration.ofSeconds(1)), () -> sleep(Duration.ofSeconds(2)));
                            }))
                            .run())));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(reports)
                .hasSize(4)
                .allSatisfy(report -> assertThat(report.virtualTime()).isEqualTo(Duration.ofSeconds(2)));
    }
}
