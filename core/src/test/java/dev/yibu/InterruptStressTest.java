package dev.yibu;

import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancels race with the exit of the scope that they cancel; no interrupt may ever hit the code behind it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptStressTest {
    /** As many rounds as a busy machine makes in a few seconds, and at most so many. */
    private static final int ROUNDS = 10_000;

    private static final Duration LIMIT = Duration.ofSeconds(4);
    private static final CancelReason REASON = new CancelReason(Kind.REQUESTED, "stress");

    /** A scope that anybody may cancel. */
    private static final class Region extends CancelScope {
        Region(Strand strand) {
            super(strand);
        }
    }

    private volatile CancelScope target;
    private volatile boolean over;
    private final Semaphore free = new Semaphore(1);
    private final Semaphore never = new Semaphore(0);

    private Thread canceller(long seed) {
        return Thread.ofPlatform().daemon().start(() -> {
            Random random = new Random(seed);
            while (!over) {
                CancelScope scope = target;
                if (scope != null) {
                    target = null;
                    spin(random.nextInt(1 << random.nextInt(12)));
                    scope.cancel(REASON);
                } else {
                    Thread.onSpinWait();
                }
            }
        });
    }

    private static void spin(int rounds) {
        for (int i = 0; i < rounds; i++) {
            Thread.onSpinWait();
        }
    }

    /** What a program does inside a scope, in all sorts of ways. */
    private void live(Random random, int depth) throws InterruptedException {
        int length = random.nextInt(1 << random.nextInt(11));
        switch (random.nextInt(24)) {
            case 0 -> sleep(Duration.ofNanos(length));
            case 1, 2, 3 -> LockSupport.parkNanos(length);
            case 4, 5, 6 -> never.tryAcquire(length, TimeUnit.NANOSECONDS);
            case 7, 8, 9 -> sleep(Duration.ZERO);
            case 10, 11, 12 ->
                shield(Duration.ofSeconds(10), () -> {
                    free.acquire();
                    free.release();
                    spin(length);
                });
            case 13, 14, 15 -> {
                if (depth < 3) {
                    moveOnAfter(Duration.ofSeconds(10), () -> live(random, depth + 1));
                    live(random, depth + 1);
                }
            }
            case 16, 17, 18, 19, 20 -> spin(length);
            default -> {}
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_late_interrupt_ever_hits_code_after_the_scope(boolean virtual) throws Exception {
        long seed = System.nanoTime();
        System.out.println("InterruptStressTest seed " + seed);
        FutureTask<int[]> work = new FutureTask<>(() -> Strand.attached(() -> race(seed)));
        Thread canceller = canceller(seed + 1);
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(work);

        int[] outcomes = work.get();

        over = true;
        Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
        assertThat(outcomes).as("rounds that ended normally, and cancelled").doesNotContain(0);
    }

    private int[] race(long seed) {
        Random random = new Random(seed);
        Strand self = Strand.current();
        int[] outcomes = new int[2];
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
            Region region = new Region(self);
            region.enter();
            target = region;
            Throwable thrown = null;
            try {
                live(random, 0);
            } catch (Throwable t) {
                thrown = t;
            }
            thrown = region.leave(thrown);
            assertThat(thrown == null || (thrown instanceof Cancelled && region.isCancelled()))
                    .as("round %d, seed %d: %s", round, seed, thrown)
                    .isTrue();
            outcomes[thrown == null ? 0 : 1]++;
            checkBehind(round, seed);
            // The canceller may still be busy with this region during the next round.
            Eventually.isTrue("the canceller has taken its turn", () -> target == null);
        }
        return outcomes;
    }

    /** A blocking call that an interrupt would stop, and a checkpoint that an interrupt would cancel. */
    private void checkBehind(int round, long seed) {
        try {
            free.acquire();
            free.release();
            never.tryAcquire(1, TimeUnit.NANOSECONDS);
            Strand.current().checkpoint();
        } catch (InterruptedException | Cancelled e) {
            throw new AssertionError("code behind the scope was hit in round " + round + ", seed " + seed, e);
        }
    }

    /** Deadlines race with the end of their blocks. */
    @Test
    void no_deadline_ever_hits_code_after_its_block() throws Exception {
        long seed = System.nanoTime();
        System.out.println("InterruptStressTest seed " + seed);
        FutureTask<int[]> work = new FutureTask<>(() -> Strand.attached(() -> {
            Random random = new Random(seed);
            int[] outcomes = new int[2];
            long start = System.nanoTime();
            for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos() / 2; round++) {
                long nanos = random.nextLong(1, 600_000);
                boolean finished = moveOnAfter(Duration.ofNanos(nanos), () -> {
                    if (random.nextBoolean()) {
                        never.tryAcquire(random.nextLong(600_000), TimeUnit.NANOSECONDS);
                    } else {
                        sleep(Duration.ofNanos(random.nextLong(600_000)));
                    }
                });
                outcomes[finished ? 0 : 1]++;
                checkBehind(round, seed);
            }
            return outcomes;
        }));
        Thread.ofVirtual().start(work);

        assertThat(work.get()).as("blocks that finished, and did not").doesNotContain(0);
    }

    /** The outer scope is cancelled while inner ones come and go: the interrupt must not get lost between them. */
    @Test
    void an_interrupt_is_never_lost_between_inner_scopes() throws Exception {
        long seed = System.nanoTime();
        System.out.println("InterruptStressTest seed " + seed);
        Thread canceller = canceller(seed + 1);
        FutureTask<Boolean> work = new FutureTask<>(() -> Strand.attached(() -> {
            Random random = new Random(seed);
            long start = System.nanoTime();
            for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
                Region region = new Region(Strand.current());
                region.enter();
                target = region;
                Throwable thrown = null;
                try {
                    for (int i = random.nextInt(20); i > 0; i--) {
                        switch (random.nextInt(3)) {
                            case 0 -> moveOnAfter(Duration.ofSeconds(10), () -> spin(random.nextInt(100)));
                            case 1 -> shield(Duration.ofSeconds(10), () -> spin(random.nextInt(100)));
                            default -> spin(random.nextInt(100));
                        }
                    }
                    boolean nobodyStoppedIt = never.tryAcquire(20, TimeUnit.SECONDS);
                    throw new AssertionError("round " + round + ", seed " + seed + ": " + nobodyStoppedIt);
                } catch (InterruptedException | Cancelled e) {
                    thrown = e;
                }
                assertThat(region.leave(thrown)).isInstanceOf(Cancelled.class);
                checkBehind(round, seed);
                Eventually.isTrue("the canceller has taken its turn", () -> target == null);
            }
            return true;
        }));
        Thread.ofVirtual().start(work);

        assertThat(work.get()).isTrue();
        over = true;
        Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
    }
}
