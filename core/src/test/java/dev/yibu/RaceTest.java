package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RaceTest {
    private static final Duration LONG = Duration.ofHours(1);

    /** Threads that runners leave here; when one has ended, its race knows how the runner ended. */
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    private void untilEnded(int runners) {
        Polling.until(
                runners + " have ended",
                () -> threads.size() >= runners && threads.stream().noneMatch(Thread::isAlive));
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void the_first_success_wins_and_the_losers_are_cancelled_and_joined() {
        CyclicBarrier begun = new CyclicBarrier(3);
        Queue<Throwable> losers = new ConcurrentLinkedQueue<>();
        String winner = race(List.of("slow", "fast", "slower"), name -> {
            meet(begun);
            if (!name.equals("fast")) {
                losers.add(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            }
            return name;
        });

        assertThat(winner).isEqualTo("fast");
        assertThat(losers)
                .hasSize(2)
                .allSatisfy(met -> assertThat(met).isInstanceOf(Cancelled.class).hasMessageContaining("won"));
        checkpoint(); // the caller is not cancelled
    }

    @Test
    void the_winner_may_yield_null() {
        assertThat(Async.<String, RuntimeException>race(() -> null)).isNull();
    }

    @Test
    void a_failure_does_not_end_the_race() throws IOException {
        String winner = race(
                () -> {
                    threads.add(Thread.currentThread());
                    throw new IOException("out of the race");
                },
                () -> {
                    untilEnded(1);
                    checkpoint();
                    return "the winner";
                });

        assertThat(winner).isEqualTo("the winner");
    }

    @Test
    void when_all_fail_the_first_failure_is_thrown_with_its_own_type_and_the_others_are_suppressed() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        Throwable caught = null;
        try {
            race(
                    () -> {
                        untilEnded(1);
                        throw second;
                    },
                    () -> {
                        threads.add(Thread.currentThread());
                        throw first;
                    });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(second);
    }

    @Test
    void failures_before_the_win_are_forgotten() {
        IllegalStateException failure = new IllegalStateException("out of the race");
        race(
                () -> {
                    threads.add(Thread.currentThread());
                    throw failure;
                },
                () -> {
                    untilEnded(1);
                    return 1;
                });

        assertThat(failure.getSuppressed()).isEmpty();
    }

    @Test
    void a_runner_that_is_cancelled_on_its_own_does_not_end_the_race() {
        String winner = race(
                () -> {
                    threads.add(Thread.currentThread());
                    currentTask().cancel("gave up");
                    checkpoint();
                    return "never";
                },
                () -> {
                    untilEnded(1);
                    checkpoint();
                    return "the winner";
                });

        assertThat(winner).isEqualTo("the winner");
    }

    @Test
    void a_race_in_which_all_are_cancelled_on_their_own_fails_with_a_cancellation_exception() {
        assertThatThrownBy(() -> race(() -> {
                    currentTask().cancel("gave up");
                    checkpoint();
                    return "never";
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("gave up");
        checkpoint();
    }

    @Test
    void a_race_of_nothing_is_an_illegal_argument() {
        assertThatThrownBy(() -> race(List.of(), x -> x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
        assertThatThrownBy(() -> Async.<String, RuntimeException>race()).isInstanceOf(IllegalArgumentException.class);
    }

    // ---------------------------------------------------------------- discarding

    @Test
    void on_discard_receives_each_value_that_was_ready_but_lost_on_the_calling_thread() {
        Queue<String> discarded = new ConcurrentLinkedQueue<>();
        Queue<Thread> discarders = new ConcurrentLinkedQueue<>();
        String winner;
        try (LogCapture _ = new LogCapture()) {
            winner = race(
                    List.of("a", "winner", "b", "failing"),
                    name -> {
                        switch (name) {
                            case "winner" ->
                                Polling.until(
                                        "the others sleep",
                                        () -> threads.size() == 2
                                                && threads.stream()
                                                        .allMatch(t -> t.getState() == Thread.State.WAITING));
                            case "failing" -> throw new IllegalStateException("no value to discard");
                            default -> {
                                threads.add(Thread.currentThread());
                                var _ = catchThrowable(() -> sleep(LONG)); // swallowed: there is a value all the same
                            }
                        }
                        return name;
                    },
                    value -> {
                        discarded.add(value);
                        discarders.add(Thread.currentThread());
                    });
        }

        assertThat(winner).isEqualTo("winner");
        assertThat(discarded).containsExactlyInAnyOrder("a", "b");
        assertThat(discarders).containsOnly(Thread.currentThread());
    }

    @Test
    void a_winner_that_nobody_gets_since_the_iterable_throws_is_discarded_too() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        Queue<String> discarded = new ConcurrentLinkedQueue<>();
        Iterable<String> broken = () -> new Iterator<>() {
            private boolean first = true;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public String next() {
                if (first) {
                    first = false;
                    return "too early";
                }
                untilEnded(1);
                throw failure;
            }
        };
        Queue<Object> results = new ConcurrentLinkedQueue<>();
        try {
            results.add(race(
                    broken,
                    item -> {
                        // Wins only while the iterator is in next().
                        threads.add(Thread.currentThread());
                        return item;
                    },
                    discarded::add));
        } catch (IllegalStateException e) {
            assertThat(e).isSameAs(failure);
        }

        assertThat(results.size() + discarded.size())
                .as("neither lost nor given twice")
                .isEqualTo(1);
    }

    @Test
    void an_on_discard_that_throws_is_logged_and_the_winner_is_returned() {
        IllegalStateException failure = new IllegalStateException("no bin");
        try (LogCapture log = new LogCapture()) {
            String winner = race(
                    List.of("loser", "winner"),
                    name -> {
                        if (name.equals("winner")) {
                            Polling.until(
                                    "the other sleeps",
                                    () -> !threads.isEmpty() && threads.peek().getState() == Thread.State.WAITING);
                        } else {
                            threads.add(Thread.currentThread());
                            var _ = catchThrowable(() -> sleep(LONG));
                        }
                        return name;
                    },
                    _ -> {
                        throw failure;
                    });

            assertThat(winner).isEqualTo("winner");
            assertThat(log.records("onDiscard"))
                    .singleElement()
                    .satisfies(record -> assertThat(record.getThrown()).isSameAs(failure));
        }
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void cancelling_the_caller_cancels_all_runners() {
        Queue<Throwable> met = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            CyclicBarrier begun = new CyclicBarrier(3);
            Task<?> caller = group.start(() -> race(List.of(1, 2), i -> {
                meet(begun);
                met.add(catchThrowable(() -> sleep(LONG)));
                checkpoint();
                return i;
            }));
            meet(begun);
            caller.cancel("stop");
            assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
        });

        assertThat(met)
                .hasSize(2)
                .allSatisfy(thrown ->
                        assertThat(thrown).isInstanceOf(Cancelled.class).hasMessage("stop"));
    }

    @Test
    void a_runner_that_succeeds_although_the_caller_is_cancelled_wins_and_the_next_checkpoint_throws() {
        AtomicReference<Integer> winner = new AtomicReference<>();
        AtomicReference<Throwable> next = new AtomicReference<>();
        TaskGroup.run(group -> {
            CyclicBarrier begun = new CyclicBarrier(2);
            Task<?> caller = group.start(() -> {
                Task<?> self = currentTask();
                winner.set(race(() -> {
                    meet(begun);
                    Polling.until(
                            "the caller is cancelled",
                            () -> allTasks().stream()
                                    .anyMatch(task -> task.name().equals(self.name()) && task.cancelled()));
                    return 7;
                }));
                next.set(catchThrowable(Async::checkpoint));
                checkpoint();
            });
            meet(begun);
            caller.cancel();
        });

        assertThat(winner).hasValue(7);
        assertThat(next.get()).isInstanceOf(Cancelled.class);
    }

    // ---------------------------------------------------------------- iterables

    @Test
    void a_race_that_is_won_while_its_iterable_waits_returns_the_winner() {
        Iterable<Integer> waiting = () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == 1) {
                    sleep(LONG);
                }
                return next++;
            }
        };
        Thread caller = Thread.currentThread();
        Integer winner = race(waiting, i -> {
            Polling.untilWaiting(caller);
            return i;
        });

        assertThat(winner).isEqualTo(0);
        checkpoint();
    }

    /** The first runner wins while the iterable hands out the second: that one is pulled, but does not start. */
    @Test
    void a_race_that_is_won_starts_no_more_runners() {
        CountDownLatch secondIsPulled = new CountDownLatch(1);
        Queue<Integer> pulled = new ConcurrentLinkedQueue<>();
        Queue<Integer> started = new ConcurrentLinkedQueue<>();
        Iterable<Integer> items = () -> IntStream.range(0, 1000)
                .peek(i -> {
                    pulled.add(i);
                    if (i == 1) {
                        secondIsPulled.countDown();
                        untilEnded(1);
                    }
                })
                .iterator();
        Integer winner = race(items, i -> {
            started.add(i);
            threads.add(Thread.currentThread());
            Polling.uninterruptibly(secondIsPulled);
            return i;
        });

        assertThat(winner).isEqualTo(0);
        assertThat(pulled).containsExactly(0, 1);
        assertThat(started).containsExactly(0);
    }

    @Test
    void an_iterable_that_throws_ends_what_was_started() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        AtomicReference<Task<?>> started = new AtomicReference<>();
        Iterable<Integer> broken = () -> IntStream.range(0, 2)
                .peek(i -> {
                    if (i == 1) {
                        Polling.until("the first has begun", () -> started.get() != null);
                        throw failure;
                    }
                })
                .iterator();
        assertThatThrownBy(() -> race(broken, i -> {
                    started.set(currentTask());
                    sleep(LONG);
                    return i;
                }))
                .isSameAs(failure);

        assertThat(started.get().isCancelled()).isTrue();
    }

    @Test
    void a_null_runner_is_an_error_even_if_another_could_win() {
        assertThatThrownBy(() -> Async.<Integer, RuntimeException>race(null, () -> 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("null");
    }
}
