package dev.yibu.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A Python process with asyncpg that does the same work, and takes its turns when it is told to. It measures its time. */
final class AsyncpgPeer {
    private static final String PROGRAM = "ask_postgres.py";

    private final String mode;
    private final Process process;
    private final Writer input;
    private final BufferedReader output;

    AsyncpgPeer(String mode, int port) throws IOException {
        this.mode = mode;
        Path program = Files.createTempFile("yibu-benchmark", ".py");
        program.toFile().deleteOnExit();
        try (InputStream source = AsyncpgPeer.class.getResourceAsStream("/" + PROGRAM)) {
            Files.write(program, Objects.requireNonNull(source).readAllBytes());
        }
        process = new ProcessBuilder("python3", program.toString(), mode, Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start(); // ends when its input does, with this JVM
        input = process.outputWriter();
        output = process.inputReader();
    }

    String mode() {
        return mode;
    }

    /** Whether there is a Python that has the library. */
    static boolean exists() {
        try {
            return new ProcessBuilder("python3", "-c", "import asyncpg")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its processor time and its memory are not known here. */
    Cost turn(String work, int units) throws IOException {
        input.write(work + "\n");
        input.flush();
        String nanos = output.readLine();
        if (nanos == null) {
            throw new IOException("the Python process has ended");
        }
        return new Cost(Double.parseDouble(nanos) / units, Double.NaN, Double.NaN);
    }

    void close() {
        try {
            input.close();
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
