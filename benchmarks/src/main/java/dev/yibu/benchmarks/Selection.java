package dev.yibu.benchmarks;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is to run, and how often: the arguments that {@link Bench} and {@link Compare} have in common. */
final class Selection {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "Only these experiments; the beginning of a name stands for all that begin so.")
    private List<String> names = List.of();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(names = "--list", description = "Lists the experiments.")
    private boolean list;

    @Option(
            names = "--quick",
            description = "Few rounds, little warming up, and without names only the most telling experiments.")
    private boolean quick;

    @Option(names = "--all", description = "With --quick: all experiments, not only the most telling.")
    private boolean all;

    @Option(names = "--rounds", paramLabel = "N", description = "How often each competitor is measured.")
    private @Nullable Integer rounds;

    @Option(names = "--warmup", paramLabel = "N", description = "How often each runs before that.")
    private @Nullable Integer warmup;

    /** The names of what is to run, in the order in which it runs. */
    List<String> experiments() {
        atLeast("--rounds", rounds, 1);
        atLeast("--warmup", warmup, 0);
        if (names.isEmpty()) {
            return quick && !all ? Suite.QUICK : Suite.names();
        }
        try {
            return Suite.matching(names);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private void atLeast(String option, @Nullable Integer value, int least) {
        if (value != null && value < least) {
            throw new ParameterException(
                    spec.commandLine(), "%s has to be at least %d, not %d".formatted(option, least, value));
        }
    }

    boolean isEverything() {
        return names.isEmpty();
    }

    boolean list() {
        return list;
    }

    Pace pace() {
        return new Pace(warmup, rounds, quick);
    }

    /** Runs a command; returns its exit status, 2 if its arguments are wrong. */
    static int execute(Object command, String... arguments) {
        return new CommandLine(command)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((exception, _) -> {
                    CommandLine line = exception.getCommandLine();
                    String name = line.getCommandName();
                    PrintWriter err = line.getErr();
                    err.println(name + ": " + exception.getMessage().strip());
                    CommandLine.Help help = line.getHelp();
                    err.print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
                    err.println(name + " --help tells more.");
                    return line.getCommandSpec().exitCodeOnInvalidInput();
                })
                .execute(arguments);
    }
}
