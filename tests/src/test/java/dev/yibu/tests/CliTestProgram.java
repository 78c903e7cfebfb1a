package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command-line program, started for real: in a JVM of its own, with the class path of the tests. */
final class CliTestProgram implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final StringBuilder read = new StringBuilder();

    /** How a program has ended. */
    record Result(int status, String output, String errors) {}

    private CliTestProgram(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts the program in a folder, where its files are. */
    static CliTestProgram start(Path folder, String... arguments) throws IOException {
        return start(folder, Map.of(), arguments);
    }

    static CliTestProgram start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        return start(folder, environment, List.of(), arguments);
    }

    /** Starts the program with further entries in front of its class path. */
    static CliTestProgram start(Path folder, Map<String, String> environment, List<Path> classPath, String... arguments)
            throws IOException {
        List<String> entries = new ArrayList<>();
        classPath.forEach(entry -> entries.add(entry.toString()));
        entries.add(System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // For a short life.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                String.join(File.pathSeparator, entries),
                "dev.yibu.cli.Main"));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
        builder.environment()
                .keySet()
                .removeAll(List.of("YIBU_DEBUG", "JAVA_TOOL_OPTIONS", "NO_COLOR", "CLICOLOR_FORCE"));
        builder.environment().putAll(environment);
        return new CliTestProgram(builder.start(), errors);
    }

    /** Waits for a line of output. */
    void awaitLine(String expected) throws IOException {
        String line;
        do {
            line = output.readLine();
            assertThat(line).as("a line before the end of the output: %s", read).isNotNull();
            read.append(line).append('\n');
        } while (!line.equals(expected));
    }

    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Sends all of its standard input. */
    void input(String text) throws IOException {
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(text);
        }
    }

    Result finish() throws Exception {
        output.lines().forEach(line -> read.append(line).append('\n'));
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
        return new Result(process.exitValue(), read.toString(), Files.readString(errors));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
