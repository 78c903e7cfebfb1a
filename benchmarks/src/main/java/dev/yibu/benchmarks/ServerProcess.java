package dev.yibu.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server in a JVM of its own, so that it shares neither heap nor scheduler with the clients. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final String said;

    private ServerProcess(Process process, String said) {
        this.process = process;
        this.said = said;
    }

    /** Starts a program that {@linkplain #serve serves}. */
    static ServerProcess start(Class<?> program, List<String> jvmOptions, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("--enable-preview", "-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (said == null) {
            throw new IOException("has not started: " + program.getSimpleName());
        }
        return new ServerProcess(process, said);
    }

    /** What the program has said of itself, such as its ports. */
    String said() {
        return said;
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** For the program: says where it is, and stays until its parent is gone. */
    static void serve(String where) throws IOException {
        System.out.println(where);
        while (System.in.read() >= 0) {
            // nothing to say
        }
        Runtime.getRuntime().halt(0);
    }
}
