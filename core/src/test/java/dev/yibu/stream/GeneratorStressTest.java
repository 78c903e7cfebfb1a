package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Emitters, a consumer whose steps are cancelled, and early closes, on real threads, in random constellations. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GeneratorStressTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final long NANOS = Long.getLong("yibu.stress.seconds", 3) * 1_000_000_000L;

    private static long seed() {
        long seed = Long.getLong("yibu.stress.seed", System.nanoTime());
        System.out.println("GeneratorStressTest seed " + seed);
        return seed;
    }

    @Test
    void no_item_is_lost_doubled_or_overtaken() {
        Random random = new Random(seed());
        long start = System.nanoTime();
        int cancelled = 0;
        while (System.nanoTime() - start < NANOS || cancelled == 0) { // some are, sooner or later
            int buffer = random.nextInt(1 << random.nextInt(9));
            int emitters = 1 + random.nextInt(4);
            int count = 1 + random.nextInt(2000);
            int patience = random.nextInt(4) == 0 ? 1 + random.nextInt(200_000) : 0;
            cancelled += run(() -> round(random, buffer, emitters, count, patience));
        }
        assertThat(cancelled).as("steps that were cancelled").isPositive();
    }

    private static int round(Random random, int buffer, int emitters, int count, int patience) {
        List<Integer> heard = new ArrayList<>();
        int cancelled = 0;
        try (AsyncIterable<Integer> items = generator(
                Integer.class,
                buffer,
                out -> forEach(IntStream.range(0, emitters).boxed().toList(), emitter -> {
                    for (int i = 0; i < count; i++) {
                        out.emit(emitter * count + i);
                    }
                }))) {
            AtomicBoolean more = new AtomicBoolean(true);
            var iterator = items.iterator();
            while (more.get()) {
                if (patience == 0) {
                    more.set(iterator.hasNext());
                } else if (!moveOnAfter(Duration.ofNanos(patience), () -> more.set(iterator.hasNext()))) {
                    cancelled++;
                    continue;
                }
                if (more.get()) {
                    heard.add(iterator.next());
                    if (random.nextInt(100) == 0) {
                        checkpoint();
                    }
                }
            }
        }
        for (int emitter = 0; emitter < emitters; emitter++) {
            int first = emitter * count;
            int beyond = first + count;
            assertThat(heard.stream().filter(item -> item >= first && item < beyond))
                    .as("emitter %d of %d, buffer %d", emitter, emitters, buffer)
                    .containsExactlyElementsOf(
                            IntStream.range(first, beyond).boxed().toList());
        }
        return cancelled;
    }

    @Test
    void an_early_end_leaves_no_producer_behind() {
        Random random = new Random(seed());
        long start = System.nanoTime();
        while (System.nanoTime() - start < NANOS) {
            AtomicInteger running = new AtomicInteger();
            int buffer = random.nextInt(1 << random.nextInt(9));
            int emitters = 1 + random.nextInt(4);
            int reads = random.nextInt(300);
            boolean closes = random.nextBoolean();
            boolean expires = random.nextInt(4) == 0;
            run(() -> {
                moveOnAfter(expires ? Duration.ofNanos(random.nextInt(500_000)) : LONG, () -> {
                    AsyncIterable<Integer> items = generator(
                            Integer.class,
                            buffer,
                            out -> forEach(IntStream.range(0, emitters).boxed().toList(), emitter -> {
                                running.incrementAndGet();
                                try {
                                    for (; ; ) {
                                        out.emit(emitter);
                                    }
                                } finally {
                                    shield(LONG, () -> {
                                        checkpoint();
                                        running.decrementAndGet();
                                    });
                                }
                            }));
                    int left = reads;
                    for (int item : items) {
                        assertThat(item).isLessThan(emitters);
                        if (left-- == 0) {
                            break;
                        }
                    }
                    if (closes) {
                        items.close();
                        assertThat(running).hasValue(0);
                    }
                });
                assertThat(running).hasValue(0);
                checkpoint();
            });
        }
    }

    @Test
    void a_thread_from_outside_may_emit_and_hears_of_the_close_as_a_cancellation_exception() {
        run(() -> {
            CompletableFuture<Void> outcome = new CompletableFuture<>();
            try (AsyncIterable<Integer> items = generator(Integer.class, 1, out -> {
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        for (int i = 0; ; i++) {
                            out.emit(i);
                        }
                    } catch (Throwable t) {
                        outcome.completeExceptionally(t);
                    }
                });
                sleep(LONG);
            })) {
                Iterator<Integer> iterator = items.iterator();
                assertThat(iterator.next()).isZero();
                assertThat(iterator.next()).isEqualTo(1);
            }
            assertThatThrownBy(() -> Async.await(outcome)).isInstanceOf(CancellationException.class);
            checkpoint();
        });
    }
}
