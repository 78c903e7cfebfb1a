package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SupervisedGroupTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final GroupOptions SUPERVISED = GroupOptions.supervised();

    private static Task<String> failing(TaskGroup group, Throwable failure) {
        Task<String> task = group.start(() -> {
            throw dev.yibu.lowlevel.Throwing.<RuntimeException>any(failure);
        });
        Polling.until("it is gone", () -> !group.tasks().contains(task));
        return task;
    }

    @Test
    void siblings_and_body_survive_a_failure() {
        IOException failure = new IOException("it broke");
        AtomicInteger survived = new AtomicInteger();
        assertThatThrownBy(() -> TaskGroup.run(SUPERVISED, group -> {
                    Task<?> gate = group.start("gate", () -> sleep(LONG));
                    group.start("sibling", () -> {
                        var _ = catchThrowable(gate::await);
                        checkpoint();
                        survived.incrementAndGet();
                    });
                    failing(group, failure);
                    checkpoint();
                    gate.cancel();
                    group.start(survived::incrementAndGet);
                }))
                .isSameAs(failure);

        assertThat(survived).hasValue(2);
    }

    @Test
    void at_its_end_the_first_failure_that_nobody_read_is_thrown_and_the_others_are_suppressed() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        IllegalStateException third = new IllegalStateException("third");
        assertThatThrownBy(() -> TaskGroup.run(SUPERVISED, group -> {
                    failing(group, first);
                    failing(group, second);
                    failing(group, third);
                }))
                .isSameAs(first);

        assertThat(first.getSuppressed()).containsExactly(second, third);
    }

    @Test
    void a_failure_that_somebody_has_read_is_not_thrown_again() {
        IOException awaited = new IOException("awaited");
        IOException gotten = new IOException("gotten");
        IOException shown = new IOException("shown");
        IOException calledBack = new IOException("called back");
        String value = TaskGroup.call(SUPERVISED, group -> {
            assertThatThrownBy(failing(group, awaited)::await).isSameAs(awaited);
            assertThatThrownBy(failing(group, gotten)::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(gotten);
            assertThat(failing(group, shown).outcome()).contains(new Outcome.Failure<>(shown));
            failing(group, calledBack).onCompletion(_ -> {});
            return "all were read";
        });

        assertThat(value).isEqualTo("all were read");
    }

    @Test
    void a_failure_that_was_read_leaves_the_one_that_was_not() {
        IOException read = new IOException("read");
        IOException unread = new IOException("unread");
        assertThatThrownBy(() -> TaskGroup.run(SUPERVISED, group -> {
                    var _ = catchThrowable(failing(group, read)::await);
                    failing(group, unread);
                }))
                .isSameAs(unread);

        assertThat(unread.getSuppressed()).isEmpty();
    }

    @Test
    void a_failure_of_the_body_cancels_the_tasks_and_comes_before_theirs() {
        IOException ofTask = new IOException("of a task");
        IOException ofBody = new IOException("of the body");
        Task<?>[] sleeper = {null};
        assertThatThrownBy(() -> TaskGroup.run(SUPERVISED, group -> {
                    sleeper[0] = group.start(() -> sleep(LONG));
                    failing(group, ofTask);
                    throw ofBody;
                }))
                .isSameAs(ofBody);

        assertThat(ofBody.getSuppressed()).containsExactly(ofTask);
        assertThat(sleeper[0].isCancelled()).isTrue();
    }

    @Test
    void a_body_that_throws_the_failure_it_read_throws_it_alone() {
        IOException failure = new IOException("it broke");
        assertThatThrownBy(() -> TaskGroup.run(
                        SUPERVISED, group -> failing(group, failure).await(IOException.class)))
                .isSameAs(failure);

        assertThat(failure.getSuppressed()).isEmpty();
    }

    @Test
    void a_task_that_is_cancelled_on_its_own_is_no_failure() {
        TaskGroup.run(SUPERVISED, group -> {
            Task<?> sleeper = group.start("sleeper", () -> sleep(LONG));
            Polling.untilWaiting("sleeper");
            sleeper.cancel();
        });
    }

    @Test
    void cancelling_its_owner_cancels_all_its_tasks() {
        List<Task<?>> tasks = new ArrayList<>();
        TaskGroup.run(outer -> {
            Task<?> owner = outer.start(
                    "owner",
                    () -> TaskGroup.run(SUPERVISED, group -> {
                        for (int i = 0; i < 3; i++) {
                            tasks.add(group.start(() -> sleep(LONG)));
                        }
                        sleep(LONG);
                    }));
            Polling.untilWaiting("owner");
            owner.cancel();
            assertThatThrownBy(owner::await).isInstanceOf(CancellationException.class);
        });

        assertThat(tasks).hasSize(3).allMatch(Task::isCancelled);
    }

    @Test
    void failures_beyond_the_first_32_are_logged_at_once_so_that_none_is_dropped() {
        List<IOException> failures = new ArrayList<>();
        try (LogCapture log = new LogCapture()) {
            Throwable thrown = catchThrowable(() -> TaskGroup.run(SUPERVISED, group -> {
                for (int i = 0; i < 40; i++) {
                    failures.add(new IOException("failure " + i));
                    failing(group, failures.getLast());
                }
            }));

            assertThat(thrown).isSameAs(failures.getFirst());
            List<Throwable> told = new ArrayList<>(List.of(thrown));
            told.addAll(List.of(thrown.getSuppressed()));
            log.records("nobody has awaited it").forEach(record -> told.add(record.getThrown()));
            assertThat(told).containsExactlyInAnyOrderElementsOf(failures);
            assertThat(thrown.getSuppressed()).hasSize(31);
        }
    }

    @Test
    void read_failures_make_room_for_unread_ones() {
        try (LogCapture log = new LogCapture()) {
            TaskGroup.run(SUPERVISED, group -> {
                for (int i = 0; i < 100; i++) {
                    var _ = catchThrowable(failing(group, new IOException("failure " + i))::await);
                }
            });

            assertThat(log.records("failed")).isEmpty();
        }
    }

    @Test
    void it_may_have_a_name() {
        TaskGroup.run(SUPERVISED.withName("keepers"), group -> assertThat(group).hasToString("task group \"keepers\""));
        assertThat(SUPERVISED.withName("keepers").isSupervised()).isTrue();
    }
}
