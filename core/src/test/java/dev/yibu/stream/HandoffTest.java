package dev.yibu.stream;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Task;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The steps of an end, one after the other, and who emits between them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandoffTest {
    private static final CancelReason CLOSED = new CancelReason(Kind.SCOPE_ENDED, "it was closed");

    private final Handoff<Integer> handoff = new Handoff<>(1, "the items");

    /** Regression: the cancelled producer ended in between, and an outsider heard of that instead of the close. */
    @Test
    void who_emits_while_it_is_closed_hears_of_the_close_although_the_producer_has_ended() {
        run(() -> {
            handoff.letNobodyIn();
            handoff.end();
            Task<?> emitter = createTask("emitter", () -> handoff.emit(1));
            Until.waits(emitter);
            assertThat(handoff.put(2)).isFalse();
            handoff.close(CLOSED);
            assertThatThrownBy(emitter::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("it was closed");
            assertThat(handoff.poll()).isSameAs(Source.END);
        });
    }

    @Test
    void an_item_that_would_come_while_it_is_closed_is_taken_back_by_a_cancelled_emitter() {
        run(() -> {
            handoff.letNobodyIn();
            Task<?> emitter = createTask("emitter", () -> handoff.emit(1));
            Until.waits(emitter);
            emitter.cancel("enough");
            assertThatThrownBy(emitter::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
            assertThat(handoff.poll()).isSameAs(Handoff.NOTHING);
        });
    }
}
