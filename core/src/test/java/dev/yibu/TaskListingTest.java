package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.ForeignCall;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TaskListingTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final CountDownLatch open = new CountDownLatch(1);

    private static TaskInfo listed(String name) {
        List<TaskInfo> found =
                allTasks().stream().filter(task -> task.name().equals(name)).toList();
        assertThat(found).as("tasks with the name " + name).hasSize(1);
        return found.getFirst();
    }

    private static Optional<TaskInfo> ofThisThread() {
        return allTasks().stream()
                .filter(task -> task.thread().equals(Optional.of(Thread.currentThread())))
                .findFirst();
    }

    private static void untilIn(String name, TaskInfo.State state) {
        Polling.until(
                name + " is " + state,
                () -> Polling.task(name).filter(task -> task.state() == state).isPresent());
    }

    @Test
    void each_live_task_is_listed_with_its_name_and_its_owner_before_it() {
        run(RunOptions.defaults().withName("the main task"), () -> {
            CountDownLatch begun = new CountDownLatch(3);
            createTask("background", () -> {
                begun.countDown();
                sleep(LONG);
            });
            TaskGroup.run(group -> {
                group.start(
                        "child",
                        () -> TaskGroup.run(inner -> inner.start("grandchild", () -> {
                            begun.countDown();
                            sleep(LONG);
                        })));
                group.start("sibling", () -> {
                    begun.countDown();
                    sleep(LONG);
                });
                Polling.uninterruptibly(begun);
                List<TaskInfo> all = allTasks();
                List<String> names = all.stream().map(TaskInfo::name).toList();
                TaskInfo main = listed("the main task");

                assertThat(names)
                        .containsSubsequence("the main task", "child", "grandchild")
                        .containsSubsequence("the main task", "sibling")
                        .containsSubsequence("the main task", "background");
                assertThat(main.parent()).isEmpty();
                for (String name : List.of("background", "child", "sibling")) {
                    assertThat(listed(name).parent()).as(name).isEqualTo(OptionalLong.of(main.id()));
                }
                assertThat(listed("grandchild").parent())
                        .hasValue(listed("child").id());
                assertThat(main.thread()).contains(Thread.currentThread());
                group.cancel("enough");
            });
        });
    }

    @Test
    void tasks_of_every_combinator_are_listed() {
        run(() -> {
            long id = ofThisThread().orElseThrow().id();
            AsyncFunction<Integer, Long, RuntimeException> itself =
                    _ -> ofThisThread().orElseThrow().parent().orElseThrow();
            assertThat(gather(List.of(1, 2), itself)).containsExactly(id, id);
            assertThat(race(List.of(1), itself)).isEqualTo(id);
            assertThat(mapConcurrent(List.of(1, 2), 1, itself)).containsExactly(id, id);
            for (long parent : asCompleted(List.of(1, 2), itself)) {
                assertThat(parent).isEqualTo(id);
            }
            assertThat(gatherOutcomes(List.of(1), itself)).containsExactly(new Outcome.Success<>(id));
            assertThat(blocking(() -> gather(List.of(1, 2), itself)))
                    .as("started on a thread that works for the task")
                    .containsExactly(id, id);
        });
    }

    @Test
    void a_task_whose_thread_has_not_begun_is_starting() {
        HeldStarts driver = new HeldStarts();
        driver.run(() -> TaskGroup.run(group -> {
            group.start("not begun", () -> {});
            TaskInfo task = listed("not begun");

            assertThat(task.state()).isEqualTo(TaskInfo.State.STARTING);
            assertThat(task.thread()).isEmpty();
            driver.release();
        }));
    }

    @Test
    void a_task_that_computes_or_blocks_in_code_that_nobody_named_is_running() {
        TaskGroup.run(group -> {
            group.start("busy", () -> Polling.uninterruptibly(open));
            untilIn("busy", TaskInfo.State.RUNNING);

            assertThat(listed("busy").waitingFor()).isEmpty();
            assertThat(listed("busy").thread()).isPresent();
            open.countDown();
        });
    }

    @Test
    void a_task_that_waits_says_what_for() {
        TaskGroup.run(group -> {
            Task<?> sleeper = group.start("sleeper", () -> sleep(LONG));
            group.start("awaiter", () -> sleeper.await());
            group.start(
                    "owner", () -> TaskGroup.run(GroupOptions.named("inner"), inner -> inner.start(() -> sleep(LONG))));
            group.start("gatherer", () -> gather(() -> sleep(LONG)));
            for (String name : List.of("sleeper", "awaiter", "owner", "gatherer")) {
                untilIn(name, TaskInfo.State.WAITING);
            }

            assertThat(listed("sleeper").waitingFor().orElseThrow()).contains("sleep");
            assertThat(listed("awaiter").waitingFor()).contains("task \"sleeper\"");
            assertThat(listed("owner").waitingFor()).contains("the tasks of task group \"inner\"");
            assertThat(listed("gatherer").waitingFor()).contains("the tasks of gather");
            group.cancel("enough");
        });
    }

    @Test
    void a_task_in_a_foreign_call_shows_its_name() {
        TaskGroup.run(group -> {
            group.start(
                    "querying",
                    () -> ForeignCall.named("select 1").call(() -> {
                        Polling.uninterruptibly(open);
                        return true;
                    }));
            group.start("blocking", () -> blocking(() -> Polling.uninterruptibly(open)));
            untilIn("querying", TaskInfo.State.IN_FOREIGN_CALL);
            untilIn("blocking", TaskInfo.State.IN_FOREIGN_CALL);

            assertThat(listed("querying").waitingFor()).contains("select 1");
            open.countDown();
        });
    }

    @Test
    void a_cancelled_task_that_has_not_ended_is_shown_as_cancelled() {
        TaskGroup.run(group -> {
            Task<?> task = group.start("stubborn", () -> Polling.uninterruptibly(open));
            untilIn("stubborn", TaskInfo.State.RUNNING);
            assertThat(listed("stubborn").cancelled()).isFalse();
            task.cancel();

            assertThat(listed("stubborn").cancelled()).isTrue();
            open.countDown();
        });
    }

    @Test
    void the_place_of_a_start_is_listed_in_debug_mode_alone() {
        run(RunOptions.defaults().withDebug(true), () -> {
            createTask("with a site", () -> sleep(LONG));
            assertThat(listed("with a site").creationSite().orElseThrow()).startsWith("TaskListingTest.java:");
        });
        run(() -> {
            createTask("without", () -> sleep(LONG));
            assertThat(listed("without").creationSite()).isEmpty();
        });
    }

    @Test
    void a_task_that_has_ended_is_listed_no_more() {
        run(() -> {
            Task<?> task = createTask("short", () -> {});
            task.await();
            assertThat(Polling.task("short")).isEmpty();
        });
        assertThat(ofThisThread()).isEmpty();
    }

    @Test
    void a_listing_can_not_be_changed_by_later_events() {
        List<TaskInfo> all = run(() -> {
            createTask("gone", () -> sleep(LONG));
            return allTasks();
        });

        assertThat(all).extracting(TaskInfo::name).contains("main", "gone");
        assertThatThrownBy(() -> all.clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    /** Tasks come and go in the groups that are listed; those that stay are in each listing, once, below their owners. */
    @Test
    void a_listing_is_consistent_while_tasks_come_and_go() {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(5);
        Set<String> staying = Set.of("owner", "stays 1", "stays 2", "stays 3");
        TaskGroup.run(outer -> {
            outer.start(
                    "owner",
                    () -> TaskGroup.run(group -> {
                        for (int i = 1; i <= 3; i++) {
                            group.start("stays " + i, () -> {
                                begun.countDown();
                                Polling.until("it is over", over::get);
                            });
                            group.start("comes and goes", () -> {
                                while (!over.get()) {
                                    group.start(() -> {});
                                    gather(List.of(1, 2, 3), x -> {
                                        checkpoint();
                                        return x;
                                    });
                                }
                            });
                        }
                        begun.countDown();
                        begun.countDown();
                    }));
            Polling.uninterruptibly(begun);
            for (int round = 0; round < 500; round++) {
                List<TaskInfo> all = allTasks();
                Map<String, List<TaskInfo>> byName = all.stream().collect(Collectors.groupingBy(TaskInfo::name));
                Set<Long> before = new HashSet<>();
                for (TaskInfo task : all) {
                    assertThat(before).as("%s is listed once", task).doesNotContain(task.id());
                    assertThat(task.parent().isEmpty()
                                    || before.contains(task.parent().getAsLong()))
                            .as("the owner of %s is listed before it", task)
                            .isTrue();
                    before.add(task.id());
                }
                for (String name : staying) {
                    assertThat(byName.get(name)).as(name).hasSize(1);
                }
                long owner = byName.get("owner").getFirst().id();
                for (int i = 1; i <= 3; i++) {
                    assertThat(byName.get("stays " + i).getFirst().parent()).hasValue(owner);
                }
            }
            over.set(true);
        });
    }
}
