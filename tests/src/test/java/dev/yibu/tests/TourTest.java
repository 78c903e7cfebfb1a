package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.tests.CliTestProgram.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code yibu tour} and the examples. */
@Timeout(120)
class TourTest {
    private static final String ESCAPE = "\u001b";

    @TempDir
    private Path folder;

    @Test
    void every_section_prints_what_it_says() throws Exception {
        List<String> sections = sections(false);
        assertThat(sections).hasSizeGreaterThanOrEqualTo(20);

        Result tour = yibu("tour");

        String rest = assertVisited(tour, sections);
        assertThat(rest.substring(rest.indexOf("One after the other")))
                .containsPattern("(?m)^gather +\\d\\.\\d\\d s +0\\.[6-9]\\d s +\\d\\.\\d x$")
                .containsPattern("(?m)^timeout +\\d\\.\\d\\d s +it gives up early$")
                .endsWith("More, on request: ./yibu tour " + String.join(" ", names(sections(true))) + "\n");
    }

    @Test
    void every_section_on_request_prints_what_it_says() throws Exception {
        List<String> sections = sections(true);
        assertThat(sections).hasSizeGreaterThanOrEqualTo(5);

        List<String> arguments = new ArrayList<>(names(sections));
        arguments.addFirst("tour");
        Result tour = yibu(arguments.toArray(String[]::new));

        assertThat(assertVisited(tour, sections)).doesNotContain("on request");
    }

    /** Asserts that these sections were shown, in their order, and went well; returns the output from the last one on. */
    private static String assertVisited(Result tour, List<String> sections) throws IOException {
        assertThat(tour.status()).as(tour.output() + tour.errors()).isZero();
        assertThat(tour.output()).doesNotContain(ESCAPE, "WRONG");
        String rest = tour.output();
        for (String section : sections) {
            String source = resource(section + ".java");
            assertThat(rest).contains(source.lines().findFirst().orElseThrow().substring(3));
            rest = rest.substring(rest.indexOf("/" + section + ".java"));
            assertThat(rest).containsSubsequence(expectedLines(source));
        }
        assertThat(rest).contains("One after the other", sections.size() + " sections in");
        return rest;
    }

