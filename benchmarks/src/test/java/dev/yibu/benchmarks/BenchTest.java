package dev.yibu.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code yibu bench}, as a process. */
@Timeout(120)
class BenchTest {
    @TempDir
    private Path folder;

    @Test
    void lists_the_experiments_of_each_suite() throws Exception {
        Outcome outcome = bench("--list");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.output()).isEqualTo(Suite.listing());
        assertThat(outcome.output().lines()).anySatisfy(line -> assertThat(line).startsWith("  tasks:    gather-1 "));
    }

    @Test
    void an_unknown_name_is_an_error_that_lists_those_that_there_are() throws Exception {
        Outcome outcome = bench("gather-1", "swim");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors())
                .startsWith("yibu bench: there is no experiment \"swim\". The experiments are:\n")
                .contains(Suite.listing())
                .doesNotContain("Exception");
    }

    @Test
    void wrong_arguments_are_an_error_that_says_what_is_wrong() throws Exception {
        assertThat(bench("--fast").errors()).startsWith("yibu bench: Unknown option: '--fast'\nUsage: yibu bench ");
        Outcome outcome = bench("--rounds", "0", "gather-1");
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).startsWith("yibu bench: --rounds has to be at least 1, not 0\n");
    }

    @Test
    void a_run_of_one_experiment_prints_its_table_and_writes_its_files_as_a_part() throws Exception {
        Outcome outcome = bench("--heap", "64", "--warmup", "0", "--rounds", "2", "mutex");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .contains("### mutex: time per pair of acquire and release", "| ReentrantLock |", "| Yibu |");
        assertThat(outcome.errors()).startsWith("[1/1] mutex ..").contains("yibu bench: 1 experiments in ");
        Path part = folder.resolve("benchmarks/results/part");
        JsonNode json = new ObjectMapper().readTree(part.resolve("results.json").toFile());
        assertThat(json.path("whole").asBoolean(true)).isFalse();
        assertThat(json.path("command").asText()).isEqualTo("./yibu bench --heap 64 --warmup 0 --rounds 2 mutex");
        assertThat(json.path("results").get(0).path("competitors").get(0).path("values"))
                .hasSize(2);
        assertThat(Files.readString(part.resolve("README.md"))).contains("This is a part of the experiments.");
        assertThat(part.resolve("overview.svg")).isNotEmptyFile();
        assertThat(part.resolve("together.svg")).isNotEmptyFile();
    }

    private record Outcome(int status, String output, String errors) {}

    private Outcome bench(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dyibu.home=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        int status = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start()
                .waitFor();
        return new Outcome(
                status,
                Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(errors, StandardCharsets.UTF_8));
    }
}
