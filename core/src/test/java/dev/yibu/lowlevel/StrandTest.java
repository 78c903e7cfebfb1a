package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StrandTest {
    private static Strand root() {
        return new Strand(Driver.real(), null, Context.EMPTY);
    }

    @Test
    void a_thread_has_a_strand_only_inside_a_call() {
        Strand strand = root();
        assertThat(Strand.current()).isNull();

        Strand inside = strand.runAsRoot(Strand::current);

        assertThat(inside).isSameAs(strand);
        assertThat(Strand.current()).isNull();
        assertThat(strand.thread()).isNull();
    }

    @Test
    void roots_are_listed_while_they_run_the_oldest_first() {
        Strand outer = root();
        Strand inner = root();

        outer.runAsRoot(() -> {
            assertThat(Strand.roots()).contains(outer).doesNotContain(inner);
            RunningStrand<Boolean> other = RunningStrand.start(inner, self -> {
                assertThat(Strand.roots()).containsSubsequence(outer, inner);
                return true;
            });
            return other.value();
        });

        assertThat(Strand.roots()).doesNotContain(outer, inner);
    }

    @Test
    void the_value_and_the_exceptions_of_a_root_pass_unchanged() throws Exception {
        IOException exception = new IOException("mine");

        assertThat(Strand.<String, RuntimeException>attached(() -> "value")).isEqualTo("value");
        assertThat(Strand.<String, RuntimeException>attached(() -> null)).isNull();
        assertThatThrownBy(() -> Strand.attached(() -> {
                    throw exception;
                }))
                .isSameAs(exception);
        assertThat(Strand.current()).isNull();
    }

    @Test
    void a_cancelled_root_throws_a_cancellation_exception_with_reason_cause_and_suppressed() {
        IOException cause = new IOException("the failure behind it");
        IOException suppressed = new IOException("failed while cleaning up");

        assertThatThrownBy(() -> Strand.attached(() -> {
                    Strand.current().cancel(new CancelReason(Kind.FAILURE, "why", cause));
                    try {
                        Strand.current().checkpoint();
                    } catch (Cancelled cancelled) {
                        cancelled.addSuppressed(suppressed);
                        throw cancelled;
                    }
                    return true;
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessage("why")
                .hasCause(cause)
                .hasSuppressedException(suppressed);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_root_that_ends_normally_although_it_is_cancelled_yields_its_value_and_leaves_no_flag() {
        boolean value = Strand.attached(() -> {
            Strand.current().cancel(RunningStrand.REASON);
            return Thread.currentThread().isInterrupted();
        });

        assertThat(value).as("the cancel interrupts the strand").isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void every_later_checkpoint_in_a_cancelled_scope_throws_again() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            CancelScope scope = new CancelScope(self) {};
            scope.enter();
            scope.cancel(RunningStrand.REASON);
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(self::checkpoint)
                        .isInstanceOfSatisfying(
                                Cancelled.class,
                                cancelled -> assertThat(cancelled.reason()).isSameAs(RunningStrand.REASON));
                assertThatThrownBy(() -> new Suspension<>(self, "a wait").await())
                        .isInstanceOf(Cancelled.class);
            }
            scope.leave(null);
            self.checkpoint();
            return self.hasUnwound();
        });

        assertThat(running.value())
                .as("the strand as a whole was not cancelled")
                .isFalse();
    }

    @Test
    void a_strand_knows_that_it_was_told_to_unwind() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            self.cancel(RunningStrand.REASON);
            assertThat(self.hasUnwound()).isFalse();
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            return self.hasUnwound();
        });

        assertThat(running.value()).isTrue();
    }

    @Test
    void scopes_are_entered_where_they_were_made_and_left_in_reverse_order() {
        Strand strand = root();
        CancelScope first = new CancelScope(strand) {};
        CancelScope early = new CancelScope(strand) {};
        first.enter();
        CancelScope second = new CancelScope(strand) {};
        second.enter();

        assertThatIllegalStateException().isThrownBy(early::enter);
        assertThatIllegalStateException().isThrownBy(() -> first.leave(null));
        assertThatIllegalStateException().isThrownBy(() -> strand.leave(null));
        second.leave(null);
        assertThatIllegalStateException().isThrownBy(() -> second.leave(null));
        first.leave(null);

        assertThat(strand.scope()).isSameAs(strand);
        assertThat(first.parent()).isSameAs(strand);
        assertThat(second.parent()).isSameAs(first);
        assertThat(second.strand()).isSameAs(strand);
    }

    @Test
    void what_an_interrupt_makes_of_foreign_code_is_a_cancellation_only_in_a_cancelled_scope() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            SocketException closed = new SocketException("Closed by interrupt");
            IOException other = new IOException("disk full");
            assertThat(self.translate(null)).isNull();
            assertThat(self.translate(closed)).isSameAs(closed);

            self.cancel(RunningStrand.REASON);

            assertThat(self.translate(null)).isNull();
            assertThat(self.translate(other)).isSameAs(other);
            assertThat(self.translate(closed))
                    .isInstanceOf(Cancelled.class)
                    .hasMessage("a test wants it")
                    .hasCause(closed);
            Cancelled cancelled = new Cancelled(RunningStrand.REASON, null);
            assertThat(self.translate(cancelled)).isSameAs(cancelled);
            return true;
        });

        assertThat(running.value()).isTrue();
    }

    @Test
    void an_exception_that_leaves_a_scope_is_judged_by_that_scope() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            InterruptedException interrupted = new InterruptedException();
            CancelScope outer = new CancelScope(self) {};
            outer.enter();
            CancelScope inner = new CancelScope(self) {};
            inner.enter();
            outer.cancel(RunningStrand.REASON);
            assertThat(inner.leave(interrupted)).isInstanceOf(Cancelled.class).hasCause(interrupted);
            outer.leave(null);

            CancelScope healthy = new CancelScope(self) {};
            healthy.enter();
            assertThat(healthy.leave(interrupted)).isSameAs(interrupted);
            return true;
        });

        assertThat(running.value()).isTrue();
    }
}
