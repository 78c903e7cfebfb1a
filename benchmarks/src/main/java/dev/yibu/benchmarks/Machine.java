package dev.yibu.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.LocalDate;

/** What the numbers were measured on. */
final class Machine {
    private Machine() {}

    static void print(PrintStream out) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Runtime runtime = Runtime.getRuntime();
        out.printf(
                "%s: %d cores, %d GB of memory, heap %d MB, %s; %s %s; %s %s %s%n",
                LocalDate.now(),
                runtime.availableProcessors(),
                Math.round(system.getTotalMemorySize() / 1e9),
                runtime.maxMemory() >> 20,
                ManagementFactory.getGarbageCollectorMXBeans().getFirst().getName(),
                System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"),
                system.getName(),
                system.getVersion(),
                system.getArch());
    }
}
