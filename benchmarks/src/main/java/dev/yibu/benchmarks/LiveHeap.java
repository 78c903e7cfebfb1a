package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiments.Lullaby;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;

/** The heap that sleeping tasks keep alive. */
final class LiveHeap {
    private LiveHeap() {}

    static void print(PrintStream out) throws Exception {
        out.printf("%n### heap: live bytes a sleeping task, of %,d%n%n", Experiments.SLEEPERS);
        out.println("| | bytes a task |");
        out.println("| --- | --- |");
        out.printf("| raw virtual threads | %,d |%n", bytesEach(RawThreads::sleepers));
        out.printf("| StructuredTaskScope | %,d |%n", bytesEach(Structured::sleepers));
        out.printf("| Yibu | %,d |%n", bytesEach(YibuTasks::sleepers));
    }

    private static long bytesEach(Lullaby lullaby) throws Exception {
        long before = live();
        Sleepers sleepers = lullaby.sing(Experiments.SLEEPERS);
        long asleep = live();
        sleepers.cancelAndJoin();
        return (asleep - before) / Experiments.SLEEPERS;
    }

    private static long live() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
