package dev.yibu.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Experiments that run in one JVM, in which their servers are started once. A suite that is selected gets a JVM of its own.
 */
record Suite(String name, List<String> experiments, Opening opening) {
    /** Starts what the experiments of a suite have in common. */
    interface Opening {
        Open open() throws Exception;
    }

    /** A suite in use. */
    interface Open extends Closeable {
        Experiment named(String name) throws Exception;

        @Override
        default void close() throws IOException {}
    }

    /** In the order in which they run. */
    static final List<Suite> ALL = List.of(
            new Suite("tasks", TaskExperiments.NAMES, () -> TaskExperiments::named),
            new Suite("together", SyncExperiments.NAMES, () -> SyncExperiments::named),
            new Suite("studies", SharedExperiments.NAMES, () -> SharedExperiments::named),
            new Suite("files", FileExperiments.NAMES, () -> FileExperiments::named),
            new Suite("http", HttpExperiments.NAMES, HttpExperiments::new),
            new Suite("sql", SqlExperiments.NAMES, SqlExperiments::new),
            new Suite("crawl", CrawlExperiments.NAMES, CrawlExperiments::new));

    /** What a quick run is about. */
    static final List<String> QUICK = List.of(
            "gather-1",
            "gather-1000",
            "group",
            "sleep",
            "heap",
            "timeout",
            "cancel",
            "context",
            "channel-buffered",
            "channel-rendezvous",
            "ping-pong",
            "generator",
            "fan-out",
            "semaphore",
            "files",
            "http-100",
            "speed-http",
            "queries-100",
            "speed-sql");

    /** The names of all experiments. */
    static List<String> names() {
        return ALL.stream().flatMap(suite -> suite.experiments().stream()).toList();
    }

    /**
     * The experiments that have one of these names, or begin so if none has it; each once.
     *
     * @throws IllegalArgumentException if there is no such experiment; tells which there are
     */
    static List<String> matching(List<String> wanted) {
        List<String> matching = new ArrayList<>();
        for (String name : wanted) {
            List<String> found = names().contains(name)
                    ? List.of(name)
                    : names().stream().filter(known -> known.startsWith(name)).toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException(
                        "there is no experiment \"%s\". The experiments are:%n%s".formatted(name, listing()));
            }
            matching.addAll(found);
        }
        return names().stream().filter(matching::contains).toList();
    }

    /** An experiment with its suite, which nobody closes: for a JVM that does nothing else. */
    static Experiment open(String name) throws Exception {
        return selected(List.of(name)).getFirst().opening.open().named(name);
    }

    /** The suites that have some of these experiments, and only those of them. */
    static List<Suite> selected(List<String> names) {
        return ALL.stream()
                .map(suite -> new Suite(
                        suite.name,
                        suite.experiments.stream().filter(names::contains).toList(),
                        suite.opening))
                .filter(suite -> !suite.experiments.isEmpty())
                .toList();
    }

    /** The names, a line for each suite. */
    static String listing() {
        StringBuilder lines = new StringBuilder();
        for (Suite suite : ALL) {
            lines.append("  %-9s %s%n".formatted(suite.name() + ":", String.join(" ", suite.experiments())));
        }
        return lines.toString();
    }
}
