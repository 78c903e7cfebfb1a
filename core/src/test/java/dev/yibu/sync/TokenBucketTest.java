package dev.yibu.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    @Test
    void it_is_full_at_first_and_refills_evenly() {
        TokenBucket bucket = new TokenBucket(10, 1_000, 3);
        long start = Long.MAX_VALUE - 150; // the clock may overflow

        assertThat(bucket.available(start)).isEqualTo(3);
        assertThat(bucket.take(3, start)).isTrue();
        assertThat(bucket.available(start)).isZero();
        assertThat(bucket.take(1, start)).isFalse();
        assertThat(bucket.dueNanos(1) - start).isEqualTo(100);
        assertThat(bucket.take(1, start + 99)).isFalse();
        assertThat(bucket.available(start + 200)).isEqualTo(2);
        assertThat(bucket.take(1, start + 100)).isTrue();
        assertThat(bucket.available(start + 1_000_000)).isEqualTo(3);
    }

    @Test
    void taking_too_much_takes_nothing() {
        TokenBucket bucket = new TokenBucket(1, 100, 4);
        assertThat(bucket.take(3, 0)).isTrue();
        assertThat(bucket.take(2, 50)).isFalse();
        assertThat(bucket.take(1, 50)).isTrue();
        assertThat(bucket.dueNanos(2)).isEqualTo(200);
        assertThat(bucket.dueNanos(4)).isEqualTo(400);
    }

    @Test
    void an_uneven_rate_is_exact_in_the_long_run() {
        TokenBucket bucket = new TokenBucket(7, 1_000_000_000, 1);
        assertThat(bucket.take(1, 0)).isTrue();
        long now = 0;
        for (int i = 0; i < 7_000; i++) {
            assertThat(bucket.take(1, now)).isFalse();
            now = bucket.dueNanos(1);
            assertThat(bucket.take(1, now - 1)).isFalse();
            assertThat(bucket.take(1, now)).isTrue();
        }
        // A permit is taken at the nanosecond after it is due, and none of these fractions adds up.
        assertThat(now).isBetween(1_000_000_000_000L, 1_000_000_000_000L + 7_000);
    }

    /** The same by exact fractions: how many are there is the rate times the time, up to the burst. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void it_agrees_with_exact_arithmetic(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int permits = 1 + random.nextInt(round % 2 == 0 ? 20 : 2_000_000_000);
            long period = 1 + random.nextLong(round % 3 == 0 ? 100 : 1L << 40);
            int burst = 1 + random.nextInt(50);
            TokenBucket bucket = new TokenBucket(permits, period, burst);
            // The level in units of a permit's period'th part.
            BigInteger unit = BigInteger.valueOf(period);
            BigInteger full = unit.multiply(BigInteger.valueOf(burst));
            BigInteger level = full;
            long now = random.nextLong();
            for (int step = 0; step < 100; step++) {
                int count = 1 + random.nextInt(burst);
                BigInteger wanted = unit.multiply(BigInteger.valueOf(count));
                assertThat(bucket.available(now)).isEqualTo(level.divide(unit).intValueExact());
                boolean there = level.compareTo(wanted) >= 0;
                long passed;
                if (there) {
                    level = level.subtract(wanted);
                    passed = random.nextLong(1 + 2 * burst * period / permits);
                    assertThat(bucket.take(count, now)).isTrue();
                } else {
                    assertThat(bucket.take(count, now)).isFalse();
                    BigInteger[] wait = wanted.subtract(level).divideAndRemainder(BigInteger.valueOf(permits));
                    passed = wait[0].longValueExact() + wait[1].signum();
                    assertThat(bucket.dueNanos(count) - now).isEqualTo(passed);
                }
                now += passed;
                level = level.add(BigInteger.valueOf(passed).multiply(BigInteger.valueOf(permits)))
                        .min(full);
            }
        }
    }

    @Test
    void what_would_never_fill_is_refused() {
        new TokenBucket(1, Long.MAX_VALUE / 8, 1);
        new TokenBucket(Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenBucket(1, Long.MAX_VALUE, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenBucket(1, 1L << 40, Integer.MAX_VALUE))
                .withMessageContaining("73 years");
    }
}
