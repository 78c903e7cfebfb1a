package dev.yibu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for what ends the process, or is read from system properties only once. */
final class ChildJvm implements AutoCloseable {
    /** A prefix that undoes what a job in the background of a shell inherits: SIGINT ignored. */
    private static final List<String> WITH_DEFAULT_SIGNALS = withDefaultSignals();

    private final Process process;
    private final BufferedReader output;

    private static List<String> withDefaultSignals() {
        List<String> prefix = List.of("env", "--default-signal=INT,TERM");
        List<String> trial = new ArrayList<>(prefix);
        trial.add("true");
        try {
            return new ProcessBuilder(trial).start().waitFor() == 0 ? prefix : List.of();
        } catch (IOException | InterruptedException e) {
            return List.of();
        }
    }

    /** Starts a class's {@code main}. Standard error goes to the console. */
    ChildJvm(Class<?> main, String... options) throws IOException {
        List<String> command = new ArrayList<>(WITH_DEFAULT_SIGNALS);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(options));
        command.add(main.getName());
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader();
    }

    /** Reads lines up to and with this one. */
    void readUntil(String line) throws IOException {
        for (String read = output.readLine(); !line.equals(read); read = output.readLine()) {
            if (read == null) {
                throw new AssertionError("the child ended without saying: " + line);
            }
        }
    }

    List<String> readToEnd() throws IOException {
        return output.lines().toList();
    }

    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new AssertionError("kill -" + name + " failed with " + status);
        }
    }

    int exitStatus() throws InterruptedException {
        if (!process.waitFor(Polling.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the child does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
