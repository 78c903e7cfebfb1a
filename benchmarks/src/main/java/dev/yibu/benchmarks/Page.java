package dev.yibu.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A report as files: {@code results.json}, {@code README.md} with all tables, and the charts that it shows. */
final class Page {
    /** What a reader should see first. */
    private static final List<String> TELLING = List.of(
            "gather-1000", "timeout", "cancel", "channel-buffered", "ping-pong", "fan-out", "http-100", "queries-100");

    private static final Map<String, String> TITLES = Map.of(
            "tasks", "Tasks and timers",
            "together", "Tasks that work together",
            "files", "Files",
            "studies", "Studies",
            "http", "HTTP",
            "sql", "Databases",
            "crawl", "Crawling");

    private Page() {}

    /** The files by their names. */
    static Map<String, String> files(Report report) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("results.json", report.json());
        files.put("README.md", text(report));
        if (!report.results().isEmpty()) {
            files.put("overview.svg", Chart.of("Yibu beside others", overview(report)));
        }
        bySuite(report)
                .forEach((suite, results) ->
                        files.put(suite + ".svg", Chart.of(TITLES.getOrDefault(suite, suite), results)));
        return files;
    }

    /** Replaces what an earlier report has left in a folder. */
    static void write(Report report, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Suite suite : Suite.ALL) {
            Files.deleteIfExists(folder.resolve(suite.name() + ".svg"));
        }
        for (Map.Entry<String, String> file : files(report).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
    }

    private static List<Result> overview(Report report) {
        List<Result> telling = report.results().stream()
                .filter(result -> TELLING.contains(result.experiment()))
                .toList();
        return telling.isEmpty() ? report.results() : telling;
    }

    private static Map<String, List<Result>> bySuite(Report report) {
        return report.results().stream()
                .collect(Collectors.groupingBy(Result::suite, LinkedHashMap::new, Collectors.toList()));
    }

    private static String text(Report report) {
        StringBuilder text = new StringBuilder();
        text.append("# Measured\n\nBy `%s`, started %s, %d s%s.\n"
                .formatted(
                        report.command(),
                        report.started(),
                        report.seconds(),
                        report.commit() == null ? "" : ", commit " + report.commit()));
        if (report.machine() != null) {
            text.append(report.machine().text()).append(".\n");
        }
        if (!report.whole()) {
            text.append("\nThis is a part of the experiments.\n");
        }
        text.append("""

                The competitors took turns, round by round. "Yibu ÷ it" is the median of the ratios within the rounds, with the
                middle half of them in brackets; below 1, Yibu is ahead. The processor time is that of the process, the peak memory
                the most heap in use during a turn, garbage included; of Python and Go it is that of their process. What the
                experiments do is told in [benchmarks/README.md](../README.md); every round's figure is in
                [results.json](results.json).
                """);
        if (!report.results().isEmpty()) {
            text.append("\n![Yibu beside others](overview.svg)\n");
        }
        text.append(targets(report));
        bySuite(report).forEach((suite, results) -> {
            String title = TITLES.getOrDefault(suite, suite);
            text.append("\n## %s\n\n![%s](%s.svg)\n".formatted(title, title, suite));
            results.forEach(result -> text.append('\n').append(Table.of(result)));
        });
        if (!report.failures().isEmpty()) {
            text.append("\n## Without a result\n\n");
            report.failures()
                    .forEach(failure -> text.append("- %s: %s\n".formatted(failure.experiment(), failure.reason())));
        }
        return text.toString();
    }

    private static String targets(Report report) {
        List<Result> aimed = report.results().stream()
                .filter(result -> !result.targets().isEmpty())
                .toList();
        if (aimed.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("""

                ## Targets

                | experiment | against | at most | measured | |
                | --- | --- | --- | --- | --- |
                """);
        for (Result result : aimed) {
            for (Target target : result.targets()) {
                text.append("| %s | %s | %s | %s | %s |\n"
                        .formatted(
                                result.experiment(),
                                target.against(),
                                Table.number(target.atMost()),
                                result.standing(target).map(Table::number).orElse("absent"),
                                result.verdict(target)));
            }
        }
        return text.toString();
    }
}
