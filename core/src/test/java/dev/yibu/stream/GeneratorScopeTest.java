package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Action;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the producer of a generator that is left early ends: with its block, or at the latest with the scope. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GeneratorScopeTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicReference<Task<?>> producer = new AtomicReference<>();
    private final AtomicInteger cleanUps = new AtomicInteger();

    /** An endless generator; its clean-up takes several steps. */
    private AsyncIterable<Integer> endless(int buffer) {
        return generator(Integer.class, buffer, out -> {
            producer.set(currentTask());
            try {
                for (int i = 0; ; i++) {
                    out.emit(i);
                }
            } finally {
                shield(LONG, () -> {
                    checkpoint();
                    checkpoint();
                    cleanUps.incrementAndGet();
                });
            }
        });
    }

    private void breakOutOfTheLoop() {
        for (int item : endless(5)) {
            if (item == 3) {
                break;
            }
        }
        assertThat(producer.get().isDone()).as("a plain for does not close").isFalse();
    }

    private void assertEnded() {
        assertThat(producer.get().isCancelled()).isTrue();
        assertThat(cleanUps).hasValue(1);
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_timeout() {
        run(() -> {
            timeout(LONG, this::breakOutOfTheLoop);
            assertEnded();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_shield() {
        run(() -> {
            shield(LONG, this::breakOutOfTheLoop);
            assertEnded();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_task_group() {
        run(() -> {
            TaskGroup.run(_ -> breakOutOfTheLoop());
            assertEnded();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_task() {
        run(() -> {
            createTask(this::breakOutOfTheLoop).await();
            assertEnded();
        });
    }

    @Test
    void what_a_break_leaves_over_ends_with_the_enclosing_run() {
        run(this::breakOutOfTheLoop);
        assertEnded();
    }

    @Test
    void the_end_of_try_with_resources_stops_the_producer_and_waits_for_its_finally() {
        run(() -> {
            for (int buffer : new int[] {0, 1, 2, 128}) {
                int before = cleanUps.get();
                try (AsyncIterable<Integer> items = endless(buffer)) {
                    for (int item : items) {
                        if (item == buffer + 1) {
                            break;
                        }
                    }
                    assertThat(producer.get().isDone()).isFalse();
                }
                assertThat(producer.get().isCancelled()).isTrue();
                assertThat(cleanUps).hasValue(before + 1);
                checkpoint();
            }
        });
    }

    @Test
    void close_waits_for_a_producer_that_ignores_it() {
        run(() -> {
            AtomicInteger steps = new AtomicInteger();
            try (AsyncIterable<Integer> items = generator(Integer.class, out -> {
                out.emit(1);
                shield(LONG, () -> {
                    for (int i = 0; i < 100; i++) {
                        checkpoint();
                        steps.incrementAndGet();
                    }
                });
            })) {
                items.iterator().next();
            }
            assertThat(steps.get()).isIn(0, 100);
        });
    }

    @Test
    void exhaustion_waits_for_the_end_of_the_producer() {
        run(() -> {
            Iterator<Integer> items = generator(Integer.class, out -> {
                        try {
                            out.emit(1);
                        } finally {
                            checkpoint();
                            cleanUps.incrementAndGet();
                        }
                    })
                    .iterator();
            items.next();
            assertThat(items.hasNext()).isFalse();
            assertThat(cleanUps).hasValue(1);
        });
    }

    @Test
    void an_exception_of_the_consumer_passes_and_the_producer_ends() {
        IllegalStateException failure = new IllegalStateException("the loop broke");
        run(() -> {
            assertThatThrownBy(() -> endless(3).each(_ -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertEnded();
        });
    }

    @Test
    void close_is_idempotent_ends_the_iteration_and_discards_what_nobody_has_read() {
        run(() -> {
            AsyncIterable<Integer> items = endless(100);
            Iterator<Integer> iterator = items.iterator();
            iterator.next();
            items.close();
            items.close();
            assertThat(iterator.hasNext()).isFalse();
            assertThatThrownBy(iterator::next).isInstanceOf(java.util.NoSuchElementException.class);
            assertEnded();
        });
    }

    @Test
    void generators_may_nest_and_end_from_the_outside_in() {
        run(() -> {
            AsyncIterable<Integer> inner = endless(2);
            try (inner;
                    AsyncIterable<Integer> outer = generator(Integer.class, 0, out -> {
                        for (int item : inner) {
                            out.emit(-item);
                        }
                    })) {
                Iterator<Integer> items = outer.iterator();
                assertThat(items.next()).isZero();
                assertThat(items.next()).isEqualTo(-1);
            }
            assertEnded();
        });
    }

    @Test
    void a_generator_inside_a_generator_ends_with_it() {
        run(() -> {
            try (AsyncIterable<Integer> outer = generator(Integer.class, out -> {
                for (int item : endless(4)) {
                    out.emit(item);
                }
            })) {
                for (int item : outer) {
                    if (item == 2) {
                        break;
                    }
                }
            }
            assertEnded();
        });
    }

    /** One item, and a close that waits until it is cancelled. */
    private record SlowToClose() implements Iterable<String>, AutoCloseable {
        @Override
        public Iterator<String> iterator() {
            return List.of("item").iterator();
        }

        @Override
        public void close() {
            sleep(LONG);
        }
    }

    @Test
    void a_cancellation_that_a_close_has_met_but_an_exception_hides_reaches_what_follows() throws InterruptedException {
        List<Action<IOException>> blocks = List.of(
                () -> timeout(LONG, () -> {
                    AsyncIterable.from(new SlowToClose()).iterator().next();
                    throw new IOException("of the block"); // and the block closes
                }),
                () -> {
                    Iterator<String> items = AsyncIterable.from(new SlowToClose())
                            .<String, RuntimeException>map(_ -> {
                                throw Throwing.<RuntimeException>any(new IOException("of a step"));
                            })
                            .iterator();
                    items.next(); // closes
                });
        for (Action<IOException> block : blocks) {
            run(() -> {
                Task<?> task = createTask("closer", () -> {
                    try {
                        block.run();
                    } catch (IOException e) {
                        assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(Cancelled.class);
                        new Semaphore(0).acquire(); // foreign code, which only an interrupt ends
                    }
                });
                Until.waits(task);
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });
        }
    }

    @Test
    void many_abandoned_generators_all_end_with_the_scope() {
        run(() -> {
            timeout(LONG, () -> {
                for (int i = 0; i < 20; i++) {
                    for (int item : endless(i)) {
                        assertThat(item).isZero();
                        break;
                    }
                }
                assertThat(cleanUps).hasValue(0);
            });
            assertThat(cleanUps).hasValue(20);
        });
    }
}
