package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingTest {
    private static final int ITEMS = 100_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 40, 100})
    void what_one_thread_does_is_what_a_bounded_queue_would_do(int capacity) {
        Ring<Integer> ring = new Ring<>(capacity);
        ArrayDeque<Integer> expected = new ArrayDeque<>();
        Random random = new Random(capacity);
        long put = 0;
        for (int i = 0; i < 20_000; i++) {
            // Times in which more is put than taken, and the other way round.
            if (random.nextInt(10) < (i / 500 % 2 == 0 ? 6 : 4)) {
                boolean room = expected.size() < capacity;
                assertThat(ring.add(i)).isEqualTo(room);
                if (room) {
                    expected.add(i);
                    put++;
                }
            } else {
                assertThat(ring.take()).isEqualTo(expected.poll());
            }
            assertThat(ring.size()).isEqualTo(expected.size());
        }
        assertThat(ring.putCount()).isEqualTo(put);
    }

    @Test
    void to_put_does_not_make_it_larger() {
        Ring<Integer> ring = new Ring<>(1000);
        int put = 0;
        while (ring.put(put)) {
            put++;
        }
        assertThat(put).isLessThan(1000);
        assertThat(ring.add(put)).isTrue();
        for (int i = 0; i <= put; i++) {
            assertThat(ring.take()).isEqualTo(i);
        }
        assertThat(ring.take()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 64})
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void one_thread_takes_in_order_what_another_one_puts_meanwhile(int capacity) throws InterruptedException {
        Ring<Integer> ring = new Ring<>(capacity);
        Thread giver = Thread.startVirtualThread(() -> {
            for (int i = 0; i < ITEMS; i++) {
                while (!ring.put(i)) {
                    Thread.yield();
                }
            }
        });
        for (int i = 0; i < ITEMS; i++) {
            Integer item = ring.take();
            while (item == null) {
                Thread.yield();
                item = ring.take();
            }
            assertThat(item.intValue()).isEqualTo(i);
        }
        giver.join();
        assertThat(ring.take()).isNull();
    }

    @Test
    void a_ring_that_holds_nothing_is_refused() {
        assertThatThrownBy(() -> new Ring<>(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the ring's capacity is 0");
    }
}