    /** What sections are called on the command line. */
    private static List<String> names(List<String> sections) {
        return sections.stream()
                .map(section -> section.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT))
                .toList();
    }

    private static List<String> expectedLines(String source) {
        return source.substring(source.indexOf("\n// Output:\n") + 12)
                .lines()
                .map(line -> "  > " + line.substring(3) + "\n")
                .toList();
    }

    @Test
    void a_section_is_compared_with_its_steps_or_says_why_not() throws Exception {
        String compared = """
                // Steps
                // Has steps.

                // @start region=tour
                void main() {}
                // @end
                void oneAfterTheOther() {}
                // Output:
                """;
        String neither = compared.replace("void oneAfterTheOther() {}\n", "");
        String told = neither.replace("// Output", "// Not compared: it is quick\n// Output");
        String both = compared.replace("// Output", "// Not compared: it is quick\n// Output");

        assertThat(tour(Map.of(), List.of(examples(Map.of("Compared", compared, "Told", told))))
                        .output())
                .contains(" s; one after the other 0.00 s: ", " s; not compared, since it is quick\n");
        for (String wrong : List.of(neither, both)) {
            assertThat(tour(Map.of(), List.of(examples(Map.of("Unsure", wrong)))))
                    .isEqualTo(new Result(
                            1,
                            "",
                            "yibu: Unsure.java is no example for the tour: see the first lines of sections.txt\n"));
        }
    }

    @Test
    void the_examples_are_the_files_in_their_folder() throws Exception {
        try (Stream<Path> files = Files.list(repository().resolve("examples/src/main/java"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(sections().stream()
                            .map(section -> section + ".java")
                            .toList());
        }
    }

    @Test
    void an_example_can_be_run_by_itself() throws Exception {
        Result result = yibu(
                "run",
                repository().resolve("examples/src/main/java/Gather.java").toString());

        assertThat(result)
                .isEqualTo(new Result(0, "noodles after 200 ms\ntea after 100 ms\ndumplings after 300 ms\n", ""));
    }

    @Test
    void the_list_has_a_line_for_each_section_in_order() throws Exception {
        Result result = yibu("tour", "--list");

        assertThat(result.status()).isZero();
        assertThat(result.output().lines()).hasSize(sections().size());
        assertThat(result.output())
                .containsSubsequence("  what-is-asynchronous ", "  gather ", "  timeout ", "  speed-up ")
                .containsPattern("(?m)^  work-queue .* \\(on request\\)$");
    }

    @Test
    void sections_can_be_chosen() throws Exception {
        Result result = yibu("tour", "gather", "decision-flow");

        assertThat(result.status()).isZero();
        assertThat(result.output())
                .startsWith("-- 1/2  gather: all at once, wait for all --")
                .contains("        IO.println", "  > tea after 100 ms\n", "-- 2/2  Which tool", "2 sections in")
                .containsPattern("\\d\\.\\d\\d s; one after the other 0\\.[6-9]\\d s: ");
    }

    /** The whole tour gives it a tenth of the time. */
    @Test
    void ten_requests_of_a_second_take_about_a_second_instead_of_ten() throws Exception {
        Result result = yibu("tour", "speed-up");

        assertThat(result.status()).as(result.output() + result.errors()).isZero();
        assertThat(result.output()).containsPattern("  [1-3]\\.\\d\\d s; one after the other 1\\d\\.\\d\\d s: ");
    }

    @Test
    void a_section_that_does_not_exist_gets_the_list_and_exit_status_2() throws Exception {
        Result result = yibu("tour", "gather", "scatter");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).contains("no section \"scatter\"", "  as-completed ", "  decision-flow ");
    }

    @Test
    void colours_are_for_terminals_and_those_who_force_them() throws Exception {
        assertThat(tour(Map.of("CLICOLOR_FORCE", "1"), List.of(), "decision-flow")
                        .output())
                .contains(ESCAPE + "[1m");
        assertThat(tour(Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1"), List.of(), "decision-flow")
                        .output())
                .doesNotContain(ESCAPE);
    }

    @Test
    void a_section_that_prints_something_else_than_it_should_is_shown_and_makes_the_exit_status_1() throws Exception {
        Path examples = examples(Map.of("Right", """
                // Right
                // Prints what it should.

                // @start region=tour
                void main() {
                    IO.print("right");
                }
                // @end
                // Not compared: it has no steps
                // Output:
                // right
                """, "Wrong", """
                // Wrong
                // Prints something else.

                // @start region=tour
                void main() {
                    IO.println("five");
                }
                // @end

                void oneAfterTheOther() {}

                // Output:
                // four
                """));

        Result result = tour(Map.of(), List.of(examples));

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output())
                .containsSubsequence("  > right\n", "  > five\n", "It should print:\n", "  > four\n", "WRONG")
                .contains("1 of 2 sections went wrong.")
                .containsPattern("(?m)^wrong .*WRONG$");
        assertThat(tour(Map.of(), List.of(examples), "right").status()).isZero();
    }

    @Test
    void a_section_that_fails_is_shown_and_the_tour_goes_on() throws Exception {
        Path examples = examples(Map.of("Failing", """
                // Failing
                // Throws.

                // @start region=tour
                void main() {
                    dev.yibu.Async.run(() -> { throw new IllegalStateException("broken"); });
                }
                // @end
                // Not compared: it has no steps
                // Output:
                """, "Right", """
                // Right
                // Prints what it should.

                // @start region=tour
                void main() {
                    IO.println("right");
                }
                // @end
                // Not compared: it has no steps
                // Output:
                // right
                """));

        Result result = tour(Map.of(), List.of(examples));

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).containsSubsequence("Failing", "WRONG", "  > right\n", "1 of 2 sections");
        assertThat(result.errors())
                .startsWith("java.lang.IllegalStateException: broken\n\tat Failing.")
                .doesNotContain("dev.yibu");
    }

    @Test
    void an_example_that_is_not_there_is_told_in_one_line() throws Exception {
        Path examples = examples(Map.of());
        Files.writeString(examples.resolve("tour/sections.txt"), "# none\n\nGone\n");

        assertThat(tour(Map.of(), List.of(examples)))
                .isEqualTo(new Result(1, "", "yibu: the examples lack tour/Gone.java\n"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrl_c_ends_the_tour_with_130() throws Exception {
        try (CliTestProgram program = CliTestProgram.start(folder, "tour", "using", "gather")) {
            program.awaitLine("  > in use by Ada");
            program.signal("INT");

            Result result = program.finish();
            assertThat(result.status()).isEqualTo(130);
            assertThat(result.output()).endsWith("  > closed\n");
            assertThat(result.errors()).isEmpty();
        }
    }

    private Result yibu(String... arguments) throws Exception {
        try (CliTestProgram program = CliTestProgram.start(folder, arguments)) {
            return program.finish();
        }
    }

    private Result tour(Map<String, String> environment, List<Path> classPath, String... sections) throws Exception {
        String[] arguments =
                Stream.concat(Stream.of("tour"), Stream.of(sections)).toArray(String[]::new);
        try (CliTestProgram program = CliTestProgram.start(folder, environment, classPath, arguments)) {
            return program.finish();
        }
    }

    /** A folder of other examples, in the order of their names. */
    private Path examples(Map<String, String> sources) throws IOException {
        Path examples = Files.createDirectories(folder.resolve("examples"));
        Path tour = Files.createDirectories(examples.resolve("tour"));
        Files.write(
                tour.resolve("sections.txt"), sources.keySet().stream().sorted().toList());
        for (var source : sources.entrySet()) {
            Path file = Files.writeString(tour.resolve(source.getKey() + ".java"), source.getValue());
            int status = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-proc:none",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            examples.toString(),
                            file.toString());
            assertThat(status).isZero();
        }
        return examples;
    }

    private static List<String> sections() throws IOException {
        return Stream.of(sections(false), sections(true)).flatMap(List::stream).toList();
    }

    private static List<String> sections(boolean onRequest) throws IOException {
        return resource("sections.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#") && line.startsWith("+ ") == onRequest)
                .map(line -> onRequest ? line.substring(2) : line)
                .toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = TourTest.class.getResourceAsStream("/tour/" + name)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Path repository() {
        Path path = Path.of("").toAbsolutePath();
        while (!Files.exists(path.resolve("yibu"))) {
            path = path.getParent();
        }
        return path;
    }
}
