package dev.yibu.lowlevel;

import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The timer's thread goes to sleep while a timer is set; on a wheel of its own, where nobody else wakes it. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimerWheelRaceTest {
    private static final int ROUNDS = Integer.getInteger("yibu.rounds", 4_000);

    private final long seed = Long.getLong("yibu.seed", System.nanoTime());
    private final TimerWheel wheel = new TimerWheel();
    private final Semaphore expired = new Semaphore(0);

    @Test
    void a_timer_that_is_set_while_the_thread_goes_to_sleep_expires() throws InterruptedException {
        System.out.println("TimerWheelRaceTest -Dyibu.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            wheel.schedule(new Expiry(), System.nanoTime());
            while (!expired.tryAcquire()) {
                Thread.onSpinWait(); // a thread that is woken would come when the other one sleeps already
            }
            Threads.spin(random.nextInt(1 << random.nextInt(9)));
        }
    }

    private final class Expiry extends Timer {
        @Override
        protected void expire() {
            expired.release();
        }
    }
}
