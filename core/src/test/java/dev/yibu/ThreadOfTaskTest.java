package dev.yibu;

import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.runInExecutor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Strand;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a task's thread knows its strand; see ADR 4. */
@Timeout(60)
class ThreadOfTaskTest {

    @Test
    void a_task_that_sets_another_handler_is_still_that_task() {
        run(() -> gather(List.of(1, 2), _ -> {
            Strand before = Strand.current();
            Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});

            assertThat(Strand.current()).isNotNull().isSameAs(before);
            assertThat(currentTask()).isNotNull();
            return 0;
        }));
    }

    @Test
    void a_task_that_sets_another_handler_before_anything_else_is_still_a_task() {
        run(() -> gather(List.of(1, 2), _ -> {
            Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});

            assertThat(Strand.current()).isNotNull();
            assertThat(Strand.current().thread()).isSameAs(Thread.currentThread());
            return 0;
        }));
    }

    @Test
    void a_thread_with_a_copy_of_the_handler_is_not_the_task() throws InterruptedException {
        run(() -> gather(List.of(1), _ -> {
            AtomicReference<Object> seen = new AtomicReference<>("nothing was seen");
            Thread.ofVirtual()
                    .uncaughtExceptionHandler(Thread.currentThread().getUncaughtExceptionHandler())
                    .start(() -> seen.set(Strand.current()))
                    .join();

            assertThat(seen.get()).isNull();
            return 0;
        }));
    }

    @Test
    void work_on_the_tasks_own_thread_has_a_strand_of_its_own_and_the_task_has_its_own_again() {
        run(() -> gather(List.of(1), _ -> {
            Strand task = Strand.current();
            Strand inside = runInExecutor(Runnable::run, Strand::current);

            assertThat(inside).isNotNull().isNotSameAs(task);
            assertThat(Strand.current()).isSameAs(task);
            return 0;
        }));
    }
}
