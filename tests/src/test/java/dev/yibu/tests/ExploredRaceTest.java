package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.race;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Race: the first success wins, losers are cancelled and joined, and no value of a loser is lost. */
class ExploredRaceTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final List<Object> events = new ArrayList<>();

        /** Yields a resource, without a checkpoint between its opening and its delivery. */
        private static Tracked connect(int seconds) {
            sleep(ofSeconds(seconds));
            return Tracked.open("connection after " + seconds + " s");
        }

        @Test
        void the_first_success_wins_and_the_losers_have_ended() {
            String winner = race(
                    () -> {
                        sleep(ofSeconds(1));
                        return "quick";
                    },
                    () -> {
                        try (Tracked _ = Tracked.open("a resource")) {
                            sleep(ofSeconds(9));
                            return "slow";
                        }
                    },
                    () -> {
                        try {
                            sleep(ofSeconds(9));
                            return "slow too";
                        } finally {
                            shield(ofSeconds(5), () -> sleep(ofSeconds(1)));
                            events.add("cleaned up");
                        }
                    });
            assertThat(winner).isEqualTo("quick");
            assertThat(events).containsExactly("cleaned up");
            checkpoint();
        }

        @Test
        void each_value_but_the_winners_is_discarded_once() {
            List<Tracked> discarded = new ArrayList<>();
            try (Tracked winner = race(List.of(1, 1, 1, 2), Rules::connect, connection -> {
                discarded.add(connection);
                connection.close();
            })) {
                assertThat(winner.isOpen()).isTrue();
                assertThat(discarded).doesNotContain(winner);
            }
        }

        @Test
        void a_value_that_a_shield_saves_from_the_cancellation_is_discarded_too() {
            try (Tracked winner =
                    race(List.of(1, 2), seconds -> shield(ofSeconds(9), () -> connect(seconds)), Tracked::close)) {
                assertThat(winner).hasToString("connection after 1 s");
            }
        }

        @Test
        void a_race_that_is_cancelled_or_times_out_discards_its_winner() {
            try {
                timeout(ofSeconds(1), () -> race(List.of(1, 1, 2), Rules::connect, Tracked::close))
                        .close();
            } catch (TimeoutException e) {
                events.add("timeout");
            }
            TaskGroup.run(group -> {
                Task<?> task = group.start(
                        "task",
                        () -> race(List.of(1, 1), Rules::connect, Tracked::close)
                                .close());
                sleep(ofSeconds(1));
                task.cancel("enough");
            });
        }

        @Test
        void a_failure_does_not_end_the_race() throws IOException {
            String winner = race(
                    () -> {
                        throw new IOException("failed");
                    },
                    () -> {
                        sleep(ofSeconds(2));
                        return "second";
                    },
                    () -> {
                        sleep(ofSeconds(1));
                        throw new IOException("failed too");
                    });
            assertThat(winner).isEqualTo("second");
        }

        @Test
        void if_all_fail_the_first_failure_is_thrown_with_the_others_suppressed() {
            assertThatThrownBy(() -> race(List.of(2, 1, 3), seconds -> {
                        sleep(ofSeconds(seconds));
                        throw new IOException("after " + seconds);
                    }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("after 1")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .containsExactly("after 2", "after 3"));
            checkpoint();
        }

        @Test
        void a_loser_in_foreign_code_is_interrupted() throws InterruptedException {
            String winner = race(
                    () -> {
                        checkpoint();
                        return "winner";
                    },
                    () -> {
                        try (Tracked _ = Tracked.open("a socket")) {
                            new ForeignLatch("a read").await();
                            return "read";
                        }
                    });
            assertThat(winner).isEqualTo("winner");
        }

        @Test
        void a_race_of_nobody_is_an_error_and_a_race_of_cancelled_runners_is_one_too() {
            assertThatThrownBy(() -> race(List.<Integer>of(), Rules::connect))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> race(List.of(1, 2), seconds -> {
                        dev.yibu.Async.currentTask().cancel("enough");
                        sleep(ofSeconds(seconds));
                        return seconds;
                    }))
                    .isInstanceOf(CancellationException.class);
            checkpoint();
        }
    }
}
