package dev.yibu.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * As {@link Compare}, for a database: a PostgreSQL that it starts, in processes of its own on the same machine. Apart from
 * the other experiments, since those need no server.
 */
final class SqlCompare {
    private static final String USAGE = """
            usage: SqlCompare [EXPERIMENT...] [--rounds N] [--warmup N]
              EXPERIMENT   all, if none is named: %s
              --rounds     how often each competitor is measured
              --warmup     how often each runs before that""".formatted(String.join(" ", SqlExperiments.NAMES));

    private SqlCompare() {}

    public static void main(String[] args) throws Exception {
        List<String> wanted = new ArrayList<>();
        int rounds = -1;
        int warmup = -1;
        for (int i = 0; i < args.length; i++) {
            String next = i + 1 < args.length ? args[i + 1] : "";
            boolean number = next.matches("\\d{1,4}");
            if (args[i].equals("--rounds") && number) {
                rounds = Integer.parseInt(args[++i]);
            } else if (args[i].equals("--warmup") && number) {
                warmup = Integer.parseInt(args[++i]);
            } else if (SqlExperiments.NAMES.contains(args[i])) {
                wanted.add(args[i]);
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Machine.print(out);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                SqlExperiments experiments = new SqlExperiments(postgres.getPort(), out)) {
            for (String name : wanted.isEmpty() ? SqlExperiments.NAMES : wanted) {
                Experiment experiment = experiments.named(name);
                Table.print(
                        out,
                        experiment,
                        experiment.run(
                                warmup < 0 ? experiment.warmup() : warmup, rounds < 0 ? experiment.rounds() : rounds));
            }
        }
    }
}
