package dev.yibu.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stands in the help for what the launcher does before there is a program to start. */
@Command(name = "test", description = "Builds everything, with all checks and tests.")
final class TestCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ARGS", arity = "0..*", description = "Arguments for Maven, such as -pl core -am.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        System.err.println("yibu: the launcher does this: ./yibu test " + String.join(" ", arguments));
        return 2;
    }
}
