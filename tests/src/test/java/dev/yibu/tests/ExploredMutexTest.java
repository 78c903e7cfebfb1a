package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.BrokenException;
import dev.yibu.sync.Mutex;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Mutexes: one owner at a time, in the order of arrival, or broken for all. */
class ExploredMutexTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredTurnRules {
        private final Mutex mutex = Mutex.create();
        private boolean mayBeBroken;

        @Override
        Turn hold() {
            return mutex.hold()::close;
        }

        @Override
        boolean tryAcquire() {
            return mutex.tryAcquire();
        }

        @Override
        void release() {
            mutex.release();
        }

        @Override
        int waiting() {
            return mutex.statistics().waiting();
        }

        @Test
        void the_owner_is_known_while_others_come_and_go() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> enter(1));
                group.start("owner", () -> {
                    try (var _ = mutex.hold()) {
                        compute();
                        assertThat(mutex.statistics().owner()).contains("task \"owner\"");
                        assertThatThrownBy(mutex::acquire).isInstanceOf(IllegalStateException.class);
                    }
                });
                group.start("canceller", () -> doomed.cancel("enough"));
                compute();
                assertThatThrownBy(mutex::release).isInstanceOf(IllegalStateException.class);
            });
        }

        /** Ends with the mutex; the clean-up of the test notices the breach, if nobody else has. */
        private void endWithIt() {
            mutex.acquire();
            mayBeBroken = true;
        }

        private void meetTheBreach() {
            if (mayBeBroken) {
                assertThatThrownBy(mutex::tryAcquire).isInstanceOf(BrokenException.class);
            }
        }

        @Test
        void whoever_comes_or_waits_learns_that_an_owner_has_ended_with_it() {
            try {
                TaskGroup.run(group -> {
                    Task<?> doomed = group.start("doomed", () -> {
                        try {
                            enter(1);
                        } catch (BrokenException e) {
                            served.add(e);
                        }
                    });
                    Task<?> breaker = group.start("breaker", this::endWithIt);
                    group.start("waiter", () -> {
                        try {
                            enter(2);
                        } catch (BrokenException e) {
                            assertThat(e).hasMessageContaining("task \"breaker\"");
                        }
                    });
                    group.start("canceller", () -> doomed.cancel("enough"));
                    breaker.await();
                    assertThatThrownBy(mutex::acquire).isInstanceOf(BrokenException.class);
                });
            } finally {
                meetTheBreach();
            }
        }

        @Test
        void a_waiter_that_was_cancelled_before_it_broke_unwinds_and_does_not_fail() {
            try {
                TaskGroup.run(group -> {
                    Task<?> breaker = group.start("breaker", () -> {
                        endWithIt();
                        Task<?> doomed = group.start("doomed", () -> enter(1));
                        untilWaiting(1);
                        group.start("witness", () -> {
                            while (!doomed.isDone()) {
                                checkpoint();
                            }
                            assertThat(doomed.outcome().orElseThrow()).isInstanceOf(Outcome.Cancellation.class);
                        });
                        doomed.cancel("enough");
                    });
                    breaker.await();
                });
            } finally {
                meetTheBreach();
            }
            assertThat(served).isEmpty();
        }

        @Test
        void a_group_that_is_cancelled_while_it_breaks_is_cancelled_and_has_not_failed() {
            try {
                TaskGroup.run(group -> {
                    Task<?> outer = group.start(
                            "outer",
                            () -> TaskGroup.run(inner -> {
                                Task<?> breaker = inner.start("breaker", () -> {
                                    endWithIt();
                                    sleep(ofSeconds(1));
                                });
                                inner.start("first", () -> enterIfCancelled(breaker));
                                inner.start("second", () -> enterIfCancelled(breaker));
                            }));
                    outer.cancel("enough");
                    while (!outer.isDone()) {
                        checkpoint();
                    }
                    assertThat(outer.outcome().orElseThrow()).isInstanceOf(Outcome.Cancellation.class);
                });
            } finally {
                meetTheBreach();
            }
        }

        /** Comes when the owner has the mutex, so that it is broken by the cancellation of both. */
        private void enterIfCancelled(Task<?> breaker) {
            while (!mayBeBroken && !breaker.isDone()) {
                checkpoint();
            }
            enter("nobody");
        }

        @AfterEach
        void nobody_has_it_or_waits() {
            if (!mayBeBroken) {
                assertThat(mutex.statistics()).isEqualTo(new Mutex.Statistics(Optional.empty(), false, 0));
            }
            assertThat(mutex.statistics().waiting()).isZero();
        }
    }
}
