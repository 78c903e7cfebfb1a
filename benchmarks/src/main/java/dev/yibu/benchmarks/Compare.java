package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Message.Failure;
import dev.yibu.benchmarks.Message.Progress;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs experiments in this JVM with the competitors taking turns, and prints Markdown tables. On a machine that others use
 * too, its ratios say more than those of JMH, which runs one competitor after the other.
 */
@Command(name = "Compare")
final class Compare implements Callable<Integer> {
    private enum Kind {
        virtual,
        platform
    }

    @Mixin
    private final Selection selection = new Selection();

    @Option(
            names = "--thread",
            paramLabel = "virtual|platform",
            description = "What the competitors are started from; virtual if not given.")
    private Kind thread = Kind.virtual;

    @Option(names = "--json", description = "Prints lines of JSON for yibu bench.")
    private boolean json;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Compare() {}

    public static void main(String[] arguments) {
        System.exit(Selection.execute(new Compare(), arguments)); // some clients keep threads
    }

    @Override
    public Integer call() throws Exception {
        List<String> names = selection.experiments();
        if (selection.list()) {
            out.println(String.join("\n", names));
            return 0;
        }
        System.setOut(System.err); // what libraries say is no part of the tables
        Machine machine = Machine.here();
        if (json) {
            out.println(Message.of(machine).line());
        } else {
            out.printf("%s: %s%nStarted from a %s thread.%n", LocalDate.now(), machine.text(), thread);
        }
        FutureTask<Boolean> running = new FutureTask<>(() -> runAll(names));
        (thread == Kind.virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(running);
        return running.get() ? 0 : 1;
    }

    /** Returns whether all had a result. */
    private boolean runAll(List<String> names) throws Exception {
        boolean good = true;
        for (Suite suite : Suite.selected(names)) {
            try (Suite.Open open = suite.opening().open()) {
                for (String name : suite.experiments()) {
                    good &= run(suite, open, name);
                }
            }
        }
        return good;
    }

    private boolean run(Suite suite, Suite.Open open, String name) {
        try (Experiment experiment = open.named(name)) {
            List<List<Cost>> costs = experiment.run(selection.pace(), round -> tellRound(name, round));
            Result result = Result.of(suite.name(), experiment, costs);
            out.println(json ? Message.of(result).line() : "\n" + Table.of(result));
            return true;
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
            if (json) {
                out.println(Message.of(new Failure(name, e.toString())).line());
            }
            return false;
        }
    }

    private void tellRound(String name, int round) {
        if (json) {
            out.println(Message.of(new Progress(name, round)).line());
        }
    }
}
