package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.BrokenException;
import dev.yibu.sync.Condition;
import dev.yibu.sync.Mutex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Conditions: no signal is lost, and whoever comes back has the mutex. */
class ExploredConditionTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Mutex mutex = Mutex.create();
        private final Condition condition = mutex.newCondition();
        private final List<Object> served = new ArrayList<>();
        private int permits;
        private boolean broken;

        private void takePermit(Object who) {
            try (var _ = mutex.hold()) {
                condition.awaitUntil(() -> permits > 0);
                permits--;
                served.add(who);
            }
        }

        private void givePermit() {
            try (var _ = mutex.hold()) {
                permits++;
                condition.signal();
            }
        }

        private static void untilCancelled() {
            assertThatThrownBy(() -> {
                        for (; ; ) {
                            checkpoint();
                        }
                    })
                    .isInstanceOf(Cancelled.class);
        }

        @Test
        void a_signal_is_for_somebody_who_makes_use_of_it() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> takePermit("doomed"));
                Task<?> survivor = group.start("survivor", () -> takePermit("survivor"));
                group.start("giver", this::givePermit);
                group.start("canceller", () -> doomed.cancel("enough"));
                while (!doomed.isDone()) {
                    checkpoint();
                }
                if (served.contains("doomed")) {
                    givePermit();
                }
                survivor.await();
            });
            assertThat(served).contains("survivor");
            assertThat(permits).isZero();
        }

        @Test
        void what_is_put_into_a_buffer_of_one_place_is_taken_once() {
            Condition emptied = mutex.newCondition();
            TaskGroup.run(group -> {
                group.start("producer", () -> {
                    for (int i = 0; i < 3; i++) {
                        try (var _ = mutex.hold()) {
                            emptied.awaitUntil(() -> permits == 0);
                            permits = 1;
                            condition.signal();
                        }
                    }
                });
                group.start("consumer", () -> {
                    for (int i = 0; i < 3; i++) {
                        try (var _ = mutex.hold()) {
                            condition.awaitUntil(() -> permits == 1);
                            permits = 0;
                            served.add(i);
                            emptied.signal();
                        }
                    }
                });
            });
            assertThat(served).containsExactly(0, 1, 2);
        }

        @Test
        void a_cancelled_waiter_has_the_mutex_when_it_unwinds() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> {
                    try (var _ = mutex.hold()) {
                        try {
                            condition.await();
                        } finally {
                            assertThat(mutex.statistics().owner()).contains("task \"doomed\"");
                            compute();
                            assertThat(mutex.statistics().owner()).contains("task \"doomed\"");
                        }
                    }
                });
                group.start("signaller", () -> {
                    try (var _ = mutex.hold()) {
                        compute();
                        condition.signalAll();
                    }
                });
                doomed.cancel("enough");
            });
        }

        @Test
        void who_is_cancelled_on_entry_keeps_the_mutex_and_takes_no_signal() {
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> takePermit("waiter"));
                Task<?> doomed = group.start("doomed", () -> {
                    try (var _ = mutex.hold()) {
                        group.start("giver", this::givePermit);
                        untilCancelled();
                        int before = served.size() + permits;
                        assertThatThrownBy(condition::await).isInstanceOf(Cancelled.class);
                        assertThat(served.size() + permits).isEqualTo(before);
                    }
                });
                group.start("canceller", () -> {
                    while (mutex.statistics().waiting() == 0 && !doomed.isDone()) {
                        checkpoint();
                    }
                    doomed.cancel("enough");
                    givePermit();
                });
                waiter.await();
            });
        }

        @Test
        void all_who_wait_go_on_after_a_signal_for_all() {
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> takePermit(1));
                group.start("second", () -> takePermit(2));
                group.start("third", () -> takePermit(3));
                group.start("canceller", () -> first.cancel("enough"));
                try (var _ = mutex.hold()) {
                    permits = 3;
                    condition.signalAll();
                }
            });
            assertThat(served).contains(2, 3);
            assertThat(permits + served.size()).isEqualTo(3);
        }

        @Test
        void whoever_waits_learns_that_an_owner_has_ended_with_the_mutex() {
            try {
                TaskGroup.run(group -> {
                    Task<?> doomed = group.start("doomed", this::waitUntilItBreaks);
                    Task<?> waiter = group.start("waiter", this::waitUntilItBreaks);
                    group.start("breaker", () -> {
                        mutex.acquire();
                        broken = true;
                        condition.signal();
                    });
                    group.start("canceller", () -> doomed.cancel("enough"));
                    waiter.await();
                    assertThat(waiter.outcome()).containsInstanceOf(Outcome.Success.class);
                });
            } finally {
                if (broken) {
                    assertThatThrownBy(mutex::tryAcquire).isInstanceOf(BrokenException.class);
                }
            }
        }

        private void waitUntilItBreaks() {
            try {
                mutex.acquire();
            } catch (BrokenException e) {
                return;
            }
            try {
                condition.await();
            } catch (BrokenException e) {
                return;
            } catch (Cancelled cancelled) {
                mutex.release();
                throw cancelled;
            }
            mutex.release();
        }

        @AfterEach
        void nobody_waits_or_has_the_mutex() {
            assertThat(condition.statistics().waiting()).isZero();
            assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), broken, 0));
        }
    }
}
