package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Seeds each {@link Mutation} into the core in turn, and looks whether the tests of the core notice. Takes minutes, so it
 * runs on request: {@code ./yibu test -Pmutations}. {@code -Dyibu.mutations=waist} picks those whose name contains it.
 *
 * <p>The tests run in a JVM of their own with the mutated classes in front of the class path: first those that the mutation
 * names, then all others, the quick ones first, until one fails. Those of core and those in simulated worlds don't share a
 * JVM, since the latter silence the log. A test that lasts longer than {@code -Dyibu.mutations.patience} seconds has noticed a
 * hang.
 */
class Mutations {
    private static final String ONLY = System.getProperty("yibu.mutations", "");
    private static final long PATIENCE_SECONDS = Long.getLong("yibu.mutations.patience", 60);
    private static final String SCHEDULES = System.getProperty("yibu.mutations.schedules", "1");
    private static final long LIMIT_SECONDS = Long.getLong("yibu.mutations.limit", 600);

    /** What became of one mutation. */
    private record Verdict(String name, boolean caught, String how, double seconds) {
        /** Further tests have run after those of this verdict, which noticed nothing. */
        Verdict then(Verdict next) {
            return new Verdict(next.name, next.caught, next.how, seconds + next.seconds);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%-62s %6.1f s  %s", name, seconds, how);
        }
    }

    private final Path work = Files.createTempDirectory("yibu-mutations");
    private final Path coreTests;
    private final String classPath;
    private final List<String> unitTests;
    private final List<String> simulations;

    Mutations() throws IOException, URISyntaxException {
        Path ownTests = folderOf(Mutations.class);
        coreTests = Mutation.SOURCES
                .resolve("../../..")
                .normalize()
                .resolve(ownTests.getParent().getFileName())
                .resolve("test-classes");
        // The folder of the core's classes comes before its jar: some tests look into it.
        classPath = coreTests.resolveSibling("classes")
                + File.pathSeparator
                + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                + File.pathSeparator
                + coreTests;
        unitTests = testsIn(coreTests, "\\w+");
        simulations = testsIn(ownTests, "Explored\\w+|RandomTrees");
    }

    private static Path folderOf(Class<?> type) throws URISyntaxException {
        URL location = type.getProtectionDomain().getCodeSource().getLocation();
        return Path.of(location.toURI());
    }

