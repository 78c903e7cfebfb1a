package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code yibu crawl} in a process of its own. */
final class CrawlProcess implements AutoCloseable {
    private final Process process;
    private final Path output;
    private final Path errors;

    private CrawlProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    static CrawlProcess start(Path folder, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.yibu.cli.Main", "crawl"));
        command.addAll(List.of(arguments));
        Path output = folder.resolve(name + ".output");
        Path errors = folder.resolve(name + ".errors");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        return new CrawlProcess(process, output, errors);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Waits until something has been written to standard error. */
    void awaitError(String text) throws Exception {
        while (!errors().contains(text)) {
            assertThat(process.isAlive()).as(errors()).isTrue();
            Thread.onSpinWait();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** SIGKILL, and the end of the process. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void awaitSuccess() throws Exception {
        assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("ended in time").isTrue();
        assertThat(process.exitValue()).as(output() + errors()).isZero();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
