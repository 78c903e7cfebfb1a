package dev.yibu.stream;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.Explore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who emits, who takes and who is cancelled meet between any two accesses. */
@Explore(
        seeds = 10_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel", "dev.yibu.stream"})
class ExploredHandoffTest {
    private final List<Object> taken = new ArrayList<>();
    private final List<Object> emitted = new ArrayList<>();

    private static Object take(Handoff<Integer> handoff) {
        return Objects.requireNonNull(handoff.take(self()));
    }

    private static Strand self() {
        return Objects.requireNonNull(Strand.current());
    }

    private void takeAll(Handoff<Integer> handoff) {
        for (Object item = take(handoff); item != Source.END; item = take(handoff)) {
            taken.add(item);
        }
    }

    private void emit(Handoff<Integer> handoff, int item) {
        handoff.emit(item);
        emitted.add(item);
    }

    @Test
    void an_emitter_that_is_cancelled_while_it_is_let_in_has_emitted_if_its_item_comes_and_only_then() {
        Handoff<Integer> handoff = new Handoff<>(1, "the items");
        List<Strand> waiting = new ArrayList<>();
        run(() -> TaskGroup.run(group -> {
            emit(handoff, 1);
            Task<?> doomed = group.start("doomed", () -> {
                waiting.add(self());
                emit(handoff, 2);
            });
            while (waiting.isEmpty() || waiting.getFirst().waitingFor() == null) {
                checkpoint();
            }
            group.start("taker", () -> taken.add(handoff.poll()));
            doomed.cancel("enough");
        }));
        Object more = handoff.poll();
        if (more != Handoff.NOTHING) {
            taken.add(more);
        }
        assertThat(taken).isEqualTo(emitted);
    }

    @Test
    void a_taker_that_is_cancelled_while_an_item_comes_leaves_it_there() {
        Handoff<Integer> handoff = new Handoff<>(1, "the items");
        run(() -> TaskGroup.run(group -> {
            Task<?> doomed = group.start("doomed", () -> taken.add(take(handoff)));
            group.start("canceller", () -> doomed.cancel("enough"));
            emit(handoff, 1);
            while (!doomed.isDone()) {
                checkpoint();
            }
            if (taken.isEmpty()) {
                taken.add(take(handoff));
            }
        }));
        assertThat(taken).isEqualTo(emitted);
    }

    @Test
    void an_item_that_comes_while_the_taker_begins_to_wait_wakes_it() {
        Handoff<Integer> handoff = new Handoff<>(1, "the items");
        run(() -> gather(() -> taken.add(take(handoff)), () -> emit(handoff, 1)));
        assertThat(taken).containsExactly(1);
    }

    @Test
    void emitters_that_wait_for_the_low_water_mark_are_all_let_in() {
        Handoff<Integer> handoff = new Handoff<>(2, 0, "the items");
        run(() -> TaskGroup.run(group -> {
            Task<?> one = group.start("one", () -> {
                emit(handoff, 1);
                emit(handoff, 2);
                emit(handoff, 3);
            });
            Task<?> other = group.start("other", () -> emit(handoff, 11));
            group.start("taker", () -> takeAll(handoff));
            one.await();
            other.await();
            handoff.end();
        }));
        assertThat(taken).containsExactlyInAnyOrder(1, 2, 3, 11).containsSubsequence(1, 2, 3);
    }
}
