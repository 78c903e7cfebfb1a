package dev.yibu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static String told(Outcome<Integer> outcome) {
        return switch (outcome) {
            case Outcome.Success<Integer>(Integer value) -> "value " + value;
            case Outcome.Failure<Integer>(Throwable exception) -> "failure " + exception.getMessage();
            case Outcome.Cancellation<Integer>(CancelReason reason) -> "cancelled: " + reason;
        };
    }

    @Test
    void it_is_made_for_switch() {
        List<Outcome<Integer>> outcomes = List.of(
                new Outcome.Success<>(7),
                new Outcome.Failure<>(new IOException("it broke")),
                new Outcome.Cancellation<>(new CancelReason(Kind.REQUESTED, "enough")));

        assertThat(outcomes.stream().map(OutcomeTest::told))
                .containsExactly("value 7", "failure it broke", "cancelled: enough");
    }

    @Test
    void get_or_throw_returns_the_value_or_throws_the_very_failure_or_a_cancellation_exception() {
        IOException failure = new IOException("it broke");
        IllegalStateException cause = new IllegalStateException("why");

        assertThat(new Outcome.Success<>(7).getOrThrow()).isEqualTo(7);
        assertThat(new Outcome.Success<>(null).getOrThrow()).isNull();
        assertThatThrownBy(() -> new Outcome.Failure<>(failure).getOrThrow()).isSameAs(failure);
        assertThatThrownBy(
                        () -> new Outcome.Cancellation<>(new CancelReason(Kind.FAILURE, "enough", cause)).getOrThrow())
                .isInstanceOf(CancellationException.class)
                .hasMessage("enough")
                .hasCause(cause);
    }

    @Test
    void only_a_success_is_one() {
        assertThat(new Outcome.Success<>(7).isSuccess()).isTrue();
        assertThat(new Outcome.Failure<>(new IOException()).isSuccess()).isFalse();
        assertThat(new Outcome.Cancellation<>(new CancelReason(Kind.DEADLINE, "late")).isSuccess())
                .isFalse();
    }

    @Test
    void a_failure_has_an_exception_and_a_cancellation_a_reason() {
        assertThatThrownBy(() -> new Outcome.Failure<>(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("exception");
        assertThatThrownBy(() -> new Outcome.Cancellation<>(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("reason");
        assertThatThrownBy(() -> new CancelReason(null, "no kind")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new CancelReason(Kind.REQUESTED, null)).isInstanceOf(NullPointerException.class);
    }
}
