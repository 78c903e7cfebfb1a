package dev.yibu.cli;

import dev.yibu.SignalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Exit statuses: 0; 1 if something failed; 2 if the command line was wrong; 130 and 143 after Ctrl-C and
 * SIGTERM; and whatever status a user's program exits with.
 */
@Command(
        name = "yibu",
        description = "Structured asynchronous programs for Java, on virtual threads.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TourCommand.class, RunCommand.class, CrawlCommand.class, BenchCommand.class, TestCommand.class})
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs a command. Returns, rather than exit, when all went well: a user's program may have threads that go on.
     *
     * @param arguments the command and its arguments
     * @throws Throwable what the main method of a user's program threw; the JVM waits for its threads and exits with 1
     */
    public static void main(String[] arguments) throws Throwable {
        System.setProperty("yibu.signals", System.getProperty("yibu.signals", "true"));
        LogLines.install();
        int status;
        try {
            status = isPlainRun(arguments) ? plainRun(arguments) : execute(arguments);
        } catch (RunCommand.ProgramException e) {
            throw e.thrown;
        }
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Whether it is {@code run FILE ARGS}: picocli, which takes longer to load than such a program, has nothing to parse. */
    private static boolean isPlainRun(String[] arguments) {
        return arguments.length >= 2 && arguments[0].equals("run") && !arguments[1].startsWith("-");
    }

    private static int plainRun(String[] arguments) {
        try {
            return RunCommand.run(arguments[1], Arrays.copyOfRange(arguments, 2, arguments.length));
        } catch (IOException e) {
            return failed(e);
        }
    }

    private static int execute(String[] arguments) {
        AtomicReference<RunCommand.@Nullable ProgramException> thrown = new AtomicReference<>();
        int status = new CommandLine(new Main())
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((exception, _) -> wrong(exception))
                .setExecutionExceptionHandler((exception, _, _) -> {
                    if (exception instanceof RunCommand.ProgramException programs) {
                        thrown.set(programs); // out of picocli's hands, which would print it
                        return 1;
                    }
                    return failed(exception);
                })
                .execute(arguments);
        if (thrown.get() != null) {
            throw thrown.get();
        }
        return status;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /** What is wrong with a command line. The whole help of a command would push that out of sight. */
    private static int wrong(ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        boolean isMain = command.getParent() == null;
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (isMain && exception instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            String argument = unmatched.getUnmatched().getFirst();
            err.println(name + ": there is no command \"" + argument + '"');
        } else {
            err.println(name + ": " + exception.getMessage());
        }
        boolean _ = UnmatchedArgumentException.printSuggestions(exception, err);
        if (isMain) {
            command.usage(err);
        } else {
            CommandLine.Help help = command.getHelp();
            err.print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
            err.println(name + " --help tells more.");
        }
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** What a failure of one of Yibu's own commands says. */
    private static int failed(Exception exception) {
        if (exception instanceof SignalException signal) {
            return signal.exitStatus();
        }
        if (StackTraces.areWhole()) {
            exception.printStackTrace();
        } else {
            // The message of the others alone says too little: a path, an index, nothing.
            boolean speaks = exception instanceof IOException && !(exception instanceof FileSystemException);
            System.err.println("yibu: " + (speaks ? exception.getMessage() : exception));
        }
        return 1;
    }
}
