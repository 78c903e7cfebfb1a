package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a cancel becomes an interrupt, step by step: interrupters run when the test says so. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptWindowTest {
    private final ManualDriver driver = new ManualDriver();

    private interface Steps {
        void run(Strand self) throws Throwable;
    }

    /** Runs the steps on a strand of the manual driver, on a thread of their own. */
    private void onStrand(Steps steps) {
        Strand strand = new Strand(driver, null, Context.EMPTY);
        assertThat(RunningStrand.start(strand, self -> {
                            steps.run(self);
                            return true;
                        })
                        .value())
                .isTrue();
    }

    private static CancelScope entered(Strand self) {
        CancelScope scope = new CancelScope(self) {};
        scope.enter();
        return scope;
    }

    private static void cancel(CancelScope scope) {
        Threads.runToEnd(() -> scope.cancel(RunningStrand.REASON));
    }

    private static boolean flag() {
        return Thread.currentThread().isInterrupted();
    }

    /** What foreign code does that meets the flag. */
    private static boolean meetFlag() {
        return Thread.interrupted();
    }

    @Test
    void a_cancel_interrupts_a_thread_that_computes_once() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            assertThat(flag()).as("before the interrupter runs").isFalse();
            assertThat(driver.interruptersAsked()).isEqualTo(1);

            driver.runInterrupter();

            assertThat(meetFlag()).isTrue();
            Threads.runToEnd(self::deliver);
            driver.runInterrupter();
            assertThat(flag()).as("the debt is paid").isFalse();
            scope.leave(null);
        });
    }

    @Test
    void several_cancels_before_the_interrupter_runs_make_one_interrupt() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            CancelScope inner = entered(self);
            cancel(inner);
            cancel(outer);
            assertThat(driver.interruptersAsked()).isEqualTo(1);

            driver.runInterrupter();

            assertThat(meetFlag()).isTrue();
            inner.leave(null);
            assertThat(flag()).as("after the inner scope").isFalse();
            outer.leave(null);
        });
    }

    @Test
    void each_cancel_owes_one_interrupt() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            CancelScope inner = entered(self);
            cancel(inner);
            driver.runInterrupter();
            assertThat(meetFlag()).isTrue();

            cancel(outer);
            driver.runInterrupter();

            assertThat(meetFlag()).isTrue();
            inner.leave(null);
            assertThat(flag()).isFalse();
            outer.leave(null);
        });
    }

    @Test
    void an_interrupter_that_comes_after_the_scope_does_nothing() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            scope.leave(null);

            driver.runInterrupter();

            assertThat(flag()).isFalse();
        });
    }

    @Test
    void an_interrupter_that_comes_after_cancelled_was_thrown_does_nothing() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);

            driver.runInterrupter();

            assertThat(flag()).as("throwing has paid").isFalse();
            scope.leave(null);
        });
    }

    @Test
    void a_checkpoint_that_throws_clears_the_flag() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            driver.runInterrupter();
            assertThat(flag()).isTrue();

            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);

            assertThat(flag()).isFalse();
            scope.leave(null);
        });
    }

    @Test
    void an_interrupter_leaves_a_strand_alone_that_waits_at_the_waist() {
        Strand strand = new Strand(driver, null, Context.EMPTY);
        AtomicReference<Suspension<Boolean>> wait = new AtomicReference<>();
        RunningStrand<Boolean> running = RunningStrand.start(strand, self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            wait.set(new Suspension<>(self, "the end"));
            wait.get().awaitUncancellably();
            boolean afterwards = meetFlag();
            scope.leave(null);
            return afterwards;
        });
        Eventually.waits(strand);

        driver.runInterrupter();

        assertThat(running.thread.isInterrupted()).as("while it waits").isFalse();
        Eventually.waits(strand);
        wait.get().resume(true);
        assertThat(running.value()).as("a wait that returned its value").isTrue();
    }

    @Test
    void an_interrupter_that_comes_during_a_shield_does_nothing_and_its_end_interrupts() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            Shield shield = new Shield(self, 1_000);
            shield.enter();

            driver.runInterrupter();
            assertThat(flag()).as("inside the shield").isFalse();
            shield.leave(null);

            assertThat(flag()).as("after the shield").isTrue();
            scope.leave(null);
            assertThat(flag()).as("after the scope").isFalse();
        });
    }

    @Test
    void entry_to_a_shield_takes_an_unmet_interrupt_back_and_its_end_gives_it_again() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            driver.runInterrupter();
            assertThat(flag()).isTrue();

            Shield shield = new Shield(self, 1_000);
            shield.enter();
            assertThat(flag()).as("inside the shield").isFalse();
            shield.leave(null);

            assertThat(flag()).as("after the shield").isTrue();
            scope.leave(null);
        });
    }

    @Test
    void a_shield_of_no_grace_keeps_out_nothing_and_takes_no_interrupt_back() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            driver.runInterrupter();

            Shield shield = new Shield(self, 0);
            shield.enter();

            assertThat(shield.isShielding()).isFalse();
            assertThat(flag()).isTrue();
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            shield.leave(null);
            scope.leave(null);
        });
    }

    @Test
    void an_interrupt_from_outside_that_is_pending_at_a_shield_is_a_cancel_that_it_keeps_out() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            Thread.currentThread().interrupt();

            Shield shield = new Shield(self, 1_000);
            shield.enter();
            assertThat(flag()).as("inside the shield").isFalse();
            self.checkpoint();
            shield.leave(null);

            assertThat(flag()).as("after the shield").isTrue();
            assertThat(self.reason()).extracting(CancelReason::kind).isEqualTo(Kind.INTERRUPTED);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            scope.leave(null);
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void scope_exit_takes_an_unmet_interrupt_back_and_a_cancelled_outer_scope_gives_it_again() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            CancelScope inner = entered(self);
            cancel(outer);
            driver.runInterrupter();
            assertThat(flag()).isTrue();

            inner.leave(null);

            assertThat(flag()).as("inside the outer scope").isTrue();
            outer.leave(null);
            assertThat(flag()).as("outside").isFalse();
        });
    }

    @Test
    void an_interrupt_for_the_inner_scope_alone_ends_with_it() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            CancelScope inner = entered(self);
            cancel(inner);
            driver.runInterrupter();
            assertThat(flag()).isTrue();

            inner.leave(null);

            assertThat(flag()).isFalse();
            outer.leave(null);
        });
    }

    @Test
    void a_body_that_has_ended_gives_an_unmet_interrupt_to_the_scope_around_it() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            class Group extends CancelScope {
                Group() {
                    super(self);
                }

                void joinAndLeave() {
                    bodyHasEnded();
                    assertThat(flag()).as("while it joins").isFalse();
                    exit(null);
                }
            }
            Group group = new Group();
            group.enter();
            cancel(outer);
            driver.runInterrupter();

            group.joinAndLeave();

            assertThat(flag()).isTrue();
            outer.leave(null);
        });
    }

    @Test
    void a_body_that_has_ended_is_owed_nothing_for_its_own_scope() {
        onStrand(self -> {
            class Group extends CancelScope {
                Group() {
                    super(self);
                }

                void join() {
                    bodyHasEnded();
                    cancel(RunningStrand.REASON);
                    assertThat(flag()).isFalse();
                    exit(null);
                }
            }
            Group group = new Group();
            group.enter();

            group.join();

            assertThat(flag()).isFalse();
        });
    }

    @Test
    void a_cancelled_on_its_way_out_pays_the_outer_scopes_too() {
        onStrand(self -> {
            CancelScope outer = entered(self);
            CancelScope inner = entered(self);
            cancel(inner);
            Cancelled thrown = self.unwind(null);
            cancel(outer);

            assertThat(inner.leave(thrown)).isSameAs(thrown);

            assertThat(flag()).as("clean-up on the way").isFalse();
            Threads.runToEnd(self::deliver);
            driver.runInterrupter();
            assertThat(flag()).isFalse();
            outer.leave(thrown);
        });
    }

    @Test
    void the_grace_of_a_shield_that_is_over_interrupts_although_cancelled_was_thrown_before() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            driver.runInterrupter();
            Shield shield = new Shield(self, 1_000);
            shield.enter();
            assertThat(flag()).isFalse();

            driver.advanceTo(1_000);
            Threads.runToEnd(() -> driver.fireDue());
            driver.runInterrupter();

            assertThat(meetFlag()).isTrue();
            shield.leave(null);
            assertThat(flag()).as("paid").isFalse();
            scope.leave(null);
        });
    }

    /** The timer had begun to expire when the shield was left. */
    @Test
    void the_grace_of_a_shield_that_has_been_left_owes_nothing_again() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            Shield shield = new Shield(self, 1_000);
            shield.enter();
            cancel(scope);
            Timer grace = driver.timers().getFirst();
            shield.leave(null);
            assertThat(meetFlag()).as("the one interrupt").isTrue();

            Threads.runToEnd(grace::fire);

            assertThat(driver.interruptersAsked()).as("another one").isZero();
            scope.leave(null);
        });
    }

    @Test
    void what_a_thrown_cancelled_has_paid_stays_paid_whatever_happens_inside_a_shield() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            driver.runInterrupter();
            Shield shield = new Shield(self, 1_000);
            shield.enter();
            CancelScope attempt = entered(self);
            cancel(attempt);
            driver.runInterrupter();
            assertThat(flag()).isTrue();
            attempt.leave(null);
            assertThat(flag()).as("inside the shield").isFalse();

            shield.leave(null);

            assertThat(flag()).as("clean-up on the way").isFalse();
            scope.leave(null);
        });
    }

    @Test
    void who_cancels_itself_is_interrupted_at_once() {
        onStrand(self -> {
            CancelScope scope = entered(self);

            scope.cancel(RunningStrand.REASON);

            assertThat(flag()).isTrue();
            assertThat(driver.interruptersAsked()).isZero();
            scope.leave(null);
        });
    }

    @Test
    void a_foreign_call_with_a_hook_gets_the_hook_instead_of_an_interrupt() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            AtomicReference<Thread> hook = new AtomicReference<>();
            ForeignCall call =
                    ForeignCall.named("query").onCancel(() -> hook.set(Thread.currentThread()), Duration.ofSeconds(1));

            String value = call.call(() -> {
                cancel(scope);
                assertThat(driver.interruptersAsked()).isEqualTo(1);
                driver.runInterrupter();
                assertThat(hook.get()).isNotNull().isNotSameAs(Thread.currentThread());
                assertThat(flag()).isFalse();
                return "row";
            });

            assertThat(value).isEqualTo("row");
            assertThat(flag()).as("before the foreign call that follows").isTrue();
            assertThat(driver.timers()).as("the grace").isEmpty();
            scope.leave(null);
        });
    }

    @Test
    void an_interrupt_that_is_asked_for_outside_a_hook_is_not_delivered_inside_it() {
        onStrand(self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            ForeignCall call = ForeignCall.named("query").onCancel(() -> {}, Duration.ofSeconds(1));

            assertThatThrownBy(() -> call.call(() -> true)).isInstanceOf(Cancelled.class);
            driver.runInterrupter();

            assertThat(flag()).isFalse();
            scope.leave(null);
        });
    }

    @Test
    void a_strand_whose_body_is_over_is_not_interrupted_any_more() {
        Strand strand = new Strand(driver, null, Context.EMPTY) {};
        RunningStrand<Boolean> running = RunningStrand.start(strand, self -> {
            cancel(self);
            driver.runInterrupter();
            assertThat(flag()).isTrue();
            self.bodyIsOver();
            assertThat(flag()).as("after the body").isFalse();
            Threads.runToEnd(self::deliver);
            assertThat(driver.interruptersAsked()).isZero();
            return true;
        });

        assertThat(running.value()).isTrue();
    }

    @Test
    void a_strand_that_must_not_be_interrupted_is_not() {
        Strand strand = new Strand(driver, null, Context.EMPTY) {
            @Override
            protected boolean interruptible() {
                return false;
            }
        };
        RunningStrand<Boolean> running = RunningStrand.start(strand, self -> {
            ForeignCall.named("inside a pool").call(() -> {
                cancel(self);
                while (driver.interruptersAsked() > 0) {
                    driver.runInterrupter();
                }
                return true;
            });
            return flag();
        });

        assertThat(running.value()).isFalse();
    }

    @Test
    void a_grace_that_ends_while_another_interrupter_is_at_work_interrupts_although_the_debt_is_paid() {
        AtomicBoolean graceEnds = new AtomicBoolean();
        Strand strand = new Strand(driver, null, Context.EMPTY) {
            @Override
            protected boolean interruptible() {
                if (graceEnds.getAndSet(false)) { // here the interrupter has the window, and has not looked at the debt
                    Threads.runToEnd(this::interruptNow);
                }
                return true;
            }
        };
        RunningStrand<Boolean> running = RunningStrand.start(strand, self -> {
            CancelScope scope = entered(self);
            cancel(scope);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            self.arm();
            graceEnds.set(true);
            while (driver.interruptersAsked() > 0) {
                driver.runInterrupter();
            }
            boolean met = meetFlag();
            scope.leave(null);
            return met;
        });

        assertThat(running.value()).isTrue();
        assertThat(graceEnds).isFalse();
    }

    @Test
    void an_interrupt_from_outside_is_noticed_at_the_next_checkpoint() {
        onStrand(self -> {
            Thread.currentThread().interrupt();

            assertThatThrownBy(self::checkpoint)
                    .isInstanceOfSatisfying(
                            Cancelled.class,
                            cancelled -> assertThat(cancelled.reason())
                                    .isEqualTo(new CancelReason(Kind.INTERRUPTED, "interrupted")));

            assertThat(flag()).isFalse();
        });
    }
}
