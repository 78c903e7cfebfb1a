package dev.yibu;

import static dev.yibu.Async.blocking;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.usingRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The interrupt rule, sentence by sentence, with real tasks. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptRuleTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final AtomicReference<Strand> ready = new AtomicReference<>();
    private volatile boolean cancelRequested;

    private interface Body {
        Object run() throws Exception;
    }

    private void nowCancelMe() {
        ready.set(Strand.current());
    }

    /** Computes until it is cancelled, and does not look at the interrupt flag. */
    private void computeUntilCancelled() {
        nowCancelMe();
        Eventually.isTrue("it is cancelled", () -> cancelRequested);
    }

    /** Computes until it is cancelled and the interrupt has arrived; leaves the flag set. */
    private void computeUntilInterrupted() {
        nowCancelMe();
        Eventually.isInterrupted();
    }

    /** Whether the next foreign call is interrupted. One that nobody stops gives up after a while. */
    private static boolean foreignCallIsStopped() {
        return foreignCallIsStopped(10_000);
    }

    private static boolean foreignCallIsStopped(long millis) {
        try {
            new LinkedBlockingQueue<>().poll(millis, TimeUnit.MILLISECONDS);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static boolean flag() {
        return Thread.currentThread().isInterrupted();
    }

    /** Runs a task, cancels it when it says so, and returns what it returned, or throws what it threw. */
    private Object cancelledTask(Body body) {
        return cancelledTask(body, _ -> {});
    }

    private interface Beforehand {
        void look(Strand strand);
    }

    private Object cancelledTask(Body body, Beforehand beforehand) {
        AtomicReference<Object> result = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                try {
                    result.set(body.run());
                } catch (Throwable t) {
                    result.set(t);
                }
            });
            Eventually.isTrue("the task is ready", () -> ready.get() != null);
            beforehand.look(ready.get());
            task.cancel();
            cancelRequested = true;
            Eventually.isTrue("the task ends", task::isDone);
        });
        return result.get();
    }

    // ---------------------------------------------------------------- how it is woken

    @Test
    void a_task_that_waits_at_the_waist_is_woken_without_an_interrupt() {
        Semaphore free = new Semaphore(1);
        Object result = cancelledTask(
                () -> {
                    nowCancelMe();
                    assertThatThrownBy(() -> sleep(LONG)).isInstanceOf(Cancelled.class);
                    assertThat(flag()).isFalse();
                    free.acquire();
                    return "clean";
                },
                Eventually::waits);

        assertThat(result).isEqualTo("clean");
    }

    @Test
    void a_task_anywhere_else_counts_as_being_in_foreign_code_and_is_interrupted() {
        Object result = cancelledTask(
                () -> {
                    nowCancelMe();
                    return foreignCallIsStopped();
                },
                strand -> Eventually.blocks(strand.thread()));

        assertThat(result).isEqualTo(true);
    }

    @Test
    void a_cancel_that_meets_a_task_between_two_waits_stops_the_foreign_call_that_follows() {
        Object result = cancelledTask(() -> {
            sleep(Duration.ofNanos(1));
            computeUntilCancelled();
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    // ---------------------------------------------------------------- the debt

    @Test
    void each_cancel_owes_a_task_one_interrupt_and_there_is_no_retry() {
        Object result = cancelledTask(() -> {
            computeUntilCancelled();
            assertThat(foreignCallIsStopped()).isTrue();
            return foreignCallIsStopped(50);
        });

        assertThat(result).isEqualTo(false);
    }

    @Test
    void the_debt_is_paid_when_a_wait_throws_cancelled() {
        Object result = cancelledTask(
                () -> {
                    nowCancelMe();
                    assertThatThrownBy(() -> sleep(LONG)).isInstanceOf(Cancelled.class);
                    return foreignCallIsStopped(50);
                },
                Eventually::waits);

        assertThat(result).isEqualTo(false);
    }

    @Test
    void every_later_checkpoint_inside_a_cancelled_scope_throws_again() {
        Object result = cancelledTask(() -> {
            computeUntilCancelled();
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(Async::checkpoint).isInstanceOf(Cancelled.class);
                assertThatThrownBy(() -> sleep(LONG)).isInstanceOf(Cancelled.class);
                assertThatThrownBy(() -> sleep(Duration.ZERO)).isInstanceOf(Cancelled.class);
                assertThatThrownBy(() -> timeout(LONG, () -> {})).isInstanceOf(Cancelled.class);
            }
            return "again and again";
        });

        assertThat(result).isEqualTo("again and again");
    }

    @Test
    void swallowing_a_cancellation_heals_at_the_next_checkpoint() {
        Object result = cancelledTask(
                () -> {
                    nowCancelMe();
                    try {
                        sleep(LONG);
                    } catch (Cancelled swallowed) {
                        assertThat(flag()).isFalse();
                    }
                    checkpoint();
                    return "never";
                },
                Eventually::waits);

        assertThat(result).isInstanceOf(Cancelled.class);
    }

    // ---------------------------------------------------------------- it interrupts itself before user code goes on

    @Test
    void a_wait_that_returns_its_value_while_cancelled_leaves_an_interrupt_for_the_foreign_call_that_follows() {
        Object result = cancelledTask(() -> {
            String value = blocking(() -> {
                computeUntilCancelled();
                return "delivered";
            });
            assertThat(value).isEqualTo("delivered");
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    @Test
    void a_shield_that_ends_while_cancelled_leaves_an_interrupt_for_the_foreign_call_that_follows() {
        Object result = cancelledTask(() -> {
            shield(LONG, () -> {
                computeUntilCancelled();
                assertThat(flag()).isFalse();
            });
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    @Test
    void an_interrupt_that_nobody_met_inside_a_timeout_waits_behind_it() {
        Object result = cancelledTask(() -> {
            timeout(LONG, this::computeUntilInterrupted);
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    @Test
    void an_interrupt_that_nobody_met_inside_a_group_waits_behind_it() {
        Object result = cancelledTask(() -> {
            TaskGroup.run(_ -> computeUntilInterrupted());
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    @Test
    void an_interrupt_that_nobody_met_before_a_shield_waits_behind_it() {
        Object result = cancelledTask(() -> {
            computeUntilInterrupted();
            shield(LONG, () -> assertThat(flag()).isFalse());
            return foreignCallIsStopped();
        });

        assertThat(result).isEqualTo(true);
    }

    @Test
    void the_grace_of_a_shield_ends_a_foreign_call_although_cancelled_was_thrown_before() {
        Object result = cancelledTask(
                () -> {
                    nowCancelMe();
                    try {
                        sleep(LONG);
                    } catch (Cancelled cancelled) {
                        assertThatThrownBy(() -> shield(SHORT, () -> new Semaphore(0).acquire()))
                                .isInstanceOf(Cancelled.class)
                                .hasCauseInstanceOf(InterruptedException.class);
                        return "ended";
                    }
                    return "not cancelled";
                },
                Eventually::waits);

        assertThat(result).isEqualTo("ended");
    }

    // ---------------------------------------------------------------- nothing is left over

    @Test
    void scope_exit_leaves_no_flag_and_code_behind_it_is_not_interrupted() throws InterruptedException {
        run(() -> createTask(() -> {
                    assertThat(moveOnAfter(SHORT, () -> new Semaphore(0).acquire()))
                            .isFalse();
                    assertThat(flag()).isFalse();
                    assertThat(moveOnAfter(SHORT, Eventually::isInterrupted)).isTrue();
                    assertThat(flag()).isFalse();
                    assertThatThrownBy(() -> timeout(SHORT, () -> {
                                Eventually.isInterrupted();
                                throw new IOException("mine");
                            }))
                            .isInstanceOf(IOException.class);
                    assertThat(flag()).isFalse();
                    assertThat(foreignCallIsStopped(20)).isFalse();
                })
                .await());
    }

    @Test
    void a_release_begins_without_the_flag() {
        List<Object> seen = new CopyOnWriteArrayList<>();
        cancelledTask(() -> {
            usingRun(() -> "resource", _ -> seen.add(flag()), _ -> computeUntilInterrupted());
            seen.add(foreignCallIsStopped());
            return null;
        });

        assertThat(seen).containsExactly(false, true);
    }

    @Test
    void completion_callbacks_run_without_the_flag() {
        List<Boolean> flags = new CopyOnWriteArrayList<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                computeUntilInterrupted();
            });
            task.onCompletion(_ -> flags.add(flag()));
            Eventually.isTrue("the task is ready", () -> ready.get() != null);
            task.cancel();
            Eventually.isTrue("the callback has run", () -> !flags.isEmpty());
        });

        assertThat(flags).containsExactly(false);
    }

    // ---------------------------------------------------------------- the closed list

    @Test
    void an_interrupted_exception_without_any_cancel_passes_unchanged() {
        InterruptedException mine = new InterruptedException("mine");
        SocketException closed = new SocketException("Closed by interrupt");

        assertThatThrownBy(() -> run(() -> {
                    throw mine;
                }))
                .isSameAs(mine);
        assertThatThrownBy(() -> run(() -> timeout(
                        LONG,
                        () -> shield(LONG, () -> {
                            throw closed;
                        }))))
                .isSameAs(closed);
        assertThatThrownBy(() -> run(() -> createTask(() -> {
                            throw closed;
                        })
                        .await()))
                .isSameAs(closed);
    }

    @Test
    void at_the_end_of_a_cancelled_task_it_becomes_the_cancellation() throws ExecutionException {
        ExecutionException wrapper = new ExecutionException(new InterruptedException());
        AtomicReference<Task<?>> started = new AtomicReference<>();
        run(() -> {
            Task<?> task = createTask(() -> {
                computeUntilCancelled();
                throw wrapper;
            });
            started.set(task);
            Eventually.isTrue("the task is ready", () -> ready.get() != null);
            task.cancel("no longer needed");
            cancelRequested = true;
            Eventually.isTrue("the task ends", task::isDone);
        });

        assertThat(started.get().isCancelled()).isTrue();
        assertThat(started.get().outcome())
                .hasValueSatisfying(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Outcome.Cancellation.class,
                                cancellation -> assertThat(cancellation.reason().message())
                                        .isEqualTo("no longer needed")));
    }

    @Test
    void at_the_exit_of_an_expired_scope_it_becomes_the_timeout_with_the_exception_as_cause() {
        RuntimeException wrapper = new RuntimeException(new SocketException("Closed by interrupt"));

        assertThatThrownBy(() -> timeout(SHORT, () -> {
                    Eventually.isInterrupted();
                    throw wrapper;
                }))
                .isInstanceOf(TimeoutException.class)
                .hasCause(wrapper);
    }

    @Test
    void another_exception_of_a_cancelled_task_stays_what_it_is() {
        IOException mine = new IOException("disk full");
        Object result = cancelledTask(() -> timeout(LONG, () -> {
            computeUntilInterrupted();
            throw mine;
        }));

        assertThat(result).isSameAs(mine);
    }

    @Test
    void inside_a_shield_it_is_no_cancellation() {
        InterruptedException mine = new InterruptedException("mine");
        Object result = cancelledTask(() -> {
            computeUntilCancelled();
            try {
                shield(LONG, () -> {
                    throw mine;
                });
                return "nothing thrown";
            } catch (InterruptedException e) {
                return e;
            }
        });

        assertThat(result).isSameAs(mine);
    }
}
