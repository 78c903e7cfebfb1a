package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Message.Failure;
import dev.yibu.benchmarks.Message.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code yibu bench}: all comparisons, one suite after the other, each in a JVM of its own; the results go to standard output
 * and into files.
 */
@Command(
        name = "yibu bench",
        description = "Measures Yibu beside other ways to do the same work, which take turns in each experiment.",
        footer = {
            "",
            "Prints tables, and writes results.json, README.md and charts into benchmarks/results, or, if not all experiments"
                    + " have run, into benchmarks/results/part. Ctrl-C ends it; the experiments that had ended are written.",
            "Python and Go programs compete where python3 and go are installed."
        })
final class Bench implements Callable<Integer> {
    /** The exit statuses of a JVM that was asked to end, as this one is when it is Ctrl-C that asks. */
    private static final Set<Integer> ASKED_TO_END = Set.of(129, 130, 143);

    @Mixin
    private final Selection selection = new Selection();

    @Option(
            names = "--heap",
            paramLabel = "MB",
            description = "Heap of the JVMs that measure; if not given, 8192, or half of the machine's memory.")
    private int heap = Child.usualHeap();

    @Option(names = "--results", paramLabel = "FOLDER", description = "Where to write instead.")
    private @Nullable Path results;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final List<String> arguments;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    // What has been measured so far; also read when the JVM is asked to end.
    private final List<Result> measured = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private @Nullable Machine machine;
    private boolean written;

    private Bench(String... arguments) {
        this.arguments = List.of(arguments);
    }

    public static void main(String[] arguments) {
        int status = Selection.execute(new Bench(arguments), arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> names = selection.experiments();
        if (selection.list()) {
            out.print(Suite.listing());
            return 0;
        }
        Thread ending = new Thread(() -> write(false));
        Runtime.getRuntime().addShutdownHook(ending);
        Narrator narrator = new Narrator(names);
        for (Suite suite : Suite.selected(names)) {
            int status = Child.run(suite, heap, selection.pace(), message -> hear(message, narrator));
            if (ASKED_TO_END.contains(status)) {
                return status;
            }
            missing(suite, status);
        }
        write(selection.isEverything());
        return failures.isEmpty() ? 0 : 1;
    }

    private synchronized void hear(Message message, Narrator narrator) {
        if (message.machine() != null && machine == null) {
            machine = message.machine();
            out.println(machine.text());
        }
        if (message.progress() instanceof Progress progress) {
            narrator.round(progress);
        }
        if (message.failure() instanceof Failure failure) {
            narrator.end();
            failures.add(failure);
        }
        if (message.result() instanceof Result result) {
            narrator.end();
            measured.add(result);
            out.println("\n" + Table.of(result));
        }
    }

    /** A JVM that ended early owes the results of the rest. */
    private synchronized void missing(Suite suite, int status) {
        for (String name : suite.experiments()) {
            if (measured.stream().noneMatch(result -> result.experiment().equals(name))
                    && failures.stream()
                            .noneMatch(failure -> failure.experiment().equals(name))) {
                failures.add(new Failure(name, "its JVM ended with exit status " + status));
            }
        }
    }

    /** Once: what is left of a run that is broken off counts as a part. */
    private synchronized void write(boolean whole) {
        if (written || measured.isEmpty() && failures.isEmpty()) {
            return;
        }
        written = true;
        Report report = new Report(
                Report.SCHEMA,
                Commit.describe(home()),
                String.join(" ", "./yibu bench", String.join(" ", arguments)).strip(),
                selection.pace().quick(),
                whole && failures.isEmpty(),
                started.toString(),
                started.until(Instant.now(), ChronoUnit.SECONDS),
                machine,
                Child.options(heap),
                measured,
                failures);
        Path folder =
                results != null ? results : home().resolve("benchmarks/results" + (report.whole() ? "" : "/part"));
        try {
            Page.write(report, folder);
        } catch (IOException e) {
            System.err.println("yibu bench: can't write to " + folder + ": " + e);
            return;
        }
        failures.forEach(failure ->
                System.err.println("yibu bench: no result of " + failure.experiment() + ": " + failure.reason()));
        System.err.printf(
                "yibu bench: %d experiments in %d s; see %s%n",
                measured.size(), report.seconds(), folder.resolve("README.md"));
    }

    private static Path home() {
        return Path.of(System.getProperty("yibu.home", "."));
    }
}
