package dev.yibu.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Which experiments a command line chooses. */
class SelectionTest {
    @Test
    void a_quick_run_is_of_the_most_telling_experiments_unless_it_is_to_be_of_all() {
        assertThat(selected("--quick").experiments()).isEqualTo(Suite.QUICK);
        assertThat(selected("--quick", "--all").experiments()).isEqualTo(Suite.names());
        assertThat(selected().experiments()).isEqualTo(Suite.names());
    }

    @Test
    void a_run_of_what_was_named_is_a_part_and_one_without_names_is_not() {
        assertThat(selected("--quick").isEverything()).isTrue();
        assertThat(selected("--quick", "--all").isEverything()).isTrue();
        assertThat(selected("--all", "mutex").isEverything()).isFalse();
        assertThat(selected("--all", "mutex").experiments()).containsExactly("mutex");
    }

    private static Selection selected(String... arguments) {
        Selection selection = new Selection();
        new CommandLine(selection).parseArgs(arguments);
        return selection;
    }
}
