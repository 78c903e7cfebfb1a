package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Suspension.Abort;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SuspensionTest {
    private final AtomicReference<Suspension<String>> suspension = new AtomicReference<>();
    private final AtomicInteger aborts = new AtomicInteger();

    private Suspension<String> newSuspension(Strand strand) {
        Suspension<String> made = new Suspension<>(strand, "a letter");
        suspension.set(made);
        return made;
    }

    /** A strand that waits, with a handler that counts its calls and answers this. */
    private RunningStrand<String> waiting(Abort answer) {
        RunningStrand<String> running =
                RunningStrand.start(self -> newSuspension(self).await(() -> {
                    aborts.incrementAndGet();
                    return answer;
                }));
        Eventually.waits(running.strand);
        return running;
    }

    @Test
    void await_returns_the_value_of_resume() {
        RunningStrand<String> running = waiting(Abort.ABORTED);

        assertThat(suspension.get().isPending()).isTrue();
        assertThat(suspension.get().resume("hello")).isTrue();

        assertThat(running.value()).isEqualTo("hello");
        assertThat(suspension.get().isPending()).isFalse();
        assertThat(aborts).hasValue(0);
    }

    @Test
    void the_value_may_be_null() {
        RunningStrand<String> running = waiting(Abort.ABORTED);

        assertThat(suspension.get().resume(null)).isTrue();

        assertThat(running.value()).isNull();
        assertThat(suspension.get().resume("late")).isFalse();
    }

    @Test
    void await_throws_the_exception_of_fail_as_it_is() {
        RunningStrand<String> running = waiting(Abort.ABORTED);
        IOException exception = new IOException("lost");

        assertThat(suspension.get().fail(exception)).isTrue();

        assertThat(running.failure()).isSameAs(exception);
    }

    @Test
    void only_the_first_of_resume_and_fail_counts() {
        RunningStrand<String> running = waiting(Abort.ABORTED);

        assertThat(suspension.get().resume("first")).isTrue();
        assertThat(suspension.get().resume("second")).isFalse();
        assertThat(suspension.get().fail(new IOException("third"))).isFalse();

        assertThat(running.value()).isEqualTo("first");
    }

    @Test
    void a_resume_that_comes_before_the_wait_is_not_lost() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            Suspension<String> early = newSuspension(self);
            Threads.runToEnd(() -> early.resume("early"));
            return early.await();
        });

        assertThat(running.value()).isEqualTo("early");
    }

    @Test
    void a_wake_up_for_no_reason_does_not_end_the_wait() {
        RunningStrand<String> running = waiting(Abort.ABORTED);
        Suspension<String> pending = suspension.get();

        for (int i = 0; i < 100; i++) {
            LockSupport.unpark(running.thread);
            Thread.yield();
        }
        Eventually.waits(running.strand);
        assertThat(pending.isPending()).isTrue();
        pending.resume("at last");

        assertThat(running.value()).isEqualTo("at last");
    }

    @Test
    void a_listing_sees_what_the_strand_waits_for() {
        RunningStrand<String> running = waiting(Abort.ABORTED);

        assertThat(running.strand.waitingFor()).isEqualTo("a letter");
        assertThat(suspension.get().on()).isEqualTo("a letter");
        assertThat(suspension.get().strand()).isSameAs(running.strand);
        assertThat(suspension.get()).hasToString(running.strand + " waits for a letter");

        suspension.get().resume("hello");
        running.value();
        assertThat(running.strand.waitingFor()).isNull();
    }

    @Test
    void what_it_waits_for_must_be_said() {
        assertThatNullPointerException()
                .isThrownBy(() -> new Suspension<>(new Strand(Driver.real(), null, Context.EMPTY), null))
                .withMessage("on");
    }

    @Test
    void a_cancellation_calls_the_abort_handler_once_on_the_waiting_thread_and_ends_the_wait() {
        AtomicReference<Thread> caller = new AtomicReference<>();
        RunningStrand<String> running =
                RunningStrand.start(self -> newSuspension(self).await(() -> {
                    aborts.incrementAndGet();
                    caller.set(Thread.currentThread());
                    return Abort.ABORTED;
                }));
        Eventually.waits(running.strand);

        running.cancel();

        assertThat(running.failure()).isInstanceOf(CancellationException.class);
        assertThat(aborts).hasValue(1);
        assertThat(caller).hasValue(running.thread);
        assertThat(suspension.get().isPending()).isFalse();
        assertThat(suspension.get().resume("late"))
                .as("a value that nobody takes stays with its owner")
                .isFalse();
    }

    @Test
    void a_scope_that_is_cancelled_on_entry_aborts_the_wait_before_it_begins() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            self.cancel(RunningStrand.REASON);
            return newSuspension(self).await(() -> {
                aborts.incrementAndGet();
                return Abort.ABORTED;
            });
        });

        assertThat(running.failure()).isInstanceOf(CancellationException.class);
        assertThat(aborts).hasValue(1);
    }

    @Test
    void a_value_that_is_there_on_entry_is_returned_although_the_scope_is_cancelled() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            Suspension<String> ready = newSuspension(self);
            ready.resume("ready");
            self.cancel(RunningStrand.REASON);
            String value = ready.await(() -> {
                aborts.incrementAndGet();
                return Abort.ABORTED;
            });
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            return value;
        });

        assertThat(running.value()).isEqualTo("ready");
        assertThat(aborts).hasValue(0);
    }

    @Test
    void an_abort_that_comes_too_late_keeps_waiting_and_is_not_asked_again() {
        RunningStrand<String> running = waiting(Abort.TOO_LATE);

        running.cancel();
        Eventually.isTrue("the handler is asked", () -> aborts.get() > 0);
        for (int i = 0; i < 100; i++) {
            LockSupport.unpark(running.thread);
            Thread.yield();
        }
        Eventually.waits(running.strand);
        assertThat(suspension.get().resume("delivered")).isTrue();

        assertThat(running.value()).isEqualTo("delivered");
        assertThat(aborts).hasValue(1);
    }

    @Test
    void a_value_that_arrives_while_the_handler_runs_wins() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            Suspension<String> contested = newSuspension(self);
            self.cancel(RunningStrand.REASON);
            return contested.await(() -> {
                Threads.runToEnd(
                        () -> assertThat(contested.resume("just in time")).isTrue());
                return Abort.ABORTED;
            });
        });

        assertThat(running.value()).isEqualTo("just in time");
    }

    @Test
    void a_value_once_delivered_is_returned_and_the_cancel_meets_the_next_checkpoint() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            Suspension<String> delivered = newSuspension(self);
            String value = delivered.await(() -> Abort.TOO_LATE);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class).hasMessage("a test wants it");
            return value;
        });
        Eventually.waits(running.strand);

        running.cancel();
        suspension.get().resume("mine");

        assertThat(running.value()).isEqualTo("mine");
    }

    @Test
    void an_uncancellable_wait_goes_on_and_the_cancel_meets_the_next_checkpoint() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            String value = newSuspension(self).awaitUncancellably();
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            return value;
        });
        Eventually.waits(running.strand);

        running.cancel();
        running.thread.interrupt();
        Eventually.waits(running.strand);
        assertThat(suspension.get().isPending()).isTrue();
        suspension.get().resume("joined");

        assertThat(running.value()).isEqualTo("joined");
    }

    @Test
    void a_wait_inside_an_abort_handler_is_seen_while_it_lasts_and_then_the_outer_one_again() {
        AtomicReference<Object> duringInner = new AtomicReference<>();
        AtomicReference<Object> afterInner = new AtomicReference<>();
        RunningStrand<String> running =
                RunningStrand.start(self -> newSuspension(self).await(() -> {
                    Suspension<String> inner = new Suspension<>(self, "a receipt");
                    Thread.startVirtualThread(() -> {
                        Eventually.isTrue("it waits for the inner one", () -> "a receipt".equals(self.waitingFor()));
                        duringInner.set(self.waitingFor());
                        inner.resume("receipt");
                    });
                    inner.awaitUncancellably();
                    afterInner.set(self.waitingFor());
                    return Abort.ABORTED;
                }));
        Eventually.waits(running.strand);

        running.cancel();

        assertThat(running.failure()).isInstanceOf(CancellationException.class);
        assertThat(duringInner).hasValue("a receipt");
        assertThat(afterInner).hasValue("a letter");
        assertThat(running.strand.waitingFor()).isNull();
    }

    @Test
    void a_cancel_of_an_outer_strand_ends_the_wait() {
        CancelScope group =
                RunningStrand.start(self -> new CancelScope(self) {}).value();
        RunningStrand<String> running = RunningStrand.start(
                new Strand(Driver.real(), group, Context.EMPTY),
                self -> newSuspension(self).await());
        Eventually.waits(running.strand);

        group.cancel(new CancelReason(Kind.FAILURE, "a sibling failed"));
        running.strand.deliver(); // the scope of a real group visits its children

        assertThat(running.failure()).isInstanceOf(CancellationException.class).hasMessage("a sibling failed");
    }
}
