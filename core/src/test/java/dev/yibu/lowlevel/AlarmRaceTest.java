package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads: an alarm rings while its strand enters scopes, moves their deadlines, leaves them and ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AlarmRaceTest {
    private static final int STRANDS = Integer.getInteger("yibu.rounds", 4_000);

    /** After this time they are enough: where others have the processors, each wait for the clock takes milliseconds. */
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private static final int SCOPES = 10;
    private static final int SHORT = 4;
    private static final int LONG = 1_000_000_000;

    /** The clock goes on when all that is due has rung, but for what has been set since. */
    private static final int TIME_TO_RING = 100;

    private final long seed = Long.getLong("yibu.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final ManualDriver driver = new ManualDriver();
    private volatile boolean over;

    @Test
    void no_deadline_is_missed_and_no_timer_is_left() throws InterruptedException {
        System.out.println("AlarmRaceTest -Dyibu.seed=" + seed);
        Thread clock = Thread.ofPlatform().start(() -> {
            for (long now = 1; !over; now++) {
                driver.advanceTo(now);
                driver.fireDue();
            }
        });
        try {
            long start = System.nanoTime();
            for (int i = 0; i < STRANDS && System.nanoTime() - start < LIMIT.toNanos(); i++) {
                new Strand(driver, null, Context.EMPTY).<Object, RuntimeException>runAsRoot(() -> {
                    Strand self = Strand.current();
                    for (int k = 0; k < SCOPES; k++) {
                        nest(self, random.nextInt(3));
                    }
                    return true;
                });
            }
        } finally {
            over = true;
            clock.join();
        }
        assertThat(driver.timers()).isEmpty();
    }

    /** Scopes inside each other, of which each that has a short deadline is open until it expires, or is left at once. */
    private void nest(Strand self, int further) {
        boolean waits = random.nextBoolean();
        DeadlineScope scope = new DeadlineScope(self, 1 + random.nextInt(random.nextBoolean() ? SHORT : LONG), null);
        scope.enter();
        if (further > 0) {
            nest(self, further - 1);
        }
        if (waits) {
            try {
                scope.reschedule(1 + random.nextInt(SHORT));
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("expired");
            }
            long late = Math.max(scope.deadlineNanos(), driver.nanoTime()) + TIME_TO_RING;
            for (long now = driver.nanoTime(); !scope.expired(); now = driver.nanoTime()) {
                assertThat(now).as("seed %d", seed).isLessThan(late);
                Thread.yield(); // the clock may be without a processor
            }
            assertThat(scope.deadlineNanos()).isLessThanOrEqualTo(driver.nanoTime());
        }
        scope.leave(null);
    }
}