    private static List<String> testsIn(Path folder, String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return new ArrayList<>(files.map(file -> folder.relativize(file).toString())
                    .filter(file -> file.matches(".*[/\\\\](" + name + ")Test\\.class"))
                    .sorted()
                    .map(file -> file.replaceFirst("\\.class$", "").replace(File.separatorChar, '.'))
                    .toList());
        }
    }

    @Test
    void the_tests_notice_every_seeded_bug() throws Exception {
        List<Mutation> mutations = Mutation.all().stream()
                .filter(mutation -> mutation.name().contains(ONLY))
                .toList();
        List<Verdict> verdicts = new ArrayList<>();
        if (ONLY.isEmpty()) {
            Verdict control = control();
            System.out.println(control);
            assertThat(control.caught())
                    .as("without any seeded bug: %s", control)
                    .isFalse();
        }
        for (Mutation mutation : mutations) {
            Verdict verdict = confirmed(mutation, check(mutation));
            System.out.println(verdict);
            verdicts.add(verdict);
        }
        List<Verdict> survivors =
                verdicts.stream().filter(verdict -> !verdict.caught()).toList();
        System.out.printf("%d of %d caught%n", verdicts.size() - survivors.size(), verdicts.size());
        assertThat(survivors).as("mutations that no test has noticed").isEmpty();
    }

    /** The tests without any seeded bug; they are green, or else a failure would say nothing. */
    private Verdict control() throws Exception {
        Verdict units = run("(no bug)", List.of(), unitTests, work.resolve("control-units"));
        if (units.caught()) {
            return units;
        }
        Verdict simulated = run("(no bug)", List.of(), simulations, work.resolve("control-simulations"));
        sortByDuration(unitTests, work.resolve("control-units"));
        sortByDuration(simulations, work.resolve("control-simulations"));
        return units.then(simulated);
    }

    /** A test that fails without the bug as well has noticed nothing. One that the mutation names is trusted. */
    private Verdict confirmed(Mutation mutation, Verdict verdict) throws Exception {
        String caughtBy = verdict.how().replaceFirst("[^A-Za-z0-9_].*", "");
        if (!verdict.caught() || mutation.tests().contains(caughtBy)) {
            return verdict;
        }
        List<String> test = Stream.concat(unitTests.stream(), simulations.stream())
                .filter(name -> name.endsWith("." + caughtBy))
                .toList();
        Path report = Files.createDirectories(work.resolve("sound")).resolve(caughtBy);
        Verdict sound = test.isEmpty() ? verdict : run("(no bug)", List.of(), test, report);
        assertThat(sound.caught())
                .as("%s fails without any bug: %s", caughtBy, sound)
                .isFalse();
        return verdict;
    }

    private static void sortByDuration(List<String> tests, Path report) throws IOException {
        Map<String, Long> millis = new HashMap<>();
        for (String line : Files.readAllLines(report)) {
            String[] words = line.split(" ");
            if (words[0].equals("class")) {
                millis.put(words[2], Long.parseLong(words[1]));
            }
        }
        tests.sort(Comparator.comparingLong(test -> millis.getOrDefault(test, 0L)));
    }

    private Verdict check(Mutation mutation) throws Exception {
        Path folder = Files.createDirectories(work.resolve(mutation.name()));
        compile(mutation, folder);
        Verdict verdict = new Verdict(mutation.name(), false, "", 0);
        List<List<String>> parts = List.of(
                likely(mutation, unitTests, true),
                likely(mutation, simulations, true),
                likely(mutation, unitTests, false),
                likely(mutation, simulations, false));
        for (int i = 0; i < parts.size() && !verdict.caught(); i++) {
            if (!parts.get(i).isEmpty()) {
                verdict = verdict.then(
                        run(mutation.name(), List.of(folder), parts.get(i), folder.resolve("report-" + i)));
            }
        }
        return verdict;
    }

    /** Those tests that the mutation names, in its order, or all the others. */
    private static List<String> likely(Mutation mutation, List<String> tests, boolean named) {
        Map<String, String> bySimpleName = new LinkedHashMap<>();
        tests.forEach(test -> bySimpleName.put(test.substring(test.lastIndexOf('.') + 1), test));
        List<String> first = mutation.tests().stream()
                .map(bySimpleName::get)
                .filter(Objects::nonNull)
                .toList();
        return named
                ? first
                : tests.stream().filter(test -> !first.contains(test)).toList();
    }

    /** Compiles the mutated file against the sound classes, which are on the class path. */
    private void compile(Mutation mutation, Path folder) throws IOException {
        Path source = Files.createDirectories(
                        folder.resolve("source").resolve(mutation.source()).getParent())
                .resolve(mutation.target().getFileName());
        Files.writeString(source, mutation.apply());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int errors = compiler.run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-Xlint:none",
                "-cp",
                classPath,
                "-d",
                folder.toString(),
                source.toString());
        if (errors != 0) {
            throw new IllegalStateException(mutation + " does not compile");
        }
    }

    /** Runs tests in a JVM of their own. */
    private Verdict run(String name, List<Path> inFront, List<String> tests, Path report) throws Exception {
        StringJoiner path = new StringJoiner(File.pathSeparator);
        inFront.forEach(folder -> path.add(folder.toString()));
        path.add(classPath);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx2g",
                "-Dyibu.explore.factor=" + SCHEDULES,
                "-cp",
                path.toString(),
                UntilFailure.class.getName(),
                report.toString(),
                Long.toString(PATIENCE_SECONDS)));
        command.addAll(tests);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(coreTests.resolve("../..").normalize().toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        report.resolveSibling(report.getFileName() + ".log").toFile())
                .start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return verdict(name, ended, report, (System.nanoTime() - start) / 1e9);
    }

    private static Verdict verdict(String name, boolean ended, Path report, double seconds) throws IOException {
        List<String> lines = Files.exists(report) ? Files.readAllLines(report) : List.of();
        String last = lines.isEmpty() ? "" : lines.getLast();
        String rest = last.substring(last.indexOf(' ') + 1);
        if (last.startsWith("failed ")) {
            return new Verdict(name, true, rest, seconds);
        }
        if (last.startsWith("hung ")) {
            return new Verdict(name, true, rest + " (hangs)", seconds);
        }
        if (last.startsWith("green ")) {
            return new Verdict(name, false, "nobody, of " + rest + " tests", seconds);
        }
        String what = ended ? "the JVM ended without a verdict" : "no verdict in " + LIMIT_SECONDS + " s";
        return new Verdict(name, false, what + ", see " + report + ".log", seconds);
    }
}
