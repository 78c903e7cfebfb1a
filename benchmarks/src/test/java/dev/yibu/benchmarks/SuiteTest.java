package dev.yibu.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which experiments there are, and how they are chosen and paced. */
class SuiteTest {
    @Test
    void a_name_stands_for_itself_and_a_beginning_for_all_that_begin_so() {
        assertThat(Suite.matching(List.of("gather-1"))).containsExactly("gather-1");
        assertThat(Suite.matching(List.of("gather-10", "time")))
                .containsExactly("gather-10", "timeout", "timeout-busy", "timer", "timer-busy");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Suite.matching(List.of("x")))
                .withMessageContaining("\"x\"");
    }

    @Test
    void what_is_chosen_runs_once_in_the_order_of_the_suites_whatever_the_order_of_the_arguments() {
        assertThat(Suite.matching(List.of("mutex", "gather-10", "mutex", "gather-1")))
                .containsExactly("gather-1", "gather-10", "mutex");
        assertThat(Suite.selected(List.of("mutex", "gather-1")))
                .extracting(Suite::name)
                .containsExactly("tasks", "together");
    }

    @Test
    void names_are_unique_and_those_of_a_quick_run_and_of_the_targets_exist() {
        assertThat(Suite.names()).doesNotHaveDuplicates().containsAll(Suite.QUICK);
        assertThat(Suite.names()).containsAll(Target.experiments());
    }

    @Test
    void each_target_is_against_a_competitor_of_its_experiment() throws Exception {
        for (Suite suite : Suite.selected(List.copyOf(Target.experiments()))) {
            try (Suite.Open open = suite.opening().open()) {
                for (String name : suite.experiments()) {
                    try (Experiment experiment = open.named(name)) {
                        List<String> known = new ArrayList<>();
                        experiment.competitors().forEach(competitor -> known.add(competitor.name()));
                        experiment.absent().forEach(absent -> known.add(absent.name()));

                        assertThat(Target.of(name))
                                .as(name)
                                .allSatisfy(target -> assertThat(known).contains(target.against()));
                    }
                }
            }
        }
    }

    @Test
    void a_quick_run_has_few_rounds_and_ends_when_its_time_is_over_but_not_before_there_is_something_to_compare() {
        Pace quick = new Pace(null, null, true);

        assertThat(quick.warmup(8)).isEqualTo(8);
        assertThat(quick.rounds(21)).isEqualTo(9);
        assertThat(quick.rounds(1)).isEqualTo(1);
        assertThat(quick.isOver(5, 0)).isFalse();
        assertThat(quick.isOver(4, 5_000_000_000L)).isFalse();
        assertThat(quick.isOver(5, 5_000_000_000L)).isTrue();
        assertThat(quick.isOver(1, 17_000_000_000L)).isFalse();
        assertThat(quick.isOver(2, 17_000_000_000L)).isTrue();
        assertThat(quick.isWarm(0, Long.MAX_VALUE)).isFalse();
        assertThat(quick.isWarm(1, 500_000_000L)).isFalse();
        assertThat(quick.isWarm(1, 2_000_000_000L)).isTrue();
        assertThat(new Pace(null, null, false).isWarm(1, Long.MAX_VALUE)).isFalse();
        assertThat(new Pace(null, null, false).isOver(3, Long.MAX_VALUE)).isFalse();
        assertThat(new Pace(null, 9, true).isOver(3, Long.MAX_VALUE)).isFalse();
        assertThat(new Pace(1, 2, true).arguments()).isEqualTo(List.of("--warmup", "1", "--rounds", "2", "--quick"));
    }
}
