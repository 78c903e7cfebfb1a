package dev.yibu.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What the numbers were measured on. */
record Machine(int processors, long memoryBytes, String os, String jvm, String collector, long heapBytes) {

    /** This machine, and this JVM. */
    static Machine here() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Runtime runtime = Runtime.getRuntime();
        return new Machine(
                runtime.availableProcessors(),
                system.getTotalMemorySize(),
                String.join(" ", system.getName(), system.getVersion(), system.getArch()),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                ManagementFactory.getGarbageCollectorMXBeans().getFirst().getName(),
                runtime.maxMemory());
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "%d cores, %d GB of memory, heap %d MB, %s; %s; %s",
                processors,
                Math.round(memoryBytes / 1e9),
                heapBytes >> 20,
                collector,
                jvm,
                os);
    }
}
