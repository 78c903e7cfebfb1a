package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Suspension.Abort;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads race for the end of a wait; every round must have one winner, and everybody must know who it is. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SuspensionRaceTest {
    private static final int ROUNDS = 6_000;

    /** One race: a suspension, those who want to end it, and who of them was told to have won. */
    private static final class Round {
        final Suspension<Integer> suspension;
        final CancelScope scope;
        final int number;
        final int[] delays;
        final boolean[] won = new boolean[2];
        final AtomicInteger aborts = new AtomicInteger();
        int message;

        Round(Strand strand, int number, Random random) {
            this.suspension = new Suspension<>(strand, "round " + number);
            this.scope = new CancelScope(strand) {};
            this.number = number;
            this.delays = random.ints(4, 0, 1 << random.nextInt(12)).toArray();
        }
    }

    private volatile Round round;

    @Test
    void between_resume_fail_and_abort_there_is_one_winner() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("SuspensionRaceTest seed " + seed);
        Random random = new Random(seed);
        CyclicBarrier start = new CyclicBarrier(4);
        CyclicBarrier end = new CyclicBarrier(4);
        Thread resumer = racer(start, end, r -> {
            Threads.spin(r.delays[0]);
            r.message = r.number;
            r.won[0] = r.suspension.resume(r.number);
        });
        Thread failer = racer(start, end, r -> {
            Threads.spin(r.delays[1]);
            r.won[1] = r.suspension.fail(new IllegalStateException("round " + r.number));
        });
        Thread canceller = racer(start, end, r -> {
            Threads.spin(r.delays[2]);
            r.scope.cancel(RunningStrand.REASON);
        });
        int[] outcomes = new int[3];

        RunningStrand<Boolean> waiter = RunningStrand.startOnPlatformThread(self -> {
            for (int i = 1; i <= ROUNDS; i++) {
                Round current = new Round(self, i, random);
                round = current;
                start.await();
                current.scope.enter();
                int outcome = runRound(current);
                assertThat(current.scope.leave(null)).isNull();
                end.await();
                assertThat(Thread.currentThread().isInterrupted())
                        .as("a flag left over in round %d, seed %d", i, seed)
                        .isFalse();
                check(current, outcome, seed);
                outcomes[outcome]++;
            }
            round = null;
            start.await();
            return true;
        });

        assertThat(waiter.value()).isTrue();
        resumer.join();
        failer.join();
        canceller.join();
        assertThat(outcomes).as("every winner was seen").doesNotContain(0);
    }

    private static int runRound(Round current) {
        Threads.spin(current.delays[3]);
        int outcome;
        try {
            int value = current.suspension.await(() -> {
                current.aborts.incrementAndGet();
                return Abort.ABORTED;
            });
            assertThat(value).isEqualTo(current.number);
            assertThat(current.message)
                    .as("what was written before resume is visible")
                    .isEqualTo(current.number);
            outcome = 0;
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("round " + current.number);
            outcome = 1;
        } catch (Cancelled cancelled) {
            outcome = 2;
        }
        return outcome;
    }

    private static void check(Round current, int outcome, long seed) {
        assertThat(new boolean[] {current.won[0], current.won[1], outcome == 2})
                .as("winners of round %d, seed %d", current.number, seed)
                .containsExactly(outcome == 0, outcome == 1, outcome == 2);
        assertThat(current.aborts.get())
                .as("calls of the abort handler in round %d, seed %d", current.number, seed)
                .isBetween(outcome == 2 ? 1 : 0, 1);
    }

    private interface Move {
        void in(Round round);
    }

    private Thread racer(CyclicBarrier start, CyclicBarrier end, Move move) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                for (; ; ) {
                    start.await();
                    Round current = round;
                    if (current == null) {
                        return;
                    }
                    move.in(current);
                    end.await();
                }
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new AssertionError(e);
            }
        });
    }
}
