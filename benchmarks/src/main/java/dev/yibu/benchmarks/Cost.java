package dev.yibu.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What one unit of work took: wall time, processor time of the whole process, and bytes allocated. */
record Cost(double nanos, double cpuNanos, double bytes) {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Something to measure. */
    interface Action {
        void run() throws Exception;
    }

    /** Runs an action once, and divides what it took by the number of units in it. */
    static Cost of(long units, Action action) throws Exception {
        long bytes = THREADS.getTotalThreadAllocatedBytes();
        long cpu = PROCESS.getProcessCpuTime();
        long start = System.nanoTime();
        action.run();
        double nanos = System.nanoTime() - start;
        cpu = PROCESS.getProcessCpuTime() - cpu;
        bytes = THREADS.getTotalThreadAllocatedBytes() - bytes;
        return new Cost(nanos / units, (double) cpu / units, (double) bytes / units);
    }
}
