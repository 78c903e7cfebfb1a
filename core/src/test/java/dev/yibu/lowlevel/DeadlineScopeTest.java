package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deadlines in a time that the test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeadlineScopeTest {
    private final ManualDriver driver = new ManualDriver();
    private final Strand strand = new Strand(driver, null, Context.EMPTY) {
        @Override
        protected boolean interruptible() {
            return false;
        }
    };

    private DeadlineScope opened(long nanos) {
        return opened(nanos, null);
    }

    private DeadlineScope opened(long nanos, @Nullable String site) {
        DeadlineScope scope = new DeadlineScope(strand, nanos, site);
        scope.enter();
        return scope;
    }

    private void timeIs(long nanos) {
        driver.advanceTo(nanos);
        driver.fireDue();
    }

    @Test
    void a_deadline_cancels_its_scope_when_its_time_has_come_and_not_before() {
        DeadlineScope scope = opened(100);

        timeIs(99);
        assertThat(scope.expired()).isFalse();
        assertThat(scope.isCancelled()).isFalse();
        timeIs(100);

        assertThat(scope.expired()).isTrue();
        assertThat(scope.isCancelled()).isTrue();
        assertThat(strand.isCancelled()).isFalse();
    }

    @Test
    void the_reason_names_duration_and_place() {
        DeadlineScope scope = opened(200_000_000, "Foo.java:12");

        timeIs(200_000_000);

        assertThat(scope.reason()).isEqualTo(new CancelReason(Kind.DEADLINE, "deadline of 200 ms at Foo.java:12"));
    }

    @Test
    void a_scope_that_was_left_in_time_does_not_expire() {
        DeadlineScope scope = opened(100);

        assertThat(scope.leave(null)).isNull();

        timeIs(1_000);
        assertThat(scope.expired()).isFalse();
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void a_strand_leaves_no_timer_when_it_ends() {
        new Strand(driver, null, Context.EMPTY).<Object, RuntimeException>runAsRoot(() -> {
            DeadlineScope outer = new DeadlineScope(Strand.current(), 1_000, null);
            outer.enter();
            DeadlineScope inner = new DeadlineScope(Strand.current(), 100, null);
            inner.enter();
            inner.leave(null);
            outer.leave(null);
            assertThat(driver.timers()).as("the alarm, left as it was").hasSize(1);
            return true;
        });

        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void a_later_deadline_sets_no_timer_an_earlier_one_takes_the_place_of_the_one_that_is_set() {
        DeadlineScope outer = opened(100);
        Timer first = driver.timers().getFirst();
        opened(200).leave(null);
        assertThat(driver.timers()).containsExactly(first);

        DeadlineScope inner = opened(50);

        assertThat(driver.timers()).hasSize(1).doesNotContain(first);
        timeIs(50);
        assertThat(inner.expired()).isTrue();
        assertThat(outer.expired()).isFalse();
        inner.leave(null);
        timeIs(100);
        assertThat(outer.expired()).isTrue();
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void an_alarm_that_was_set_for_a_scope_that_has_ended_is_set_again_for_one_that_is_open() {
        opened(100).leave(null);
        DeadlineScope open = opened(200);

        timeIs(100);
        assertThat(open.expired()).isFalse();
        assertThat(driver.timers()).hasSize(1);
        timeIs(199);
        assertThat(open.expired()).isFalse();
        timeIs(200);

        assertThat(open.expired()).isTrue();
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void an_alarm_that_rings_while_its_strand_ends_is_not_set_again() {
        Strand previous = strand.bind();
        DeadlineScope outer = opened(200);
        DeadlineScope inner = opened(100);
        CancelScope innermost = new CancelScope(strand) {
            @Override
            public void visitChildren(Consumer<? super Strand> visitor) { // while the alarm expires the inner deadline
                leave(null);
                inner.leave(null);
                outer.leave(null);
                strand.unbind(previous);
            }
        };
        innermost.enter();

        timeIs(100);

        assertThat(inner.expired()).isTrue();
        assertThat(strand.scope()).isSameAs(strand);
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void of_several_open_scopes_each_expires_at_its_own_deadline() {
        DeadlineScope latest = opened(300);
        DeadlineScope earliest = opened(100);
        DeadlineScope middle = opened(200);

        timeIs(100);
        assertThat(List.of(earliest.expired(), middle.expired(), latest.expired()))
                .containsExactly(true, false, false);
        timeIs(200);
        assertThat(List.of(middle.expired(), latest.expired())).containsExactly(true, false);
        timeIs(300);

        assertThat(latest.expired()).isTrue();
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void a_scope_that_was_left_does_not_move() {
        DeadlineScope scope = opened(100);
        scope.leave(null);

        assertThatIllegalStateException()
                .isThrownBy(() -> scope.reschedule(100))
                .withMessageContaining("ended");
    }

    @Test
    void the_timer_fires_while_the_block_completes_normally_the_result_wins_and_expired_is_true() {
        DeadlineScope scope = opened(100);
        timeIs(100);

        assertThat(scope.leave(null)).isNull();

        assertThat(scope.expired()).isTrue();
        assertThat(scope.isOwnTimeout(null)).isFalse();
    }

    @Test
    void what_unwinds_an_expired_scope_is_its_own_timeout() {
        DeadlineScope scope = opened(100);
        timeIs(100);

        Throwable thrown = scope.leave(strand.unwind());

        assertThat(thrown).isInstanceOf(Cancelled.class);
        assertThat(scope.isOwnTimeout(thrown)).isTrue();
        assertThat(scope.isOwnTimeout(new IllegalStateException())).isFalse();
    }

    @Test
    void a_foreign_cancel_is_nobodys_timeout() {
        DeadlineScope scope = opened(100);
        scope.cancel(RunningStrand.REASON);
        Throwable thrown = scope.leave(strand.unwind());

        assertThat(scope.isOwnTimeout(thrown)).isFalse();
        assertThat(scope.expired()).isFalse();
    }

    @Test
    void a_cancel_from_further_out_beats_an_expired_deadline() {
        DeadlineScope scope = opened(100);
        timeIs(100);
        strand.cancel(RunningStrand.REASON);

        Throwable thrown = scope.leave(strand.unwind());

        assertThat(scope.isOwnTimeout(thrown)).isFalse();
    }

    @Test
    void nested_timeouts_both_expired_only_the_outermost_counts() {
        DeadlineScope outer = opened(100);
        DeadlineScope inner = opened(100);
        timeIs(100);
        assertThat(inner.expired()).isTrue();

        Throwable thrown = inner.leave(strand.unwind());

        assertThat(inner.isOwnTimeout(thrown)).isFalse();
        assertThat(outer.expired()).isTrue();
        assertThat(outer.isOwnTimeout(outer.leave(thrown))).isTrue();
    }

    @Test
    void an_outer_deadline_that_passes_before_its_alarm_rings_counts() {
        DeadlineScope outer = opened(150);
        DeadlineScope inner = opened(100);
        timeIs(100);
        driver.advanceTo(150);
        assertThat(outer.expired()).as("the alarm is late").isFalse();

        Throwable thrown = inner.leave(strand.unwind());

        assertThat(inner.isOwnTimeout(thrown)).isFalse();
        assertThat(outer.expired()).isTrue();
        assertThat(outer.isOwnTimeout(outer.leave(thrown))).isTrue();
    }

    @Test
    void an_outer_deadline_of_another_strand_counts_too() {
        DeadlineScope outer = opened(100);
        Strand child = new Strand(driver, outer, Context.EMPTY);
        DeadlineScope inner = new DeadlineScope(child, 100, null);
        inner.enter();
        driver.advanceTo(100);
        driver.fireLast();

        assertThat(inner.isOwnTimeout(inner.leave(child.unwind()))).isFalse();
    }

    @Test
    void an_expired_deadline_beyond_a_shield_does_not_count() {
        DeadlineScope outer = opened(50);
        Shield shield = new Shield(strand, 1_000);
        shield.enter();
        DeadlineScope inner = opened(100);
        timeIs(100);
        assertThat(outer.expired()).isTrue();

        Throwable thrown = inner.leave(strand.unwind());

        assertThat(inner.isOwnTimeout(thrown)).isTrue();
    }

    @Test
    void a_deadline_moves_later_and_earlier() {
        DeadlineScope scope = opened(100);

        timeIs(40);
        scope.reschedule(100);
        assertThat(scope.deadlineNanos()).isEqualTo(140);
        assertThat(scope.allowance()).isEqualTo(Duration.ofNanos(140));
        timeIs(139);
        assertThat(scope.expired()).isFalse();
        scope.reschedule(500);
        scope.reschedule(10);
        timeIs(149);
        assertThat(scope.expired()).isTrue();
        assertThat(driver.timers()).isEmpty();
    }

    @Test
    void moving_a_deadline_to_now_or_before_expires_it_at_once() {
        DeadlineScope first = opened(100);
        first.reschedule(0);
        assertThat(first.expired()).isTrue();
        first.leave(null);
        DeadlineScope second = opened(100);
        second.reschedule(-5);
        assertThat(second.expired()).isTrue();
    }

    @Test
    void an_expired_deadline_does_not_move() {
        DeadlineScope scope = opened(100);
        timeIs(100);

        assertThatIllegalStateException()
                .isThrownBy(() -> scope.reschedule(100))
                .withMessageContaining("expired");
    }

    @Test
    void a_deadline_that_an_inner_one_found_expired_does_not_move_either() {
        DeadlineScope outer = opened(150);
        DeadlineScope inner = opened(100);
        timeIs(100);
        driver.advanceTo(150);
        inner.isOwnTimeout(inner.leave(strand.unwind()));
        assertThat(outer.expired()).isTrue();

        assertThatIllegalStateException().isThrownBy(() -> outer.reschedule(100));
    }

    @Test
    void far_deadlines_saturate() {
        driver.advanceTo(1_000);
        DeadlineScope scope = opened(Long.MAX_VALUE);

        assertThat(scope.deadlineNanos()).isEqualTo(1_000 + Long.MAX_VALUE / 2);
        timeIs(Long.MAX_VALUE / 4);
        assertThat(scope.expired()).isFalse();
        scope.leave(null);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ns",
        "999, 999 ns",
        "1000, 1 µs",
        "1500, 1.5 µs",
        "200000000, 200 ms",
        "1234567, 1.235 ms",
        "1500000000, 1.5 s",
        "59000000000, 59 s",
        "60000000000, 1m",
        "90000000000, 1m 30s",
        "7500000000000, 2h 5m"
    })
    void a_duration_is_written_as_people_do(long nanos, String text) {
        assertThat(DeadlineScope.describe(Duration.ofNanos(nanos))).isEqualTo(text);
    }

    @Test
    void any_duration_can_be_written() {
        assertThat(DeadlineScope.describe(ChronoUnit.FOREVER.getDuration())).isNotEmpty();
        assertThat(DeadlineScope.describe(Duration.ofSeconds(-5))).contains("-");
    }

    @Test
    void conversions_saturate() {
        assertThat(Deadlines.saturatedNanos(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        assertThat(Deadlines.saturatedNanos(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
        assertThat(Deadlines.saturatedNanos(Duration.ofMillis(3))).isEqualTo(3_000_000);
        assertThat(Deadlines.after(10, -5)).isEqualTo(10);
        assertThat(Deadlines.after(10, 5)).isEqualTo(15);
        assertThat(Deadlines.after(Long.MAX_VALUE, 5)).as("the clock may wrap").isEqualTo(Long.MIN_VALUE + 4);
        assertThat(Deadlines.after(0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE / 2);
    }
}
