package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final int MANY = 100_000;

    private final Patience patience = new Patience();

    /** Waits so many times; yields before how many of them it spun. */
    private int waits(int times, boolean inVain) {
        int spun = 0;
        for (int i = 0; i < times; i++) {
            int most = patience.spins();
            if (most > 0) {
                patience.learn(most, !inVain);
                spun++;
            }
        }
        return spun;
    }

    @Test
    void what_comes_at_once_is_always_worth_a_spin() {
        assertThat(waits(1000, false)).isEqualTo(1000);
    }

    @Test
    void what_never_comes_is_soon_not_worth_it_but_is_tried_again_ever_more_seldom() {
        int first = waits(1000, true);
        assertThat(first).isBetween(7, 17);
        assertThat(waits(MANY, true)).isBetween(MANY / 600, MANY / 300);
    }

    @Test
    void a_try_that_pays_brings_the_patience_back() {
        waits(MANY, true);
        int skipped = 0;
        int most = patience.spins();
        while (most == 0) {
            most = patience.spins();
            skipped++;
        }
        assertThat(skipped).isLessThan(1000);
        patience.learn(most, true);
        assertThat(waits(1000, false)).isEqualTo(1000);
    }

    @Test
    void it_spins_no_longer_than_it_has_to() {
        int[] looks = new int[1];
        patience.spin(() -> ++looks[0] < 5);
        assertThat(looks[0]).isBetween(5, 6);
    }
}
