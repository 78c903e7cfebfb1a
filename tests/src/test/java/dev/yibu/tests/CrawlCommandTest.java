package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code yibu crawl} in a process of its own, mostly on the website that comes with the program. */
@Timeout(120)
class CrawlCommandTest {
    private static final Pattern LINE = Pattern.compile(
            "\\{\"url\":\"(http://[^\"]+)\",\"status\":200,\"title\":\"(?:[^\"\\\\]|\\\\.)*\",\"bytes\":\\d+,"
                    + "\"links\":\\d+,\"depth\":\\d+,\"millis\":\\d+,\"error\":(null|\"[^\"]*\")}");

    @TempDir
    private Path folder;

    private record Result(int status, String output, String errors) {}

    private Result crawl(String... arguments) throws Exception {
        return finish(start(arguments));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (ignoresInterrupts()) {
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.yibu.cli.Main", "crawl"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("output").toFile())
                .redirectError(folder.resolve("errors").toFile())
                .start();
    }

    /** Whether a child would ignore Ctrl-C, as everything does that a shell has started in the background. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }

    private Result finish(Process process) throws Exception {
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS))
                    .as("ended in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(
                process.exitValue(),
                Files.readString(folder.resolve("output")),
                Files.readString(folder.resolve("errors")));
    }

    @Test
    void without_a_url_it_crawls_real_pages_and_reports_the_speed_up() throws Exception {
        Result crawl = crawl("--max-pages", "60", "--concurrency", "30", "--sample", "4");

        assertThat(crawl.errors()).contains("yibu: serving the Javadoc of Eclipse Collections, 3,744 pages");
        assertThat(crawl.status()).as(crawl.toString()).isZero();
        List<String> lines = Files.readAllLines(folder.resolve("pages.jsonl"));
        assertThat(lines).hasSize(60).allMatch(line -> LINE.matcher(line).matches());
        assertThat(lines.stream().map(CrawlCommandTest::url)).doesNotHaveDuplicates();
        assertThat(lines.getFirst()).contains("/index.html", "\"depth\":0", "Overview (Eclipse Collections - 13.0.0)");
        assertThat(crawl.output())
                .containsPattern("(?m)^60 pages in pages\\.jsonl: [\\d.]+ MB, \\d errors?, [\\d.]+ s, \\d+ pages/s$")
                .containsPattern("(?m)^one after the other: 4 pages again in [\\d.]+ s, [\\d.]+ s a page$");
        assertSpeedUpIsAsComputed(crawl.output());
    }

    private static void assertSpeedUpIsAsComputed(String out) {
        Matcher speedUp = Pattern.compile("(?m)^speed-up: ([\\d.]+) s x 60 pages / ([\\d.]+) s = ([\\d.]+)$")
                .matcher(out);
        assertThat(speedUp.find()).as(out).isTrue();
        double each = Double.parseDouble(speedUp.group(1));
        double wall = Double.parseDouble(speedUp.group(2));
        assertThat(each).isGreaterThanOrEqualTo(0.2); // the latency
        assertThat(Double.parseDouble(speedUp.group(3))).isCloseTo(each * 60 / wall, Percentage.withPercentage(2));
    }

    private static String url(String line) {
        Matcher matcher = LINE.matcher(line);
        assertThat(matcher.matches()).isTrue();
        return matcher.group(1);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrl_c_keeps_what_was_fetched() throws Exception {
        Path pipe = folder.resolve("pages");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        List<String> lines = new ArrayList<>();
        Process process = start("--max-pages=3000", "--concurrency=5", "--out=" + pipe);
        try (BufferedReader reader = Files.newBufferedReader(pipe)) {
            while (lines.size() < 20) {
                lines.add(reader.readLine());
            }
            Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
            assertThat(kill.waitFor()).isZero();
            reader.lines().forEach(lines::add);
        }
        Result crawl = finish(process);

        assertThat(crawl.status()).as(crawl.toString()).isEqualTo(130);
        assertThat(crawl.errors()).contains("yibu: interrupted; " + lines.size() + " pages kept in " + pipe);
        assertThat(lines).allMatch(line -> LINE.matcher(line).matches());
        assertThat(lines.stream().map(CrawlCommandTest::url)).doesNotHaveDuplicates();
    }

    @Test
    void a_site_that_nobody_serves_is_told_and_exits_with_1() throws Exception {
        Result crawl =
                crawl("http://127.0.0.1:1/?token=secret", "--allow-private", "--retries", "0", "--out", "nothing");

        assertThat(crawl.status()).isEqualTo(1);
        assertThat(crawl.output())
                .contains("1 page in nothing: 0.0 MB, 1 error")
                .contains("1 x the host can't be connected to");
        assertThat(crawl.output() + crawl.errors()).doesNotContain("secret");
        assertThat(folder.resolve("nothing")).content().contains("\"status\":0");
    }

    @Test
    void a_crawl_that_is_over_is_done_again_for_what_has_changed_and_reports_in_html() throws Exception {
        String[] arguments = {
            "--json",
            "--max-pages=30",
            "--depth=1",
            "--select=heads=h1",
            "--sample=0",
            "--latency=0",
            "--report=it.html"
        };
        Result first = crawl(arguments);
        assertThat(first.status()).as(first.toString()).isZero();
        List<String> lines = first.output().lines().toList();
        assertThat(lines).hasSize(30).allMatch(CrawlCommandTest::hasFieldsOrAnError);
        assertThat(first.errors())
                .contains("30 pages in standard output", " x HTTP 200", "slowest: ", "report: it.html");
        assertThat(folder.resolve("it.html"))
                .content()
                .contains("<svg", "HTTP 200")
                .doesNotContain("href", "src=");

        Result second = crawl(arguments);
        assertThat(second.status()).as(second.toString()).isZero();
        assertThat(second.errors()).contains("yibu: crawl number 2, which asks for what has changed");
        assertThat(second.output().lines().toList())
                .hasSize(30)
                .allMatch(CrawlCommandTest::hasFieldsOrAnError)
                .noneMatch(line -> line.contains("\"status\":200") && line.contains("\"error\":null"));
        assertThat(second.output()
                        .replace("\"status\":304", "\"status\":200")
                        .replaceAll("\"millis\":\\d+", "")
                        .lines()
                        .sorted())
                .containsExactlyElementsOf(first.output()
                        .replaceAll("\"millis\":\\d+", "")
                        .lines()
                        .sorted()
                        .toList());
    }

    /** Some links of the website lead nowhere, and one to a page that is too long. */
    private static boolean hasFieldsOrAnError(String line) {
        return line.endsWith("\"error\":\"HTTP 404\"}")
                || line.endsWith("\"error\":\"longer than 10000000 bytes\"}")
                || (line.endsWith("]}}") && line.contains("\"error\":null,\"fields\":{\"heads\":["));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com|\"example.com\" is no web address; it has to look like https://example.com/start",
                "--concurrency=0|the concurrency is 0; it has to be at least 1",
                "--max-pages=0|the number of pages is 0; it has to be at least 1",
                "--retries=-1|the number of retries is -1; it has to be at least 0",
                "--sample=-1|the sample is -1; it has to be at least 0",
                "--timeout=0|the timeout is 0.0 s; it has to be more than 0",
                "--timeout=soon|is not a double",
                "--out=.|. is a folder; --out names the file to write",
                "--out=no/such/file|there is no folder",
                "--deep=3|Unknown option: '--deep=3'",
            })
    void a_wrong_argument_is_explained_and_exits_with_2(String argument, String message) throws Exception {
        Result crawl = crawl(argument);

        assertThat(crawl.status()).isEqualTo(2);
        assertThat(crawl.errors()).contains(message).contains("Usage: yibu crawl");
        assertThat(crawl.output()).isEmpty();
    }
}
