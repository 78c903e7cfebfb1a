package dev.yibu.tests;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.race;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Action;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.WaitQueue;
import dev.yibu.testkit.Exploration;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Strategy;
import dev.yibu.testkit.Tracked;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small programs under all schedules with at most four preemptions, each of them cancelled everywhere. */
@Timeout(120)
class ExploredExhaustivelyTest {
    private static final Logger LOG = Logger.getLogger("dev.yibu");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static void exploreAll(Action<?> program) {
        Exploration.Report report = Exploration.of(program)
                .strategy(Strategy.EXHAUSTIVE)
                .seeds(1, 1_000_000)
                .preemptions(4)
                .everywhere(true)
                .cancelEverywhere(20)
                .run();
        assertThat(report.complete()).as(report.toString()).isTrue();
    }

    @Test
    void a_value_is_delivered_once_or_the_wait_is_cancelled() {
        exploreAll(() -> {
            WaitQueue<String> queue = new WaitQueue<>();
            List<String> taken = new ArrayList<>();
            boolean[] given = new boolean[1];
            TaskGroup.run(group -> {
                Task<?> waiter = group.start("waiter", () -> {
                    Suspension<String> suspension =
                            new Suspension<>(Objects.requireNonNull(Strand.current()), "a word");
                    queue.add(suspension);
                    taken.add(queue.await(suspension));
                });
                group.start("giver", () -> {
                    given[0] = queue.resumeFirst("word");
                });
                waiter.cancel("enough");
            });
            assertThat(taken).hasSize(given[0] ? 1 : 0);
            assertThat(queue.size()).isZero();
        });
    }

    @Test
    void a_result_and_a_timer_have_one_winner() {
        exploreAll(() -> {
            boolean[] slept = new boolean[1];
            try {
                timeout(ofSeconds(1), () -> {
                    sleep(ofSeconds(1));
                    slept[0] = true;
                });
            } catch (TimeoutException e) {
                assertThat(slept[0]).isFalse();
                return;
            }
            assertThat(slept[0]).isTrue();
        });
    }

    @Test
    void a_failure_ends_a_sibling_wherever_it_is() {
        exploreAll(() -> assertThatThrownBy(() -> gather(
                        () -> {
                            throw new IllegalStateException("failed");
                        },
                        () -> {
                            try (Tracked _ = Tracked.open("a resource")) {
                                sleep(ofSeconds(1));
                            }
                        }))
                .isInstanceOf(IllegalStateException.class));
    }

    @Test
    void foreign_code_ends_by_the_interrupt_of_a_cancellation_and_by_nothing_else() {
        exploreAll(() -> TaskGroup.run(group -> {
            Task<?> task = group.start("task", () -> new ForeignLatch("a read").await());
            checkpoint();
            task.cancel("enough");
        }));
    }

    @Test
    void a_race_has_one_winner_and_each_other_value_is_discarded() {
        exploreAll(() -> race(List.of(1, 2), Small::connection, Tracked::close).close());
    }

    @Test
    void an_iteration_that_is_left_early_leaves_nothing_running() {
        exploreAll(() -> {
            try (var results = asCompleted(List.of(1, 2), Small::wait)) {
                assertThat(results.iterator().next()).isIn(1, 2);
            }
        });
    }

    private static final class Small {
        static Tracked connection(int number) {
            return Tracked.open("connection " + number);
        }

        static int wait(int number) {
            checkpoint();
            return number;
        }
    }
}
