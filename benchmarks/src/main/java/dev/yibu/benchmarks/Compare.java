package dev.yibu.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs experiments in one JVM with the competitors taking turns, and prints Markdown tables. On a machine that others use
 * too, its ratios say more than those of JMH, which runs one competitor after the other.
 */
final class Compare {
    private static final String USAGE = """
            usage: Compare [EXPERIMENT...] [--rounds N] [--warmup N] [--thread virtual|platform] [--list]
              EXPERIMENT   all, if none is named; a name's beginning will do
              --rounds     how often each competitor is measured
              --warmup     how often each runs before that
              --thread     what the competitors are started from; virtual if not given
              --list       print the names of the experiments""";

    private static final String HEAP = "heap";
    private static final List<String> NAMES =
            Stream.concat(Experiments.NAMES.stream(), Stream.of(HEAP)).toList();

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final List<String> wanted = new ArrayList<>();
    private int warmup = -1;
    private int rounds = -1;
    private boolean virtual = true;
    private boolean listing;

    private Compare() {}

    public static void main(String[] args) throws Exception {
        Compare compare = new Compare();
        try {
            compare.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
        compare.run();
    }

    private void parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            switch (arg) {
                case "--list" -> listing = true;
                case "--rounds" -> rounds = number(args, ++i, 1);
                case "--warmup" -> warmup = number(args, ++i, 0);
                case "--thread" -> {
                    String kind = value(args, ++i);
                    if (!kind.equals("virtual") && !kind.equals("platform")) {
                        throw new IllegalArgumentException("--thread is virtual or platform, not " + kind);
                    }
                    virtual = kind.equals("virtual");
                }
                default -> want(arg);
            }
        }
    }

    private void want(String name) {
        List<String> matching = NAMES.contains(name)
                ? List.of(name)
                : NAMES.stream().filter(known -> known.startsWith(name)).toList();
        if (matching.isEmpty()) {
            throw new IllegalArgumentException("no such experiment or option: " + name);
        }
        wanted.addAll(matching);
    }

    private static String value(List<String> args, int index) {
        if (index == args.size()) {
            throw new IllegalArgumentException(args.getLast() + " needs a value");
        }
        return args.get(index);
    }

    private static int number(List<String> args, int index, int least) {
        String value = value(args, index);
        if (!value.matches("\\d{1,6}") || Integer.parseInt(value) < least) {
            throw new IllegalArgumentException("not a number from " + least + " on: " + value);
        }
        return Integer.parseInt(value);
    }

    private void run() throws Exception {
        if (listing) {
            out.println(String.join("\n", NAMES));
            return;
        }
        Machine.print(out);
        out.printf("Started from a %s thread.%n", virtual ? "virtual" : "platform");
        List<Throwable> failures = new ArrayList<>();
        Thread.Builder kind = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        kind.uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                .start(this::runAll)
                .join();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("an experiment failed", failures.getFirst());
        }
    }

    private void runAll() {
        try {
            for (String name : wanted.isEmpty() ? NAMES : wanted) {
                if (name.equals(HEAP)) {
                    LiveHeap.print(out);
                } else {
                    run(Experiments.named(name));
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(Experiment experiment) throws Exception {
        List<List<Cost>> costs =
                experiment.run(warmup < 0 ? experiment.warmup() : warmup, rounds < 0 ? experiment.rounds() : rounds);
        Table.print(out, experiment, costs);
    }
}
