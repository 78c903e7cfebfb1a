package dev.yibu.tests;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import dev.yibu.testkit.Explore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Groups forget children that have ended, and nobody else. */
class ExploredBatchTest {
    private static final int MANY = 200;

    private static List<Integer> numbers() {
        return IntStream.range(0, MANY).boxed().toList();
    }

    /** As many, but nobody is told how many. */
    private static Iterable<Integer> uncounted() {
        return numbers()::iterator;
    }

    @Explore(seeds = 100)
    void a_failure_in_a_large_batch_reaches_the_oldest_of_its_siblings() {
        Instant start = clock().instant();

        assertThatThrownBy(() -> run(() -> gather(uncounted(), number -> {
                    if (number == MANY - 1) {
                        throw new IllegalStateException("the last one fails");
                    }
                    sleep(Duration.ofHours(1));
                    return number;
                })))
                .isInstanceOf(IllegalStateException.class);

        assertThat(clock().instant()).isEqualTo(start);
    }

    @Explore(seeds = 100)
    void the_results_of_a_large_batch_are_in_order_though_the_oldest_ends_last() {
        List<Integer> results = run(() -> gather(uncounted(), number -> {
            sleep(Duration.ofSeconds(MANY - number));
            return number;
        }));

        assertThat(results).isEqualTo(numbers());
    }

    @Explore(seeds = 100)
    void a_failure_in_a_group_reaches_a_task_that_is_older_than_those_which_have_left() {
        Instant start = clock().instant();

        assertThatThrownBy(() -> run(() -> TaskGroup.run(group -> {
                    group.start("leaves first", () -> {});
                    group.start("stays", () -> sleep(Duration.ofHours(1)));
                    sleep(Duration.ofSeconds(1));
                    group.start("comes last", () -> {
                        throw new IllegalStateException("failed");
                    });
                    sleep(Duration.ofHours(1));
                })))
                .isInstanceOf(IllegalStateException.class);

        assertThat(clock().instant()).isEqualTo(start.plusSeconds(1));
    }
}
