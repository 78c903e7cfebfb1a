package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules of everything that one task at a time has, in the order of arrival. */
abstract class ExploredTurnRules extends ExploredRules {
    /** To have it in try-with-resources. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Who has had it, in this order. */
    final List<Object> served = new ArrayList<>();

    private int inside;

    abstract Turn hold();

    abstract boolean tryAcquire();

    abstract void release();

    abstract int waiting();

    final void enter(Object who) {
        try (var _ = hold()) {
            assertThat(++inside).isEqualTo(1);
            served.add(who);
            try {
                compute();
            } finally {
                inside--;
            }
        }
    }

    final void untilWaiting(int count) {
        while (waiting() < count) {
            checkpoint();
        }
    }

    @Test
    void one_task_at_a_time_has_it_and_it_comes_back_though_a_waiter_is_cancelled() {
        TaskGroup.run(group -> {
            group.start("first", () -> enter(1));
            Task<?> doomed = group.start("doomed", () -> enter(2));
            group.start("third", () -> enter(3));
            group.start("canceller", () -> doomed.cancel("enough"));
        });
        assertThat(served).contains(1, 3);
    }

    @Test
    void who_waits_longest_gets_it_first_and_a_cancelled_one_is_passed_over() {
        TaskGroup.run(group -> {
            try (var _ = hold()) {
                group.start("first", () -> enter(1));
                untilWaiting(1);
                Task<?> doomed = group.start("doomed", () -> enter(2));
                untilWaiting(2);
                group.start("third", () -> enter(3));
                untilWaiting(3);
                group.start("canceller", () -> doomed.cancel("enough"));
            }
        });
        served.remove((Object) 2);
        assertThat(served).containsExactly(1, 3);
    }

    @Test
    void nobody_takes_it_past_those_who_wait() {
        TaskGroup.run(group -> {
            try (var _ = hold()) {
                group.start("waiter", () -> enter("waiter"));
                untilWaiting(1);
                group.start("passer-by", () -> {
                    for (int i = 0; i < 3; i++) {
                        if (tryAcquire()) {
                            try {
                                assertThat(served).containsExactly("waiter");
                            } finally {
                                release();
                            }
                        }
                        compute();
                    }
                });
            }
        });
    }
}
