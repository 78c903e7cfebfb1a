package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimerWheelTest {
    private static final TimerWheel WHEEL = new TimerWheel();
    private static Thread timerThread;

    @BeforeAll
    static void find_the_thread() throws InterruptedException {
        AtomicReference<Thread> found = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        WHEEL.schedule(
                timer(() -> {
                    found.set(Thread.currentThread());
                    done.countDown();
                }),
                System.nanoTime());
        done.await();
        timerThread = found.get();
    }

    private static Timer timer(Runnable action) {
        return new Timer() {
            @Override
            protected void expire() {
                action.run();
            }
        };
    }

    private static long in(Duration delay) {
        return Deadlines.after(System.nanoTime(), Deadlines.saturatedNanos(delay));
    }

    private static Duration ms(int millis) {
        return Duration.ofMillis(millis);
    }

    @Test
    void no_timer_expires_early() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("TimerWheelTest seed " + seed);
        int count = 4_000;
        CountDownLatch expired = new CountDownLatch(count);
        AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(seed + t);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < count / 4; i++) {
                    long deadline = System.nanoTime() + random.nextInt(60_000_000);
                    WHEEL.schedule(
                            timer(() -> {
                                earliest.accumulateAndGet(System.nanoTime() - deadline, Math::min);
                                expired.countDown();
                            }),
                            deadline);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        expired.await();

        assertThat(earliest.get()).isNotNegative();
    }

    @Test
    void timers_expire_in_the_order_of_their_deadlines_however_they_were_set() throws InterruptedException {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(7));
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        CountDownLatch expired = new CountDownLatch(order.size());
        long start = System.nanoTime() + 20_000_000;

        for (int i : order) {
            WHEEL.schedule(
                    timer(() -> {
                        seen.add(i);
                        expired.countDown();
                    }),
                    start + i * 1_000_000L);
        }
        expired.await();

        assertThat(List.copyOf(seen)).isSorted().hasSize(100);
    }

    @Test
    void a_deadline_in_the_past_expires_at_once() throws InterruptedException {
        CountDownLatch expired = new CountDownLatch(2);

        WHEEL.schedule(timer(expired::countDown), System.nanoTime() - 1_000_000_000L);
        WHEEL.schedule(timer(expired::countDown), System.nanoTime() - Long.MAX_VALUE / 2);

        expired.await();
    }

    @Test
    void far_deadlines_saturate_and_do_not_disturb_near_ones() throws InterruptedException {
        AtomicInteger far = new AtomicInteger();
        List<Timer> timers = new ArrayList<>();
        for (Duration delay : List.of(
                Duration.ofHours(1),
                Duration.ofDays(365),
                Duration.ofDays(146 * 365),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            Timer timer = timer(far::incrementAndGet);
            timers.add(timer);
            WHEEL.schedule(timer, in(delay));
        }
        CountDownLatch near = new CountDownLatch(1);
        WHEEL.schedule(timer(near::countDown), in(ms(2)));
        near.await();

        assertThat(timers).allSatisfy(timer -> assertThat(WHEEL.cancel(timer)).isTrue());
        assertThat(far).hasValue(0);
    }

    @Test
    void a_timer_that_crosses_the_levels_of_the_wheel_expires_once() throws InterruptedException {
        // A block of the lowest level is 17 ms long, one of the next level 1.1 s.
        List<Integer> delays = List.of(1, 16, 17, 18, 33, 34, 35, 100, 1_073, 1_074, 1_075, 1_100);
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        CountDownLatch expired = new CountDownLatch(delays.size());
        AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);
        long now = System.nanoTime();

        for (int delay : delays) {
            long deadline = now + delay * 1_000_000L;
            WHEEL.schedule(
                    timer(() -> {
                        earliest.accumulateAndGet(System.nanoTime() - deadline, Math::min);
                        seen.add(delay);
                        expired.countDown();
                    }),
                    deadline);
        }
        expired.await();

        assertThat(seen).containsExactlyElementsOf(delays);
        assertThat(earliest.get()).isNotNegative();
    }

    @Test
    void a_cancelled_timer_does_not_expire() throws InterruptedException {
        AtomicInteger cancelled = new AtomicInteger();
        CountDownLatch later = new CountDownLatch(1);
        Timer timer = timer(cancelled::incrementAndGet);
        long deadline = in(ms(20));
        WHEEL.schedule(timer, deadline);
        WHEEL.schedule(timer(later::countDown), deadline + 2_000_000);

        assertThat(WHEEL.cancel(timer)).isTrue();
        assertThat(WHEEL.cancel(timer)).as("a second time").isFalse();

        later.await();
        assertThat(cancelled).hasValue(0);
    }

    @Test
    void cancelling_says_whether_it_was_in_time() throws InterruptedException {
        CountDownLatch expired = new CountDownLatch(1);
        Timer timer = timer(expired::countDown);

        assertThat(WHEEL.cancel(timer)).as("never scheduled").isFalse();
        WHEEL.schedule(timer, in(ms(1)));
        expired.await();

        assertThat(WHEEL.cancel(timer)).as("after it expired").isFalse();
    }

    @Test
    void any_thread_may_cancel() {
        Timer timer = timer(() -> {});
        Threads.runToEnd(() -> WHEEL.schedule(timer, in(Duration.ofHours(1))));

        Threads.runToEnd(() -> assertThat(WHEEL.cancel(timer)).isTrue());
    }

    @Test
    void a_timer_is_scheduled_once_at_a_time_and_may_be_scheduled_again_afterwards() throws InterruptedException {
        CountDownLatch expired = new CountDownLatch(2);
        Timer timer = timer(expired::countDown);

        WHEEL.schedule(timer, in(Duration.ofHours(1)));
        assertThatIllegalStateException().isThrownBy(() -> WHEEL.schedule(timer, in(ms(1))));
        WHEEL.cancel(timer);
        WHEEL.schedule(timer, in(ms(1)));
        Eventually.isTrue("it expires", () -> expired.getCount() == 1);
        Eventually.isTrue("it has left the wheel", () -> timer.stripe == null);
        WHEEL.schedule(timer, in(ms(1)));

        expired.await();
    }

    @Test
    void a_timer_may_schedule_itself_again_when_it_expires() throws InterruptedException {
        CountDownLatch ticks = new CountDownLatch(20);
        Timer ticker = new Timer() {
            @Override
            protected void expire() {
                ticks.countDown();
                if (ticks.getCount() > 0) {
                    WHEEL.schedule(this, in(ms(1)));
                }
            }
        };

        WHEEL.schedule(ticker, in(ms(1)));

        ticks.await();
    }

    @Test
    void a_timer_that_fails_is_logged_and_time_goes_on() throws InterruptedException {
        CountDownLatch later = new CountDownLatch(1);
        long deadline = in(ms(5));
        List<String> logged = LogLines.of(() -> {
            WHEEL.schedule(
                    new Timer() {
                        @Override
                        protected void expire() {
                            throw new IllegalStateException("broken");
                        }

                        @Override
                        public String toString() {
                            return "the broken timer";
                        }
                    },
                    deadline);
            WHEEL.schedule(timer(later::countDown), deadline + 2_000_000);
            later.await();
        });

        assertThat(logged).anySatisfy(line -> assertThat(line).contains("the broken timer", "broken"));
    }

    @Test
    void between_cancel_and_expiry_there_is_one_winner() {
        Random random = new Random(11);
        int rounds = 3_000;
        int[] outcomes = new int[2];
        for (int i = 0; i < rounds; i++) {
            AtomicInteger fired = new AtomicInteger();
            Timer timer = timer(fired::incrementAndGet);
            if (i == 0) {
                WHEEL.schedule(timer, in(ms(3_600_000)));
            } else {
                long deadline = System.nanoTime() + random.nextInt(400_000);
                WHEEL.schedule(timer, deadline);
                while (i == 1 ? fired.get() == 0 : System.nanoTime() < deadline + random.nextInt(300_000)) {
                    Thread.onSpinWait();
                }
            }
            boolean cancelled = WHEEL.cancel(timer);
            if (!cancelled) {
                Eventually.isTrue("a timer that can't be cancelled expires", () -> fired.get() == 1);
            }
            outcomes[cancelled ? 0 : 1]++;
            assertThat(fired).hasValue(cancelled ? 0 : 1);
        }
        assertThat(outcomes).as("both happened").doesNotContain(0);
    }

    @Test
    void a_hundred_thousand_timers_at_once_all_expire() throws InterruptedException {
        int count = 100_000;
        CountDownLatch expired = new CountDownLatch(count);
        long deadline = in(ms(50));

        for (int i = 0; i < count; i++) {
            WHEEL.schedule(timer(expired::countDown), deadline);
        }

        expired.await();
    }

    @Test
    void an_idle_wheel_sleeps() {
        Eventually.isTrue("the thread sleeps for ever", () -> timerThread.getState() == Thread.State.WAITING);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getThreadCpuTime(timerThread.threadId());
        long start = System.nanoTime();
        while (System.nanoTime() - start < 50_000_000) {
            Thread.onSpinWait();
        }
        assertThat(threads.getThreadCpuTime(timerThread.threadId()) - before)
                .as("CPU time of the timer's thread in 50 ms")
                .isLessThan(5_000_000);
        assertThat(timerThread.getState()).isEqualTo(Thread.State.WAITING);

        Timer timer = timer(() -> {});
        WHEEL.schedule(timer, in(Duration.ofHours(1)));
        Eventually.isTrue("it sleeps for a while", () -> timerThread.getState() == Thread.State.TIMED_WAITING);
        WHEEL.cancel(timer);
        CountDownLatch near = new CountDownLatch(1);
        WHEEL.schedule(timer(near::countDown), in(ms(1)));
        Eventually.isTrue("the near one expires", () -> near.getCount() == 0);
        Eventually.isTrue("and it sleeps for ever", () -> timerThread.getState() == Thread.State.WAITING);
    }

    /** The thread sleeps without a limit only when no timer is left, so that this looks into every stripe. */
    @Test
    void setting_and_cancelling_from_many_threads_leaves_nothing() {
        long seed = System.nanoTime();
        System.out.println("TimerWheelTest seed " + seed);
        AtomicInteger expired = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        int each = 50_000;
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(seed + t);
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                List<Timer> mine = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    Timer timer = timer(expired::incrementAndGet);
                    int scale = random.nextInt(1, 34);
                    WHEEL.schedule(timer, System.nanoTime() + random.nextLong(1L << scale));
                    mine.add(timer);
                    if (mine.size() > 100) {
                        Timer taken = mine.remove(random.nextInt(mine.size()));
                        if (WHEEL.cancel(taken)) {
                            cancelled.incrementAndGet();
                        }
                    }
                }
                for (Timer timer : mine) {
                    if (WHEEL.cancel(timer)) {
                        cancelled.incrementAndGet();
                    }
                }
            }));
        }

        Eventually.isTrue("all have set and cancelled", () -> threads.stream().noneMatch(Thread::isAlive));
        Eventually.isTrue("each has ended once", () -> expired.get() + cancelled.get() == 4 * each);
        Eventually.isTrue("nothing is left", () -> timerThread.getState() == Thread.State.WAITING);
        assertThat(expired.get() + cancelled.get()).isEqualTo(4 * each);
        assertThat(cancelled).doesNotHaveValue(0);
        assertThat(expired).doesNotHaveValue(0);
    }

    @Test
    void pending_are_the_timers_that_have_neither_expired_nor_been_cancelled() throws InterruptedException {
        TimerWheel wheel = new TimerWheel();
        CountDownLatch expired = new CountDownLatch(2);
        wheel.schedule(timer(expired::countDown), in(ms(1)));
        wheel.schedule(timer(expired::countDown), in(ms(200))); // goes through a higher level
        Timer later = timer(() -> {});
        Timer other = timer(() -> {});
        Timer watching = timer(() -> {});
        watching.watches = true;
        wheel.schedule(later, in(Duration.ofHours(1)));
        wheel.schedule(other, in(Duration.ofDays(400)));
        wheel.schedule(watching, in(Duration.ofHours(1)));
        expired.await();

        assertThat(wheel.pending()).isEqualTo(2);

        assertThat(wheel.cancel(later)).isTrue();
        assertThat(wheel.cancel(later)).isFalse();
        assertThat(wheel.cancel(watching)).isTrue();
        assertThat(wheel.pending()).isEqualTo(1);

        assertThat(wheel.cancel(other)).isTrue();
        assertThat(wheel.pending()).isZero();
    }

    @Test
    void timers_expire_also_where_no_virtual_thread_can_be_started() throws InterruptedException {
        TimerWheel wheel = new TimerWheel(_ -> {
            throw new OutOfMemoryError("no thread");
        });
        int count = 1_000;
        CountDownLatch expired = new CountDownLatch(count + 1);
        long deadline = in(ms(20));
        for (int i = 0; i < count; i++) {
            wheel.schedule(
                    new Timer() {
                        @Override
                        protected void expire() {
                            expired.countDown();
                        }

                        @Override
                        protected boolean wakesVirtualThread() {
                            return true;
                        }
                    },
                    deadline);
        }
        wheel.schedule(timer(expired::countDown), in(ms(40)));

        expired.await();
    }

    @Test
    void timers_expire_also_after_one_that_fails_and_a_log_that_fails_with_it() throws InterruptedException {
        Logger logger = Logger.getLogger("dev.yibu");
        Handler broken = new Handler() {
            @Override
            public void publish(LogRecord record) {
                throw new AssertionError("the log is broken");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        CountDownLatch expired = new CountDownLatch(1);
        logger.addHandler(broken);
        try {
            TimerWheel wheel = new TimerWheel();
            long deadline = in(ms(5));
            wheel.schedule(
                    timer(() -> {
                        throw new AssertionError("on purpose");
                    }),
                    deadline);
            wheel.schedule(timer(expired::countDown), in(ms(10)));
            expired.await();
        } finally {
            logger.removeHandler(broken);
        }
    }
}
