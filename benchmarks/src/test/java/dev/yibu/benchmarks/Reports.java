package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Absent;
import dev.yibu.benchmarks.Message.Failure;
import dev.yibu.benchmarks.Result.Row;
import java.util.List;

/** A small report with a bit of everything, the same each time. */
final class Reports {
    private Reports() {}

    static Report small() {
        return new Report(
                Report.SCHEMA,
                "abc1234",
                "./yibu bench --quick",
                true,
                true,
                "2026-01-02T03:04:05Z",
                61,
                new Machine(2, 25_000_000_000L, "Linux 6 amd64", "A VM 25", "G1", 1L << 30),
                List.of("-Xmx1024m"),
                List.of(gather(), heap()),
                List.of(new Failure("mutex", "a <bad> day")));
    }

    static Result gather() {
        return new Result(
                "tasks",
                "gather-1000",
                Measure.TIME,
                "task",
                List.of(
                        new Row(
                                "raw & bare",
                                List.of(100.0, 200.0, 300.0),
                                List.of(100.0, 100.0, 400.0),
                                List.of(8.0, 8.0, 9.0),
                                List.of(1e6, 2e7, 1e6)),
                        new Row("asyncio", List.of(25_000.0, 20_000.0, 30_000.0), null, null, null),
                        new Row(
                                "Yibu",
                                List.of(150.0, 220.0, 330.0),
                                List.of(100.0, 100.0, 100.0),
                                List.of(12.0, 12.0, 12.0),
                                List.of(3e6, 3e6, 3e6))),
                List.of(new Absent("trio", "python3 has no trio")),
                List.of(new Target("raw & bare", 1.0), new Target("asyncio", 0.05), new Target("trio", 0.5)));
    }

    private static Result heap() {
        return new Result(
                "tasks",
                "heap",
                Measure.LIVE_HEAP,
                "sleeping task",
                List.of(
                        new Row("raw & bare", List.of(600.0), null, null, null),
                        new Row("Yibu", List.of(540.0), null, null, null)),
                List.of(),
                List.of());
    }
}
