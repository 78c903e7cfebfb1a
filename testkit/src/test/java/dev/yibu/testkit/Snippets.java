package dev.yibu.testkit;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.testkit.shop.Visits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;

/** The examples of the Javadoc and of docs/testing.md; {@link SnippetsTest} runs them. */
final class Snippets {
    private Snippets() {}

    static class Times {
        // @start region="virtual-time"
        @VirtualTime
        void a_slow_answer_is_given_up_after_a_minute() {
            Instant start = clock().instant();

            assertThatThrownBy(() -> run(() -> timeout(Duration.ofMinutes(1), () -> sleep(Duration.ofHours(1)))))
                    .isInstanceOf(TimeoutException.class);

            assertThat(Duration.between(start, clock().instant())).isEqualTo(Duration.ofMinutes(1));
        }
        // @end
    }

    // @start region="account"
    static class Account {
        private int balance;

        void deposit(int amount) {
            int before = balance;
            checkpoint(); // stands for a query: others may run here
            balance = before + amount;
        }

        int balance() {
            return balance;
        }
    }
    // @end

    static class Races {
        // @start region="explore"
        @Explore(seeds = 100)
        void two_deposits_are_both_kept() {
            Account account = new Account();

            run(() -> gather(() -> account.deposit(10), () -> account.deposit(20)));

            assertThat(account.balance()).isEqualTo(30);
        }
        // @end
    }

    static class Accesses {
        // @start region="every-access"
        @Explore(seeds = 200, everyAccessOf = "dev.yibu.testkit.shop")
        void two_visits_are_both_counted() {
            Visits visits = new Visits();

            run(() -> gather(visits::count, visits::count));

            assertThat(visits.total()).isEqualTo(2);
        }
        // @end
    }

    static class Replays {
        // @start region="replay"
        @Replay("random/1")
        void two_deposits_are_both_kept() {
            Account account = new Account();

            run(() -> gather(() -> account.deposit(10), () -> account.deposit(20)));

            assertThat(account.balance()).isEqualTo(30);
        }
        // @end
    }

    // @start region="cancel-everywhere"
    static class CopyTest {
        private int copied;
        private int undone;

        @Explore(seeds = 20)
        @CancelEverywhere(schedules = 20)
        void a_copy_is_finished_or_undone() {
            run(() -> using(() -> Tracked.open("target"), Tracked::close, _ -> {
                boolean finished = false;
                try {
                    sleep(Duration.ofSeconds(1)); // the copying
                    copied++;
                    finished = true;
                    return null;
                } finally {
                    if (!finished) {
                        undone++;
                    }
                }
            }));
        }

        @AfterEach
        void nothing_is_left_half_done() {
            assertThat(copied + undone).isLessThanOrEqualTo(1);
        }
    }
    // @end

    static void foreignLatch() {
        // @start region="foreign-latch"
        ForeignLatch answer = new ForeignLatch("the server's answer"); // it never comes

        assertThatThrownBy(() -> timeout(Duration.ofSeconds(30), () -> answer.await()))
                .isInstanceOf(TimeoutException.class);
        // @end
    }

    static void tracked() {
        // @start region="tracked"
        try (Tracked connection = Tracked.open("connection")) {
            sleep(Duration.ofSeconds(1));
            assertThat(connection.isOpen()).isTrue();
        }
        // @end
    }

    static void flaky() throws IOException {
        // @start region="flaky"
        Flaky<String, IOException> download =
                Flaky.failing(2, () -> new IOException("connection reset"), () -> "the page");

        assertThatThrownBy(download::run).isInstanceOf(IOException.class);
        assertThatThrownBy(download::run).isInstanceOf(IOException.class);
        assertThat(download.run()).isEqualTo("the page");
        // @end
    }

    static void exploration() {
        // @start region="exploration"
        Exploration.Report report = Exploration.of(() ->
                        run(() -> gather(() -> sleep(Duration.ofHours(1)), () -> sleep(Duration.ofHours(2)))))
                .strategy(Strategy.EXHAUSTIVE)
                .preemptions(1)
                .run();

        assertThat(report.complete()).isTrue();
        assertThat(report.virtualTime()).isEqualTo(Duration.ofHours(2));
        // @end
    }
}
