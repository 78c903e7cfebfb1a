package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Turn;
import dev.yibu.benchmarks.TaskExperiments.Lullaby;
import java.lang.management.ManagementFactory;

/** The heap that sleeping tasks keep alive. */
final class LiveHeap {
    private static final int SLEEPERS = 250_000;

    private LiveHeap() {}

    /** Its cost is the bytes of a task; nothing else is known. */
    static Turn of(Lullaby lullaby) {
        return () -> {
            long before = live();
            Sleepers sleepers = lullaby.sing(SLEEPERS);
            long asleep = live();
            sleepers.cancelAndJoin();
            return new Cost(Double.NaN, Double.NaN, (double) (asleep - before) / SLEEPERS, Double.NaN);
        };
    }

    private static long live() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
