package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Message.Progress;
import java.util.List;

/** Tells on standard error how far a run is: a line for each experiment, a dot for each round. */
final class Narrator {
    private final List<String> names;
    private String current = "";
    private long began;

    /** One for experiments that run in this order. */
    Narrator(List<String> names) {
        this.names = names;
    }

    void round(Progress progress) {
        if (!progress.experiment().equals(current)) {
            current = progress.experiment();
            began = System.nanoTime();
            System.err.printf("[%d/%d] %s ", names.indexOf(current) + 1, names.size(), current);
        }
        System.err.print(".");
    }

    void end() {
        System.err.printf(" %.1f s%n", (System.nanoTime() - began) / 1e9);
        current = "";
    }
}
