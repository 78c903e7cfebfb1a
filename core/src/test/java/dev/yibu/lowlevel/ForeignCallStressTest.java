package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Cancels race with the end of foreign calls. No abort hook, and no interrupt, may hit the next user of a connection; and
 * a call that had its value all the same leaves an interrupt for the foreign code that follows in the cancelled scope.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForeignCallStressTest {
    private static final int ROUNDS = Integer.getInteger("yibu.stress.rounds", 20_000);
    private static final Duration LIMIT = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofHours(1);

    /** A scope whose canceller takes its time between looking at the strand and waking it. */
    private static final class Region extends CancelScope {
        private final int delay;

        Region(Strand strand, int delay) {
            super(strand);
            this.delay = delay;
        }

        @Override
        public void visitChildren(java.util.function.Consumer<? super Strand> visitor) {
            Threads.spin(delay);
        }
    }

    /** What calls use one after the other. */
    private static final class Connection {
        final Semaphore answers = new Semaphore(0);

        /** The number of the call that uses it. */
        volatile int user;
    }

    private final long seed = Long.getLong("yibu.seed", System.nanoTime());
    private final Connection connection = new Connection();
    private final Semaphore never = new Semaphore(0);
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Region> target = new AtomicReference<>();
    private volatile boolean over;

    // Counted by the strand.
    private int values;
    private int cancelled;
    private int followed;

    @Test
    void no_hook_and_no_interrupt_hits_the_next_user_and_none_is_lost_to_what_follows() {
        System.out.println("ForeignCallStressTest seed " + seed);
        Thread canceller = Thread.ofPlatform().daemon().start(this::cancelTargets);
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            Random random = new Random(seed);
            long start = System.nanoTime();
            for (int round = 1; round <= ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
                useTwice(self, random, round);
            }
            return true;
        });

        assertThat(running.value()).isTrue();
        over = true;
        Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
        assertThat(violations).isEmpty();
        assertThat(new int[] {values, cancelled, followed})
                .as("calls with a value, calls that were cancelled, calls that met the interrupt of one before")
                .doesNotContain(0);
    }

    private void cancelTargets() {
        Random random = new Random(seed + 1);
        while (!over) {
            Region region = target.getAndSet(null); // in one step: a target that is set meanwhile is not lost
            if (region == null) {
                Thread.yield();
                continue;
            }
            Threads.spin(random.nextInt(1 << random.nextInt(13)));
            region.cancel(RunningStrand.REASON);
        }
    }

    private void useTwice(Strand self, Random random, int round) {
        Region region = new Region(self, random.nextInt(1 << random.nextInt(13)));
        region.enter();
        target.set(region);
        Throwable thrown = null;
        try {
            query(random, round);
            values++;
            if (random.nextBoolean() && region.reason() != null) {
                never.acquire();
                violations.add("a permit of none in round " + round);
            }
        } catch (InterruptedException e) {
            followed++;
            thrown = e;
        } catch (Cancelled e) {
            cancelled++;
            thrown = e;
        } catch (IOException e) {
            violations.add(e + " passed in round " + round);
        }
        Throwable left = region.leave(thrown);
        if (left != null && !(left instanceof Cancelled)) {
            violations.add(left + " left the scope in round " + round);
        }
        nextUse(random, round);
        if (self.reason() != null || Thread.currentThread().isInterrupted()) {
            violations.add("an interrupt was taken for one from outside in round " + round + ": " + self.reason());
            throw new AssertionError(violations);
        }
    }

    private void query(Random random, int round) throws IOException, InterruptedException {
        boolean stops = random.nextBoolean();
        Duration grace = stops && random.nextBoolean() ? LONG : Duration.ofNanos(random.nextInt(300_000));
        boolean closes = random.nextInt(4) == 0;
        boolean fails = random.nextBoolean();
        boolean unlimited = random.nextBoolean();
        int inside = random.nextInt(4);
        long nanos = random.nextInt(1 << random.nextInt(18));
        ForeignCall call = ForeignCall.named("query")
                .onCancel(
                        () -> {
                            checkUser(round);
                            if (stops) {
                                connection.answers.release();
                            }
                            checkUser(round);
                        },
                        grace);
        if (closes) {
            call = call.thenClose(() -> {
                checkUser(round);
                connection.answers.release();
                checkUser(round);
            });
        }
        connection.user = round;
        try {
            call.<Boolean, Exception>call(() -> {
                if (inside == 1) {
                    Async.moveOnAfter(LONG, () -> Threads.spin(100));
                } else if (inside == 2) {
                    Async.sleep(Duration.ofNanos(nanos));
                }
                boolean aborted;
                if (unlimited) {
                    connection.answers.acquire();
                    aborted = true;
                } else {
                    aborted = connection.answers.tryAcquire(nanos, TimeUnit.NANOSECONDS);
                }
                if (aborted && fails) {
                    throw new IOException("the query was stopped");
                }
                return aborted;
            });
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw new IOException("not translated", e);
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            connection.user = 0;
            connection.answers.drainPermits();
        }
    }

    private void checkUser(int round) {
        int user = connection.user;
        if (user != round) {
            violations.add("a hook of round " + round + " hit the user of round " + user);
        }
    }

    private void nextUse(Random random, int round) {
        connection.user = -round;
        long nanos = random.nextInt(1 << random.nextInt(18));
        try {
            ForeignCall.named("next")
                    .onCancel(() -> violations.add("the hook of the next user ran in round " + round), LONG)
                    .call(() -> never.tryAcquire(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException | Cancelled e) {
            violations.add("the next user met " + e + " in round " + round);
        }
        connection.user = 0;
    }
}
