package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.portal;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.ContextVar;
import dev.yibu.Portal;
import dev.yibu.RunOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.sync.BrokenException;
import dev.yibu.sync.Mutex;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A run owns the background tasks of its code; portals lead into it; context variables travel to what is started. */
class ExploredRunTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Instant start = clock().instant();
        private final List<Object> events = new ArrayList<>();

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        @Test
        void main_ends_and_background_tasks_are_cancelled_and_joined() {
            String value = run(() -> {
                createTask("forgotten", () -> {
                    try (Tracked _ = Tracked.open("a resource")) {
                        sleep(ofSeconds(100));
                    } finally {
                        shield(ofSeconds(5), () -> sleep(ofSeconds(1)));
                        events.add("ended");
                    }
                });
                sleep(ofSeconds(1));
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(events).containsExactly("ended");
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
            checkpoint();
        }

        @Test
        void a_background_task_does_not_end_with_the_timeout_it_was_created_in() {
            run(() -> {
                List<Task<String>> created = new ArrayList<>();
                assertThatThrownBy(() -> timeout(ofSeconds(1), () -> {
                            created.add(createTask(() -> {
                                sleep(ofSeconds(2));
                                return "value";
                            }));
                            sleep(ofSeconds(5));
                        }))
                        .isInstanceOf(TimeoutException.class);
                assertThat(created.getFirst().await()).isEqualTo("value");
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
        }

        @Test
        void a_background_task_that_fails_disturbs_nobody_and_who_awaits_it_gets_its_failure() {
            run(() -> {
                Task<?> failing = createTask(() -> {
                    checkpoint();
                    throw new IllegalStateException("failed");
                });
                sleep(ofSeconds(1));
                assertThatThrownBy(failing::await).isInstanceOf(IllegalStateException.class);
            });
        }

        @Test
        void a_background_task_may_create_others_until_the_run_has_ended() {
            run(() -> {
                createTask("parent", () -> {
                    checkpoint();
                    createTask("child", () -> {
                        try (Tracked _ = Tracked.open("a resource")) {
                            checkpoint();
                            events.add("child");
                            sleep(ofSeconds(100));
                        }
                    });
                    sleep(ofSeconds(100));
                });
                checkpoint();
            });
            assertThat(events).isIn(List.of(), List.of("child"));
        }

        @Test
        void a_failure_of_main_is_thrown_when_the_background_has_ended() {
            assertThatThrownBy(() -> run(() -> {
                        createTask(() -> {
                            try (Tracked _ = Tracked.open("a resource")) {
                                sleep(ofSeconds(100));
                            }
                        });
                        sleep(ofSeconds(1));
                        throw new IOException("failed");
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("failed");
            checkpoint();
        }

        @Test
        void a_run_with_a_deadline_times_out_and_runs_may_nest() {
            assertThatThrownBy(() -> run(
                            RunOptions.defaults().withDeadline(ofSeconds(2)),
                            () -> run(() -> {
                                createTask(() -> sleep(ofSeconds(50)));
                                sleep(ofSeconds(100));
                            })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(2));
            checkpoint();
        }

        @Test
        void a_submission_races_with_the_end_of_the_run_and_is_joined_or_refused() {
            Portal[] opened = new Portal[1];
            TaskGroup.run(group -> {
                group.start("outsider", () -> {
                    while (opened[0] == null) {
                        checkpoint();
                    }
                    try {
                        Task<?> task = opened[0].submit(() -> {
                            try (Tracked _ = Tracked.open("a resource")) {
                                events.add("begun");
                                sleep(ofSeconds(100));
                            }
                        });
                        assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
                        events.add("cancelled");
                    } catch (IllegalStateException e) {
                        events.add("refused");
                    }
                });
                run(() -> {
                    opened[0] = portal();
                    sleep(ofSeconds(1));
                    for (int i = 0; i < 5; i++) {
                        checkpoint();
                    }
                });
            });
            assertThat(events).isIn(List.of("refused"), List.of("begun", "cancelled"), List.of("cancelled"));
        }

        @Test
        void a_call_through_a_portal_yields_its_value_or_fails_with_the_run() {
            Portal[] opened = new Portal[1];
            TaskGroup.run(group -> {
                group.start("outsider", () -> {
                    while (opened[0] == null) {
                        checkpoint();
                    }
                    try {
                        events.add(opened[0].<String, RuntimeException>call(() -> {
                            sleep(ofSeconds(1));
                            return "value";
                        }));
                    } catch (IllegalStateException e) { // a CancellationException is one
                        events.add("ended");
                    }
                });
                run(() -> {
                    opened[0] = portal();
                    sleep(ofSeconds(1));
                });
            });
            assertThat(events).hasSize(1).isSubsetOf("value", "ended");
        }

        @Test
        void what_is_started_sees_the_context_variables_of_who_starts_it() {
            ContextVar<String> user = ContextVar.withDefault("user", "nobody");
            run(() -> {
                List<Task<String>> created = new ArrayList<>();
                user.where("ann", () -> {
                    created.add(createTask(() -> {
                        checkpoint();
                        return user.get();
                    }));
                    List<String> seen = gather(
                            () -> user.where("bob", () -> {
                                checkpoint();
                                return gather(() -> user.get()).getFirst();
                            }),
                            () -> {
                                checkpoint();
                                return user.get();
                            });
                    assertThat(seen).containsExactly("bob", "ann");
                });
                assertThat(user.get()).isEqualTo("nobody");
                assertThat(created.getFirst().await()).isEqualTo("ann");
            });
        }

        @Test
        void main_is_a_task_that_others_may_cancel_and_what_is_around_it_goes_on() {
            List<Task<?>> mains = new ArrayList<>();
            TaskGroup.run(group -> {
                group.start("canceller", () -> {
                    while (mains.isEmpty()) {
                        checkpoint();
                    }
                    mains.getFirst().cancel("enough");
                });
                assertThatThrownBy(() -> run(() -> {
                            mains.add(currentTask());
                            createTask(() -> sleep(ofSeconds(50)));
                            try (Tracked _ = Tracked.open("a resource")) {
                                sleep(ofSeconds(100));
                            }
                        }))
                        .isInstanceOf(CancellationException.class)
                        .hasMessage("enough");
                checkpoint();
            });
            assertThat(mains.getFirst().isCancelled()).isTrue();
            assertThat(elapsed()).isZero();
        }

        @Test
        void a_mutex_that_main_leaves_locked_is_broken() {
            Mutex mutex = Mutex.create();
            try {
                TaskGroup.run(group -> {
                    group.start("waiter", () -> {
                        while (events.isEmpty()) {
                            checkpoint();
                        }
                        assertThatThrownBy(mutex::acquire).isInstanceOf(BrokenException.class);
                    });
                    run(() -> {
                        mutex.acquire();
                        events.add("locked");
                        sleep(ofSeconds(1));
                    });
                });
            } finally {
                if (!events.isEmpty()) { // whoever was cancelled has not seen it
                    shield(
                            ofSeconds(9),
                            () -> assertThatThrownBy(mutex::acquire).isInstanceOf(BrokenException.class));
                }
            }
        }
    }
}
