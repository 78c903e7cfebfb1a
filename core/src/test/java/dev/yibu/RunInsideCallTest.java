package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.sync.BrokenException;
import dev.yibu.sync.Mutex;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A {@code run} inside another call, on a thread that is no task: its main is a task, as it is without that call. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunInsideCallTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final RunOptions NAMED = RunOptions.defaults().withName("inside");

    private final ContextVar<String> variable = ContextVar.create("variable");

    @Test
    void main_is_a_task_in_a_timeout_and_in_a_binding_which_it_sees() {
        assertThat(timeout(LONG, () -> run(NAMED, () -> currentTask().name()))).isEqualTo("inside");
        assertThat(variable.where("bound", () -> run(NAMED, () -> currentTask().name() + " " + variable.get())))
                .isEqualTo("inside bound");
        assertThatThrownBy(() -> timeout(LONG, () -> currentTask())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void main_is_a_task_in_a_blocking_call_and_in_one_that_may_be_abandoned() {
        assertThat(blocking(() -> run(NAMED, () -> currentTask().name()))).isEqualTo("inside");
        assertThat(abandon(() -> run(NAMED, () -> currentTask().name()))).isEqualTo("inside");
    }

    @Test
    void a_run_inside_a_run_is_a_scope_of_the_same_task() {
        timeout(
                LONG,
                () -> run(() -> {
                    Task<?> outer = currentTask();
                    run(NAMED, () -> assertThat(currentTask()).isEqualTo(outer));
                }));
    }

    @Test
    void a_mutex_that_main_leaves_locked_is_broken() {
        Mutex mutex = Mutex.create();
        Throwable thrown = catchThrowable(() -> timeout(LONG, () -> {
            run(() -> {
                mutex.acquire();
            });
            mutex.acquire();
        }));

        assertThat(thrown).isInstanceOf(BrokenException.class);
    }

    /** Calls a body on the calling thread, in a group that is cancelled when the body has begun to wait in {@code run}. */
    private static void inGroupCancelledWhen(BooleanSupplier begun, Action<RuntimeException> body) {
        TaskGroup.run(group -> {
            group.start(() -> {
                Polling.until("main has begun", begun);
                group.cancel("enough");
            });
            body.run();
        });
    }

    @Test
    void a_cancellation_around_it_reaches_main_and_what_it_has_started() {
        AtomicReference<Task<?>> background = new AtomicReference<>();
        AtomicBoolean over = new AtomicBoolean();
        inGroupCancelledWhen(() -> background.get() != null, () -> {
            run(() -> {
                background.set(createTask(() -> sleep(LONG)));
                sleep(LONG);
            });
            over.set(true);
        });

        assertThat(over).isFalse();
        assertThat(background.get().isCancelled()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_cancellation_around_it_interrupts_foreign_code_of_main_once() {
        AtomicReference<Thread> main = new AtomicReference<>();
        AtomicBoolean again = new AtomicBoolean(true);
        inGroupCancelledWhen(() -> main.get() != null && main.get().getState() == Thread.State.WAITING, () -> {
            run(() -> {
                main.set(Thread.currentThread());
                try {
                    new Semaphore(0).acquire();
                } catch (InterruptedException e) {
                    // taken for dealt with
                }
            });
            again.set(Thread.currentThread().isInterrupted());
            checkpoint();
        });

        assertThat(again).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void an_interrupt_that_main_has_not_met_is_met_after_it() {
        AtomicBoolean begun = new AtomicBoolean();
        AtomicReference<Throwable> met = new AtomicReference<>();
        inGroupCancelledWhen(begun::get, () -> {
            run(() -> {
                begun.set(true);
                Polling.until("interrupted", () -> Thread.currentThread().isInterrupted());
            });
            met.set(catchThrowable(() -> new Semaphore(0).acquire()));
        });

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void main_that_is_cancelled_on_its_own_is_a_cancellation_exception_and_the_call_around_it_goes_on() {
        String after = timeout(LONG, () -> {
            assertThatThrownBy(() -> run(() -> {
                        currentTask().cancel("only this");
                        sleep(LONG);
                    }))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("only this");
            checkpoint();
            return "goes on";
        });

        assertThat(after).isEqualTo("goes on");
    }

    @Test
    void an_interrupt_from_outside_ends_the_outermost_call_and_is_still_set_afterwards() throws InterruptedException {
        AtomicReference<Throwable> inner = new AtomicReference<>();
        AtomicReference<Throwable> outer = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        CountDownLatch waits = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            outer.set(catchThrowable(() -> timeout(
                    LONG,
                    () -> inner.set(catchThrowable(() -> run(() -> {
                        waits.countDown();
                        sleep(LONG);
                    }))))));
            flag.set(Thread.currentThread().isInterrupted());
        });
        waits.await();
        thread.interrupt();
        thread.join();

        assertThat(inner.get()).isInstanceOf(Cancelled.class);
        assertThat(flag).isTrue();
        assertThat(outer.get()).isNull(); // swallowed by the test's own catch
    }

    @Test
    void an_interrupt_from_outside_comes_out_of_the_outermost_call_as_a_cancellation_exception() {
        AtomicBoolean flag = new AtomicBoolean();
        Throwable thrown = catchThrowable(() -> timeout(
                LONG,
                () -> run(() -> {
                    Thread.currentThread().interrupt();
                    sleep(LONG);
                })));
        flag.set(Thread.interrupted());

        assertThat(thrown).isInstanceOf(CancellationException.class).hasMessage("interrupted");
        assertThat(flag).isTrue();
    }

    @Test
    void main_is_listed_once_and_as_running() {
        timeout(
                LONG,
                () -> run(NAMED, () -> {
                    TaskInfo self = Polling.task("inside").orElseThrow();
                    assertThat(self.state()).isEqualTo(TaskInfo.State.RUNNING);
                    assertThat(allTasks().stream().flatMap(task -> task.thread().stream()))
                            .containsOnlyOnce(Thread.currentThread());
                    assertThat(gather(() -> currentTask().name(), () -> "b")).hasSize(2);
                }));
    }
}
