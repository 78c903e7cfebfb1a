package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.stream.Emitter;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Generators: what was emitted is taken in order, and the producer has ended when they are closed. */
class ExploredGeneratorTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final List<Object> events = new ArrayList<>();
        private final List<Integer> taken = new ArrayList<>();
        private boolean producing;

        /** Emits numbers from 1 on, with something that has to be closed. */
        private AsyncIterable<Integer> numbers(int buffer, int count) {
            return generator(Integer.class, buffer, out -> {
                producing = true;
                try (Tracked _ = Tracked.open("what the producer holds")) {
                    for (int i = 1; i <= count; i++) {
                        out.emit(i);
                    }
                } finally {
                    compute();
                    producing = false;
                }
            });
        }

        private void allComeInOrder(int buffer) {
            for (int item : numbers(buffer, 5)) {
                taken.add(item);
            }
            assertThat(taken).containsExactly(1, 2, 3, 4, 5);
            assertThat(producing).isFalse();
        }

        @Test
        void all_items_come_in_order_without_a_buffer() {
            allComeInOrder(0);
        }

        @Test
        void all_items_come_in_order_with_room_for_one() {
            allComeInOrder(1);
        }

        @Test
        void all_items_come_in_order_with_room_for_some() {
            allComeInOrder(3);
        }

        @Test
        void without_a_buffer_the_producer_goes_on_when_it_is_asked_for_more() {
            AsyncIterable<Integer> inStep = generator(Integer.class, 0, out -> {
                for (int i = 1; i <= 3; i++) {
                    events.add("emits " + i);
                    out.emit(i);
                }
            });
            for (int item : inStep) {
                compute();
                events.add("got " + item);
            }
            assertThat(events).containsExactly("emits 1", "got 1", "emits 2", "got 2", "emits 3", "got 3");
        }

        private void endsWhenItIsClosed(int buffer) {
            try (AsyncIterable<Integer> numbers = numbers(buffer, 100)) {
                for (int item : numbers) {
                    taken.add(item);
                    if (item == 2) {
                        break;
                    }
                }
            }
            assertThat(producing).isFalse();
            assertThat(taken).containsExactly(1, 2);
        }

        @Test
        void the_producer_has_ended_when_it_is_closed_early_without_a_buffer() {
            endsWhenItIsClosed(0);
        }

        @Test
        void the_producer_has_ended_when_it_is_closed_early_with_a_buffer() {
            endsWhenItIsClosed(2);
        }

        @Test
        void what_a_plain_loop_abandons_ends_with_the_scope() {
            TaskGroup.run(group -> {
                for (int item : numbers(1, 100)) {
                    taken.add(item);
                    break;
                }
            });
            assertThat(producing).isFalse();
        }

        @Test
        void a_failure_comes_after_the_items_before_it() throws IOException {
            AsyncIterable<Integer> failing = generator(Integer.class, 4, out -> {
                out.emit(1);
                out.emit(2);
                throw new IOException("the source is broken");
            });
            assertThatThrownBy(() -> failing.each(taken::add)).isExactlyInstanceOf(IOException.class);
            assertThat(taken).containsExactly(1, 2);
        }

        private void aCancelledStepLosesNothing(int buffer) {
            try (AsyncIterable<Integer> numbers = generator(Integer.class, buffer, out -> {
                for (int i = 1; i <= 4; i++) {
                    sleep(ofSeconds(1));
                    out.emit(i);
                }
            })) {
                Iterator<Integer> iterator = numbers.iterator();
                boolean[] more = {true};
                while (more[0]) {
                    boolean _ = moveOnAfter(ofSeconds(1), () -> {
                        more[0] = iterator.hasNext();
                        if (more[0]) {
                            taken.add(iterator.next());
                        }
                    });
                }
            }
            assertThat(taken).containsExactly(1, 2, 3, 4);
        }

        @Test
        void a_step_that_times_out_while_its_item_comes_loses_nothing_without_a_buffer() {
            aCancelledStepLosesNothing(0);
        }

        @Test
        void a_step_that_times_out_while_its_item_comes_loses_nothing_with_a_buffer() {
            aCancelledStepLosesNothing(2);
        }

        @Test
        void an_item_was_emitted_if_emit_has_returned_and_only_then() {
            List<Integer> emitted = new ArrayList<>();
            AsyncIterable<Integer> fromSeveral = generator(
                    Integer.class,
                    1,
                    out -> TaskGroup.run(group -> {
                        Task<?> doomed = group.start("doomed", () -> emit(out, emitted, 11, 12));
                        group.start("first", () -> emit(out, emitted, 1, 2));
                        group.start("canceller", () -> doomed.cancel("enough"));
                    }));
            fromSeveral.each(taken::add);
            assertThat(taken).containsExactlyInAnyOrderElementsOf(emitted);
            assertThat(taken.stream().filter(item -> item < 10)).containsExactly(1, 2);
        }

        private static void emit(Emitter<Integer> out, List<Integer> emitted, int... items) {
            for (int item : items) {
                out.emit(item);
                emitted.add(item);
            }
        }

        @Test
        void an_emitter_elsewhere_is_told_when_it_is_closed() {
            TaskGroup.run(group -> {
                List<Emitter<Integer>> emitters = new ArrayList<>();
                Task<?> outsider = group.start("outsider", () -> {
                    while (emitters.isEmpty()) {
                        checkpoint();
                    }
                    for (int i = 0; ; i++) {
                        try {
                            emitters.getFirst().emit(i);
                        } catch (Cancelled | IllegalStateException closed) {
                            return;
                        }
                    }
                });
                try (AsyncIterable<Integer> numbers = generator(Integer.class, 1, out -> {
                    emitters.add(out);
                    sleep(ofSeconds(1));
                })) {
                    for (int item : numbers) {
                        taken.add(item);
                        if (item == 1) {
                            break;
                        }
                    }
                }
                outsider.await();
            });
            assertThat(taken).containsExactly(0, 1);
        }
    }
}
