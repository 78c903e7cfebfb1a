package dev.yibu.benchmarks;

import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The experiments of {@link Suite} for JMH, each competitor in a JVM of its own. An invocation is a turn, started from a
 * virtual thread; the counter gives what a unit of it took.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 21)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-preview", "-Xms8g", "-Xmx8g", "-XX:+AlwaysPreTouch"})
public class Turns {
    /** What is measured; others are named by {@code -p experiment=NAME}. */
    @Param("gather-1000")
    public String experiment;

    /** Who is measured: its place in the experiment, of which the last is Yibu; there may be fewer. */
    @Param({"0", "1", "2"})
    public int competitor;

    private Experiment.Turn turn;

    /** The costs of a unit, such as a task. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Unit {
        /** Wall time in ns. */
        public double nanos;

        /** Bytes allocated. */
        public double bytes;
    }

    /**
     * Looks the competitor up.
     *
     * @throws Exception if it can't be prepared
     */
    @Setup(Level.Trial)
    public void find() throws Exception {
        List<Experiment.Competitor> all = Suite.open(experiment).competitors();
        if (competitor >= all.size()) {
            throw new IllegalArgumentException(experiment + " has only " + all.size() + " competitors");
        }
        System.out.println(all.get(competitor).name());
        turn = all.get(competitor).turn();
    }

    /**
     * One turn.
     *
     * @param unit receives the costs
     * @throws Exception as the work does
     */
    @Benchmark
    public void turn(Unit unit) throws Exception {
        FutureTask<Cost> taken = new FutureTask<>(turn::take);
        Thread.startVirtualThread(taken);
        Cost cost = taken.get();
        unit.nanos = cost.nanos();
        unit.bytes = cost.bytes();
    }
}
