package dev.yibu.cli;

import dev.yibu.SignalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code yibu run}: compiles a program in one file and runs it, in this JVM. */
@Command(
        name = "run",
        description = {
            "Compiles and runs a program in one file, with Yibu on its class path.",
            "It is an ordinary class or a compact source file; java.base needs no imports there."
        },
        footer = {
            "",
            "An exception is shown without the frames of the runtime; YIBU_DEBUG=1 shows them all. If main throws one, the"
                    + " exit status is 1; as with java, threads that are no daemons are waited for all the same.",
            "Ctrl-C cancels what is inside run(...) and waits for its clean-up; a second Ctrl-C ends at once."
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE.java", description = "The program.")
    private String file = "";

    @Parameters(
            index = "1..*",
            paramLabel = "ARGS",
            arity = "0..*",
            description = "The program's arguments, as they are.")
    private List<String> arguments = List.of();

    @Spec
    void setSpec(CommandSpec spec) {
        spec.parser().stopAtPositional(true);
    }

    @Override
    public Integer call() throws IOException {
        return run(file, arguments.toArray(String[]::new));
    }

    /** The exception of a user's program on its way out of this one: the JVM is to deal with it as with any. */
    static final class ProgramException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final Throwable thrown;

        ProgramException(Throwable thrown) {
            super(null, thrown, false, false);
            this.thrown = thrown;
        }
    }

    /**
     * Runs a program; returns the exit status.
     *
     * @throws ProgramException if its main method throws
     */
    static int run(String file, String... arguments) throws IOException {
        EntryPoint main;
        try {
            main = SourceProgram.compile(Path.of(file));
        } catch (SourceProgram.NotRunnableException e) {
            System.err.println("yibu run: " + e.getMessage());
            return 2;
        } catch (SourceProgram.CompilationException e) {
            System.err.print(e.getMessage());
            return 1;
        }
        Thread.setDefaultUncaughtExceptionHandler(RunCommand::show);
        System.setProperty("java.class.path", VisibleClasses.classPath());
        try {
            main.call(arguments);
            return 0;
        } catch (SignalException e) {
            if (e.getSuppressed().length > 0) {
                show(Thread.currentThread(), e);
            }
            return e.exitStatus();
        } catch (Throwable t) {
            throw new ProgramException(t);
        }
    }

    private static void show(Thread thread, Throwable exception) {
        StackTraces.trim(exception);
        System.err.print("Exception in thread \"" + thread.getName() + "\" ");
        exception.printStackTrace();
    }
}
