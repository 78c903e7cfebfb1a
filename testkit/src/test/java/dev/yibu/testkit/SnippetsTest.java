package dev.yibu.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The examples do what the documents say. */
class SnippetsTest {

    private static Events run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents();
    }

    @Test
    void the_example_of_virtual_time_passes() {
        run(Snippets.Times.class).assertStatistics(stats -> stats.started(1).succeeded(1));
    }

    @Test
    void the_example_of_an_exploration_finds_the_lost_deposit_and_its_replay_shows_it_again() {
        run(Snippets.Races.class).assertStatistics(stats -> stats.failed(1));
        run(Snippets.Replays.class).assertStatistics(stats -> stats.failed(1));
    }

    @Test
    void the_example_of_an_exploration_between_accesses_finds_the_lost_visit() {
        run(Snippets.Accesses.class).assertStatistics(stats -> stats.failed(1));
    }

    @Test
    void the_example_of_cancelling_everywhere_passes() {
        run(Snippets.CopyTest.class).assertStatistics(stats -> stats.started(1).succeeded(1));
    }

    @VirtualTime
    void the_example_of_a_foreign_latch_passes() {
        Snippets.foreignLatch();
    }

    @VirtualTime
    void the_example_of_a_tracked_resource_passes() {
        Snippets.tracked();
    }

    @Test
    void the_example_of_a_flaky_coroutine_passes() throws IOException {
        Snippets.flaky();
    }

    @Test
    void the_example_of_an_exploration_without_junit_passes() {
        Snippets.exploration();
    }

    /** Each fenced block of Java in docs/testing.md is a region of this class's examples, but for its indentation. */
    @Test
    void the_code_in_the_guide_to_testing_is_that_of_the_examples() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Path guide = root.resolve("docs/testing.md");
        if (Files.notExists(guide)) {
            guide = root.resolve("../docs/testing.md");
            root = root.resolve("..");
        }
        String examples = Files.readString(root.resolve("testkit/src/test/java/dev/yibu/testkit/Snippets.java"));
        List<String> blocks = new ArrayList<>();
        Matcher fence = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(guide));
        while (fence.find()) {
            blocks.add(fence.group(1));
        }
        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(block -> assertThat(dense(examples)).contains(dense(block)));
    }

    private static String dense(String code) {
        return code.replaceAll("(?m)^\\s+", "");
    }
}
