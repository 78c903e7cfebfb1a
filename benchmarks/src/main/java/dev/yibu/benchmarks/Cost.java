package dev.yibu.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/**
 * What a turn took; NaN is what is not known.
 *
 * @param nanos wall time of a unit of work
 * @param cpuNanos processor time of the whole process for a unit
 * @param bytes allocated for a unit
 * @param peakBytes the most heap in use during the turn, garbage included; of another process its peak of memory
 */
record Cost(double nanos, double cpuNanos, double bytes, double peakBytes) {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final List<MemoryPoolMXBean> HEAP = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();

    /** Something to measure. */
    interface Action {
        void run() throws Exception;
    }

    /** Runs an action once, and divides what it took by the number of units in it. */
    static Cost of(long units, Action action) throws Exception {
        HEAP.forEach(MemoryPoolMXBean::resetPeakUsage);
        long bytes = THREADS.getTotalThreadAllocatedBytes();
        long cpu = PROCESS.getProcessCpuTime();
        long start = System.nanoTime();
        action.run();
        double nanos = System.nanoTime() - start;
        cpu = PROCESS.getProcessCpuTime() - cpu;
        bytes = THREADS.getTotalThreadAllocatedBytes() - bytes;
        return new Cost(nanos / units, (double) cpu / units, (double) bytes / units, peakHeap());
    }

    /** The most heap in use since the beginning of the last {@link #of}. */
    static double peakHeap() {
        return HEAP.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    }
}
