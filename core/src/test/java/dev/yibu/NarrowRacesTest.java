package dev.yibu;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Strand;
import dev.yibu.sync.Event;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Places where one thread publishes and then looks while another does the same, a few nanoseconds apart: real threads meet
 * there many times over. Whoever misses the other waits for ever. {@code -Dyibu.seed} repeats the delays of a run.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NarrowRacesTest {
    private static final int ROUNDS = Integer.getInteger("yibu.rounds", 20_000);

    private final long seed = Long.getLong("yibu.seed", System.nanoTime());
    private final Random random = new Random(seed);

    {
        System.out.println("NarrowRacesTest -Dyibu.seed=" + seed);
    }

    private int delay() {
        return random.nextInt(1 << random.nextInt(9));
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_task_that_ends_while_somebody_begins_to_await_it_wakes_them() {
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < ROUNDS; i++) {
                int round = i;
                int delay = delay();
                Task<Integer> task = group.start(() -> {
                    spin(delay);
                    return round;
                });
                spin(delay());
                assertThat(task.await()).isEqualTo(round);
            }
        }));
    }

    @Test
    void a_callback_that_is_registered_while_the_task_ends_is_called_once() {
        AtomicInteger calls = new AtomicInteger();
        run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                int delay = delay();
                TaskGroup.run(group -> {
                    Task<?> task = group.start(() -> spin(delay));
                    spin(delay());
                    task.onCompletion(_ -> calls.incrementAndGet());
                });
            }
        });
        assertThat(calls).hasValue(ROUNDS);
    }

    @Test
    void a_child_that_ends_while_its_owner_begins_to_join_wakes_it() {
        run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                int delay = delay();
                TaskGroup.run(group -> {
                    group.start(() -> spin(delay));
                    spin(delay());
                });
            }
        });
    }

    @Test
    void a_result_that_is_ready_while_the_iteration_begins_to_wait_is_yielded() {
        run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                int delay = delay();
                Event firstIsTaken = Event.create();
                Coroutine<Integer, RuntimeException> first = () -> {
                    spin(delay);
                    return 1;
                };
                Coroutine<Integer, RuntimeException> second = () -> {
                    firstIsTaken.await();
                    return 2;
                };
                try (Completions<Integer> results = asCompleted(first, second)) {
                    spin(delay());
                    for (int _ : results) {
                        firstIsTaken.set();
                    }
                }
            }
        });
    }

    @Test
    void a_cancel_that_comes_while_a_task_begins_to_wait_wakes_it() {
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < ROUNDS; i++) {
                int delay = delay();
                Task<?> sleeper = group.start(() -> {
                    spin(delay);
                    sleep(Duration.ofHours(1));
                });
                spin(delay());
                sleeper.cancel("enough");
                try {
                    sleeper.await();
                } catch (CancellationException expected) {
                    continue;
                }
                throw new AssertionError("round " + i + " has slept for an hour");
            }
        }));
    }

    @Test
    void a_baton_that_is_released_while_one_who_waits_is_cancelled_is_not_lost() {
        Baton baton = new Baton("a baton");
        run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                baton.acquire(Strand.current()); // waits for ever if it was lost in the round before
                int delay = delay();
                AtomicBoolean comes = new AtomicBoolean();
                TaskGroup.run(group -> {
                    Task<?> next = group.start(() -> {
                        comes.set(true);
                        baton.acquire(Strand.current());
                        baton.release();
                    });
                    group.start(() -> {
                        while (!comes.get()) {
                            Thread.onSpinWait();
                        }
                        spin(delay);
                        baton.release();
                    });
                    while (!comes.get()) {
                        Thread.onSpinWait();
                    }
                    spin(delay());
                    next.cancel("enough");
                });
            }
        });
    }
}
