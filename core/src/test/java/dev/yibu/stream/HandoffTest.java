package dev.yibu.stream;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for room is let in; the steps of an end, one after the other, and who emits between them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandoffTest {
    private static final CancelReason CLOSED = new CancelReason(Kind.SCOPE_ENDED, "it was closed");

    private final Handoff<Integer> handoff = new Handoff<>(1, "the items");

    /** Emits numbers from 1 on until there is no room, and one more, in a task that waits for room. */
    private static Task<?> overfill(Handoff<Integer> handoff, int capacity) {
        for (int i = 1; i <= capacity; i++) {
            handoff.emit(i);
        }
        Task<?> emitter = createTask("emitter", () -> handoff.emit(capacity + 1));
        Until.waits(emitter);
        return emitter;
    }

    private static List<Object> rest(Handoff<Integer> handoff) {
        List<Object> items = new ArrayList<>();
        for (Object item = handoff.poll(); item != Handoff.NOTHING; item = handoff.poll()) {
            items.add(item);
        }
        return items;
    }

    @Test
    void who_waits_for_room_is_let_in_as_soon_as_there_is_some() {
        run(() -> {
            Handoff<Integer> full = new Handoff<>(4, "the items");
            Task<?> emitter = overfill(full, 4);
            assertThat(full.poll()).isEqualTo(1);
            emitter.await();
            assertThat(rest(full)).containsExactly(2, 3, 4, 5);
        });
    }

    @Test
    void with_a_low_water_mark_who_waits_for_room_is_let_in_when_no_more_than_that_is_left() {
        run(() -> {
            Handoff<Integer> batching = new Handoff<>(4, 2, "the items");
            Task<?> emitter = overfill(batching, 4);
            assertThat(List.of(batching.poll(), batching.poll())).containsExactly(1, 2);
            emitter.await();
            assertThat(rest(batching)).containsExactly(3, 4, 5);
        });
    }

    @Test
    void with_a_low_water_mark_who_waits_for_room_stays_outside_before() {
        run(() -> {
            Handoff<Integer> batching = new Handoff<>(4, 2, "the items");
            Task<?> emitter = overfill(batching, 4);
            assertThat(batching.poll()).isEqualTo(1);
            emitter.cancel("so that it takes its item back, if it still can");
            assertThatThrownBy(emitter::await).isInstanceOf(CancellationException.class);
            assertThat(rest(batching)).containsExactly(2, 3, 4);
        });
    }

    @Test
    void who_comes_when_there_is_room_goes_behind_those_who_wait_for_it() {
        run(() -> {
            Handoff<Integer> batching = new Handoff<>(4, 2, "the items");
            Task<?> first = overfill(batching, 4);
            assertThat(batching.poll()).isEqualTo(1);
            Task<?> second = createTask("second", () -> batching.emit(6));
            Until.waits(second);
            assertThat(batching.poll()).isEqualTo(2);
            first.await();
            second.await();
            assertThat(rest(batching)).containsExactly(3, 4, 5, 6);
        });
    }

    @Test
    void who_waits_for_room_while_it_is_closed_is_not_let_in() {
        run(() -> {
            Task<?> emitter = overfill(handoff, 1);
            handoff.letNobodyIn();
            assertThat(rest(handoff)).containsExactly(1);
            handoff.close(CLOSED);
            assertThatThrownBy(emitter::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("it was closed");
        });
    }

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
