package dev.yibu;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;

/** What a piece of code allocates on the calling platform thread, whose allocations the JVM counts. */
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocatedBytes() {}

    /** By so many calls. */
    public static long of(int calls, Runnable operation) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            operation.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** The JVM itself allocates now and then, as when it links a call; what an operation allocates is there each time. */
    public static long leastOf(int calls, Runnable operation) {
        return LongStream.generate(() -> of(calls, operation)).limit(10).min().orElseThrow();
    }
}
