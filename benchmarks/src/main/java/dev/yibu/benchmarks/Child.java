package dev.yibu.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A JVM in which {@link Compare} runs the experiments of one suite. */
final class Child {
    /**
     * The heap has a fixed size. Otherwise the collection before each turn gives memory back, and who allocates more pays for
     * getting it again: page faults, which are not the cost of a task.
     */
    static List<String> options(int heapMegabytes) {
        return List.of(
                "--enable-preview",
                "--enable-native-access=ALL-UNNAMED",
                "-Xms" + heapMegabytes + "m",
                "-Xmx" + heapMegabytes + "m",
                "-XX:+AlwaysPreTouch");
    }

    /** 8 GB, or half of the memory of the machine. */
    static int usualHeap() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return (int) Math.min(8192, (system.getTotalMemorySize() >> 20) / 2);
    }

    private Child() {}

    /** Runs a suite; returns its exit status. */
    static int run(Suite suite, int heapMegabytes, Pace pace, Consumer<Message> listener)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options(heapMegabytes));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Compare.class.getName(), "--json"));
        command.addAll(pace.arguments());
        command.addAll(suite.experiments());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Message message = Message.parse(line);
                if (message != null) {
                    listener.accept(message);
                } else {
                    System.err.println(line); // of the JVM itself
                }
            }
        }
        return process.waitFor();
    }
}
