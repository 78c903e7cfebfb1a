package dev.yibu.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stands in the help for a program of its own, which the launcher starts instead of this one. */
@Command(name = "bench", description = "Measures Yibu beside other ways to do the same work.")
final class BenchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ARGS", arity = "0..*", description = "See ./yibu bench --help.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        System.err.println("yibu: the launcher does this: ./yibu bench " + String.join(" ", arguments));
        return 2;
    }
}
