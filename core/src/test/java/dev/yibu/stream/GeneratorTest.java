package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Cancelled;
import dev.yibu.ContextVar;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a generator yields, how far its producer runs ahead, and how failures and cancellations travel. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GeneratorTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static Producer<Integer, RuntimeException> counting(int n) {
        return out -> {
            for (int i = 0; i < n; i++) {
                out.emit(i);
            }
        };
    }

    // ---------------------------------------------------------------- items

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 128, 5000})
    void all_items_arrive_in_their_order(int buffer) {
        run(() -> {
            List<Integer> items = new ArrayList<>();
            for (int item : generator(Integer.class, buffer, counting(1000))) {
                items.add(item);
            }
            assertThat(items).isEqualTo(upTo(1000));
        });
    }

    @Test
    void a_generator_may_yield_nothing_and_null() {
        run(() -> {
            assertThat(generator(String.class, _ -> {}).toList()).isEmpty();
            assertThat(generator(String.class, out -> out.emit(null)).toList()).containsExactly((String) null);
            assertThat(generator(String.class, 0, out -> {
                                out.emit(null);
                                out.emit("x");
                            })
                            .toList())
                    .containsExactly(null, "x");
        });
    }

    @Test
    void items_of_a_generic_type_need_no_cast() {
        run(() -> {
            AsyncIterable<List<String>> lists = generator(List.class, out -> out.emit(List.of("a")));
            for (List<String> list : lists) {
                assertThat(list.getFirst().length()).isEqualTo(1);
            }
        });
    }

    @Test
    void has_next_may_be_asked_again_and_again() {
        run(() -> {
            Iterator<Integer> items = generator(Integer.class, counting(1)).iterator();
            assertThat(items.hasNext()).isTrue();
            assertThat(items.hasNext()).isTrue();
            assertThat(items.next()).isZero();
            assertThat(items.hasNext()).isFalse();
            assertThat(items.hasNext()).isFalse();
            assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 128})
    void an_item_that_was_emitted_is_not_held_back_while_the_producer_waits(int buffer) {
        run(() -> {
            try (AsyncIterable<Integer> items = generator(Integer.class, buffer, out -> {
                out.emit(1);
                out.emit(2);
                out.emit(3);
                sleep(LONG);
            })) {
                Iterator<Integer> iterator = items.iterator();
                assertThat(List.of(iterator.next(), iterator.next(), iterator.next()))
                        .containsExactly(1, 2, 3);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 128})
    void several_tasks_of_the_producer_may_emit(int buffer) {
        run(() -> {
            List<Integer> items = generator(
                            Integer.class,
                            buffer,
                            out -> forEachConcurrent(upTo(300), 7, item -> {
                                checkpoint();
                                out.emit(item);
                            }))
                    .toList();
            assertThat(items).containsExactlyInAnyOrderElementsOf(upTo(300));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 128})
    void workers_of_a_bounded_map_may_pull_a_generator(int buffer) {
        run(() -> {
            try (AsyncIterable<Integer> items = generator(Integer.class, buffer, counting(300))) {
                assertThat(mapConcurrent(items, 5, item -> {
                            checkpoint();
                            return item;
                        }))
                        .isEqualTo(upTo(300));
            }
        });
    }

    // ---------------------------------------------------------------- how far ahead

    @Test
    void nothing_of_the_producer_runs_before_the_first_item_is_asked_for() {
        run(() -> {
            AtomicBoolean began = new AtomicBoolean();
            try (AsyncIterable<Integer> items = generator(Integer.class, out -> {
                began.set(true);
                out.emit(1);
            })) {
                checkpoint();
                assertThat(began).isFalse();
                assertThat(items.iterator().hasNext()).isTrue();
                assertThat(began).isTrue();
            }
        });
    }

    @Test
    void a_generator_that_nobody_asked_never_begins() {
        AtomicBoolean began = new AtomicBoolean();
        run(() -> {
            AsyncIterable<Integer> unused = generator(Integer.class, _ -> began.set(true));
            generator(Integer.class, _ -> began.set(true)).close();
            assertThat(unused).isNotNull();
        });
        assertThat(began).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 100})
    void the_producer_is_never_further_ahead_than_the_buffer(int buffer) {
        run(() -> {
            AtomicInteger emitted = new AtomicInteger();
            int taken = 0;
            try (AsyncIterable<Integer> items = generator(Integer.class, buffer, out -> {
                for (int i = 0; i < 500; i++) {
                    out.emit(i);
                    emitted.incrementAndGet();
                }
            })) {
                for (int item : items) {
                    taken++;
                    for (int i = item % 3; i > 0; i--) {
                        checkpoint();
                    }
                    assertThat(emitted.get()).isLessThanOrEqualTo(taken + buffer);
                }
            }
            assertThat(taken).isEqualTo(500);
        });
    }

    @Test
    void a_producer_that_has_filled_the_usual_buffer_goes_on_when_half_of_it_is_free() {
        run(() -> {
            AtomicReference<Task<?>> producer = new AtomicReference<>();
            AtomicInteger emitted = new AtomicInteger();
            try (AsyncIterable<Integer> items = generator(Integer.class, out -> {
                producer.set(currentTask());
                for (; ; ) {
                    out.emit(emitted.get());
                    emitted.incrementAndGet();
                }
            })) {
                Iterator<Integer> iterator = items.iterator();
                assertThat(iterator.next()).isZero();
                Until.waits(producer.get());
                int atFirst = emitted.get();
                assertThat(atFirst).isBetween(128, 129);
                for (int taken = 1; taken < 63; taken++) {
                    assertThat(iterator.next()).isEqualTo(taken);
                }
                assertThat(emitted.get()).as("with half of it not free yet").isEqualTo(atFirst);
                assertThat(List.of(iterator.next(), iterator.next())).containsExactly(63, 64);
                Until.holds(() -> emitted.get() >= atFirst + 64);
            }
        });
    }

    // ---------------------------------------------------------------- failure

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 128})
    void a_failure_of_the_producer_comes_after_its_items_as_it_was_thrown(int buffer) {
        IOException failure = new IOException("it broke");
        List<Integer> items = new ArrayList<>();
        Throwable caught = null;
        try {
            run(() -> {
                for (int item : generator(Integer.class, buffer, out -> {
                    out.emit(1);
                    out.emit(2);
                    throw failure;
                })) {
                    items.add(item);
                    checkpoint();
                }
            });
        } catch (IOException e) { // the signature carries it
            caught = e;
        }
        assertThat(caught).isSameAs(failure);
        assertThat(items).containsExactly(1, 2);
    }

    @Test
    void when_the_failure_is_thrown_everything_behind_it_has_ended() {
        IllegalStateException failure = new IllegalStateException("it broke");
        run(() -> {
            AtomicBoolean cleanedUp = new AtomicBoolean();
            AsyncIterable<Integer> items = generator(Integer.class, out -> {
                        try {
                            for (int i = 0; ; i++) {
                                out.emit(i);
                            }
                        } finally {
                            shield(LONG, () -> checkpoint());
                            cleanedUp.set(true);
                        }
                    })
                    .map(_ -> {
                        throw failure;
                    });
            assertThatThrownBy(() -> items.iterator().next()).isSameAs(failure);
            assertThat(cleanedUp).isTrue();
        });
    }

    @Test
    void after_a_failure_the_iteration_is_over() {
        IllegalStateException failure = new IllegalStateException("it broke");
        run(() -> {
            Iterator<Integer> items = AsyncIterable.<Integer, RuntimeException>generator(Integer.class, 1, _ -> {
                        throw failure;
                    })
                    .iterator();
            assertThatThrownBy(items::hasNext).isSameAs(failure);
            assertThat(items.hasNext()).isFalse();
            checkpoint();
        });
    }

    @Test
    void what_the_producer_throws_in_its_clean_up_is_thrown_by_close() {
        IOException failure = new IOException("the clean-up broke");
        run(() -> {
            AsyncIterable<Integer> items = emitsThenFails(failure);
            assertThat(items.iterator().next()).isEqualTo(1);
            assertThatThrownBy(items::close).isSameAs(failure);
            items.close();
        });
    }

    @Test
    void what_an_abandoned_producer_throws_in_its_clean_up_is_thrown_by_the_end_of_the_scope() {
        IOException failure = new IOException("the clean-up broke");
        run(() -> {
            assertThatThrownBy(() -> timeout(LONG, () -> {
                        assertThat(emitsThenFails(failure).iterator().next()).isEqualTo(1);
                    }))
                    .isSameAs(failure);
            checkpoint();
        });
    }

    @Test
    void a_failure_in_the_clean_up_is_not_lost_when_the_scope_expires() {
        IOException failure = new IOException("the clean-up broke");
        run(() -> {
            assertThatThrownBy(() -> timeout(LONG, () -> {
                        assertThat(emitsThenFails(failure).iterator().next()).isEqualTo(1);
                        deadline().reschedule(Duration.ZERO);
                        sleep(LONG);
                    }))
                    .isSameAs(failure)
                    .satisfies(
                            thrown -> assertThat(thrown.getSuppressed()).hasOnlyElementsOfType(TimeoutException.class));
            checkpoint();
        });
    }

    private static AsyncIterable<Integer> emitsThenFails(IOException failure) {
        return sneaky(() -> generator(Integer.class, out -> {
            out.emit(1);
            try {
                sleep(LONG);
            } finally {
                throwAny(failure);
            }
        }));
    }

    private interface Made {
        AsyncIterable<Integer> make() throws Exception;
    }

    private static AsyncIterable<Integer> sneaky(Made made) {
        try {
            return made.make();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwAny(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @Test
    void a_producer_that_is_cancelled_on_its_own_is_a_cancellation_exception_at_next() {
        run(() -> {
            Iterator<Integer> items = generator(Integer.class, out -> {
                        out.emit(1);
                        currentTask().cancel("on its own");
                        checkpoint();
                    })
                    .iterator();
            assertThat(items.next()).isEqualTo(1);
            assertThatThrownBy(items::next)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("on its own");
            checkpoint();
        });
    }

    // ---------------------------------------------------------------- cancellation of the consumer

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 128})
    void a_step_that_is_cancelled_loses_no_item(int buffer) {
        run(() -> {
            List<Integer> items = new ArrayList<>();
            try (AsyncIterable<Integer> slow = generator(Integer.class, buffer, out -> {
                for (int i = 0; i < 200; i++) {
                    for (int j = i % 4; j > 0; j--) {
                        checkpoint();
                    }
                    out.emit(i);
                }
            })) {
                Iterator<Integer> iterator = slow.iterator();
                while (Steps.hasNext(iterator)) {
                    items.add(iterator.next());
                }
            }
            assertThat(items).isEqualTo(upTo(200));
        });
    }

    @Test
    void a_cancelled_consumer_ends_its_producer() {
        AtomicBoolean cleanedUp = new AtomicBoolean();
        run(() -> {
            TaskGroup.run(group -> {
                Task<?> consumer = group.start(() -> {
                    for (int item : generator(Integer.class, out -> {
                        try {
                            out.emit(1);
                            sleep(LONG);
                        } finally {
                            cleanedUp.set(true);
                        }
                    })) {
                        assertThat(item).isEqualTo(1);
                        currentTask().cancel("enough");
                    }
                });
                assertThatThrownBy(consumer::await).isInstanceOf(CancellationException.class);
                assertThat(cleanedUp).isTrue();
            });
        });
    }

    @Test
    void a_deadline_at_next_throws_there_and_ends_the_producer() {
        AtomicBoolean cleanedUp = new AtomicBoolean();
        run(() -> {
            Throwable thrown = catchThrowable(() -> timeout(LONG, () -> {
                Iterator<Integer> items = generator(Integer.class, out -> {
                            out.emit(1);
                            try {
                                out.emit(2);
                                sleep(LONG);
                            } finally {
                                cleanedUp.set(true);
                            }
                        })
                        .iterator();
                assertThat(List.of(items.next(), items.next())).containsExactly(1, 2);
                deadline().reschedule(Duration.ZERO);
                items.next();
            }));
            assertThat(thrown).isInstanceOf(TimeoutException.class);
            assertThat(cleanedUp).isTrue();
        });
    }

    // ---------------------------------------------------------------- emit

    @Test
    void emit_is_a_checkpoint_although_there_is_room() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        run(() -> {
            try (AsyncIterable<Integer> items = generator(Integer.class, 1000, out -> {
                out.emit(1);
                try {
                    sleep(LONG);
                } catch (Cancelled swallowed) {
                    met.set(catchThrowable(() -> out.emit(2)));
                    throw swallowed;
                }
            })) {
                items.iterator().next();
            }
        });
        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void emit_after_close_throws_cancelled_though_it_is_shielded_or_not_a_task_of_the_producer() {
        AtomicReference<Throwable> shielded = new AtomicReference<>();
        run(() -> {
            AtomicReference<Emitter<Integer>> escaped = new AtomicReference<>();
            try (AsyncIterable<Integer> items = generator(Integer.class, 1, out -> {
                escaped.set(out);
                try {
                    out.emit(1);
                    sleep(LONG);
                } finally {
                    shield(LONG, () -> shielded.set(catchThrowable(() -> out.emit(2))));
                }
            })) {
                items.iterator().next();
            }
            assertThat(shielded.get()).isInstanceOf(Cancelled.class);
            Task<?> outsider = createTask(() -> escaped.get().emit(3));
            assertThatThrownBy(outsider::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("closed");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void an_emit_that_is_cancelled_while_it_waits_for_room_has_not_happened(int buffer) {
        run(() -> {
            List<Integer> emitted = new ArrayList<>();
            AtomicInteger refused = new AtomicInteger();
            try (AsyncIterable<Integer> items = generator(Integer.class, buffer, out -> {
                for (int i = 0; i < 50; i++) {
                    int item = i;
                    TaskGroup.run(group -> {
                        Task<?> emitter = group.start("emitter", () -> out.emit(item));
                        if (refused.get() < 2) {
                            while (!emitter.isDone() && !Until.isWaiting("emitter")) {
                                checkpoint();
                            }
                            emitter.cancel();
                        }
                        try {
                            emitter.await();
                            emitted.add(item);
                        } catch (CancellationException noRoom) {
                            refused.incrementAndGet();
                        }
                    });
                }
            })) {
                List<Integer> heard = new ArrayList<>();
                for (int item : items) {
                    heard.add(item);
                    Until.holds(() -> refused.get() == 2);
                }
                assertThat(heard).isEqualTo(emitted).hasSize(48);
            }
        });
    }

    @Test
    void an_outsider_that_waits_in_emit_is_released_by_close() {
        run(() -> {
            AtomicReference<Task<?>> outsider = new AtomicReference<>();
            AtomicInteger emits = new AtomicInteger();
            try (AsyncIterable<Integer> items = generator(Integer.class, 1, out -> {
                outsider.set(createTask("outsider", () -> {
                    for (; ; ) {
                        emits.incrementAndGet();
                        out.emit(1);
                    }
                }));
                sleep(LONG);
            })) {
                items.iterator().next();
                // one was taken, one is in the buffer
                Until.holds(() -> emits.get() == 3 && outsider.get() != null);
                Until.waits(outsider.get());
            }
            assertThatThrownBy(outsider.get()::await).isInstanceOf(CancellationException.class);
        });
    }

    @Test
    void emit_after_the_producer_has_ended_is_an_illegal_state() {
        run(() -> {
            AtomicReference<Emitter<Integer>> escaped = new AtomicReference<>();
            try (AsyncIterable<Integer> items = generator(Integer.class, 1, escaped::set)) {
                assertThat(items.iterator().hasNext()).isFalse();
                assertThatThrownBy(() -> escaped.get().emit(1)).isInstanceOf(Cancelled.class);
            }
            AsyncIterable<Integer> items = generator(Integer.class, Integer.MAX_VALUE, out -> {
                escaped.set(out);
                out.emit(1);
            });
            Iterator<Integer> iterator = items.iterator();
            iterator.next();
            createTask(() -> {
                        // the owner has not seen the end, so nothing is closed yet
                        assertThatThrownBy(() -> {
                                    for (; ; ) { // the producer is about to end
                                        escaped.get().emit(2);
                                        sleep(Duration.ofMillis(1));
                                    }
                                })
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("has ended");
                    })
                    .await();
        });
    }

    // ---------------------------------------------------------------- context, errors

    private static final ContextVar<String> WHO = ContextVar.withDefault("who", "nobody");

    @Test
    void the_producer_inherits_the_context_of_where_it_was_made() {
        run(() -> {
            AsyncIterable<String> names = WHO.where("made", () -> generator(String.class, out -> out.emit(WHO.get())));
            assertThat(WHO.where("asked", names::toList)).containsExactly("made");
        });
    }

    @Test
    void outside_any_scope_a_generator_is_an_illegal_state() {
        assertThatThrownBy(() -> generator(Integer.class, counting(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
    }

    @Test
    void a_second_iterator_is_an_illegal_state() {
        run(() -> {
            AsyncIterable<Integer> items = generator(Integer.class, counting(2));
            assertThat(items.toList()).containsExactly(0, 1);
            assertThatThrownBy(items::iterator)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("only once");
        });
    }

    @Test
    void a_generator_that_left_its_scope_is_an_illegal_state_and_does_not_hang() {
        run(() -> {
            AsyncIterable<Integer> escaped = timeout(LONG, () -> generator(Integer.class, counting(2)));
            assertThatThrownBy(() -> escaped.iterator().hasNext())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("scope");
            escaped.close();
        });
    }

    @Test
    void bad_arguments_are_named() {
        run(() -> {
            assertThatThrownBy(() -> generator(Integer.class, -1, counting(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-1");
            assertThatThrownBy(() -> generator(null, counting(1)))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("type");
            assertThatThrownBy(() -> generator(Integer.class, null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("producer");
        });
    }

    @Test
    void only_the_task_that_made_it_may_close_it() {
        run(() -> {
            AsyncIterable<Integer> items = generator(Integer.class, counting(2));
            gather(() -> assertThatThrownBy(items::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("only the task that made"));
            items.close();
        });
    }
}
