package dev.yibu.testkit;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.yibu.TaskGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an exploration finds, and how it tells. */
@Timeout(120)
class ExplorationTest {

    private static final class Counter {
        private int value;

        void increment() {
            int read = value;
            checkpoint();
            value = read + 1;
        }
    }

    private static void twoIncrement() {
        Counter counter = new Counter();
        run(() -> gather(counter::increment, counter::increment));
        assertThat(counter.value).isEqualTo(2);
    }

    private static String scheduleIn(SimulationFailure failure) {
        Matcher matcher = Pattern.compile("@Replay\\(\"(.*?)\"\\)").matcher(String.valueOf(failure.getMessage()));
        assertThat(matcher.find()).as(failure.getMessage()).isTrue();
        return matcher.group(1);
    }

    private static SimulationFailure failureOf(Exploration exploration) {
        SimulationFailure failure = catchThrowableOfType(SimulationFailure.class, exploration::run);
        assertThat(failure).as("no failure").isNotNull();
        return failure;
    }

    @Test
    void the_lost_update_of_two_tasks_is_found_within_100_seeds_and_replays_identically_1000_times() {
        Exploration exploration = Exploration.of(ExplorationTest::twoIncrement).seeds(1, 100);

        SimulationFailure failure = failureOf(exploration);

        assertThat(failure).hasMessageContaining("what happened:").cause().hasMessageContaining("expected: 2");
        String schedule = scheduleIn(failure);
        Set<String> traces = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            traces.add(exploration.trace(schedule));
        }
        assertThat(traces).hasSize(1);
        assertThat(failureOf(exploration.replay(schedule)))
                .hasMessageEndingWith(traces.iterator().next());
    }

    @Test
    void each_strategy_finds_the_lost_update() {
        for (Strategy strategy : List.of(Strategy.RANDOM, Strategy.PRIORITIES, Strategy.EXHAUSTIVE)) {
            Exploration exploration = Exploration.of(ExplorationTest::twoIncrement)
                    .strategy(strategy)
                    .preemptions(1)
                    .seeds(1, 1_000);
            SimulationFailure failure = failureOf(exploration);
            assertThat(failureOf(exploration.replay(scheduleIn(failure)))).hasMessageContaining("expected: 2");
        }
    }

    @Test
    void an_exhaustive_search_without_failure_says_whether_it_was_complete() {
        Exploration exploration = Exploration.of(() -> run(() -> gather(() -> checkpoint(), () -> checkpoint())))
                .strategy(Strategy.EXHAUSTIVE);

        Exploration.Report all = exploration.seeds(1, 1_000_000).preemptions(3).run();
        Exploration.Report some = exploration.seeds(1, 3).run();

        assertThat(all.complete()).isTrue();
        assertThat(all.schedules()).isGreaterThan(3);
        assertThat(some.complete()).isFalse();
        assertThat(some.schedules()).isEqualTo(3);
    }

    @Test
    void an_exhaustive_search_may_be_cancelled_everywhere_although_the_program_then_chooses_otherwise() {
        Exploration.Report report = Exploration.of(() -> run(() -> gather(() -> checkpoint(), () -> checkpoint())))
                .strategy(Strategy.EXHAUSTIVE)
                .cancelEverywhere(1_000)
                .run();

        assertThat(report.complete()).isTrue();
        assertThat(report.cancellations()).isGreaterThan(100);
    }

    @Test
    void the_trace_says_where_somebody_waits_or_loses_the_turn_and_where_the_simulation_fails() {
        Exploration exploration = Exploration.of(() -> run(() -> gather(() -> checkpoint(), () -> checkpoint())));
        assertThat(exploration.trace("random/1"))
                .containsPattern("gives way, at ExplorationTest.java:\\d+")
                .containsPattern("waits for the tasks of gather, at ExplorationTest.java:\\d+");
        Exploration stuck = Exploration.of(() -> run(() -> {
            new dev.yibu.lowlevel.Suspension<Void>(
                            java.util.Objects.requireNonNull(dev.yibu.lowlevel.Strand.current()), "nothing")
                    .awaitUncancellably();
        }));
        assertThat(stuck.trace("random/1")).contains("the simulation has failed; what follows is its unwinding");
    }

    @Test
    void an_hour_of_sleeping_takes_no_time_and_an_hour_of_virtual_time() {
        List<Instant> instants = new ArrayList<>();
        Exploration.Report report = Exploration.of(() -> run(() -> {
                    instants.add(clock().instant());
                    for (int i = 0; i < 3_600; i++) {
                        sleep(Duration.ofSeconds(1));
                    }
                    instants.add(clock().instant());
                }))
                .strategy(Strategy.IN_ORDER)
                .run();

        assertThat(report.virtualTime()).isEqualTo(Duration.ofHours(1));
        assertThat(Duration.between(instants.getFirst(), instants.getLast())).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void ten_thousand_tasks_sleep_ten_times_each() {
        List<Integer> items =
                java.util.stream.IntStream.range(0, 10_000).boxed().toList();
        Exploration.Report report = Exploration.of(() -> run(() -> forEach(items, item -> {
                    for (int i = 0; i < 10; i++) {
                        sleep(Duration.ofMillis(1 + (item + i) % 7));
                    }
                })))
                .strategy(Strategy.IN_ORDER)
                .run();

        assertThat(report.virtualTime()).isGreaterThan(Duration.ofMillis(30));
    }

    @Test
    void two_tasks_that_await_each_other_are_named() {
        SimulationFailure failure = failureOf(Exploration.of(() -> run(() -> TaskGroup.run(group -> {
            List<dev.yibu.Task<?>> tasks = new ArrayList<>();
            tasks.add(group.start("left", () -> {
                checkpoint();
                tasks.get(1).await();
            }));
            tasks.add(group.start("right", () -> {
                checkpoint();
                tasks.get(0).await();
            }));
        }))));

        assertThat(failure).cause().isInstanceOf(dev.yibu.DeadlockException.class);
        assertThat(failure).hasMessageContaining("\"left\"").hasMessageContaining("\"right\"");
    }

    @Test
    void a_timeout_in_virtual_time_ends_a_call_that_hangs_in_foreign_code() {
        Exploration.Report report = Exploration.of(() -> run(() -> {
                    ForeignLatch socket = new ForeignLatch("a socket's read");
                    assertThatThrownBy(() -> timeout(Duration.ofMinutes(5), () -> socket.await()))
                            .isInstanceOf(dev.yibu.TimeoutException.class);
                }))
                .run();

        assertThat(report.virtualTime()).isEqualTo(Duration.ofMinutes(5));
    }
}
