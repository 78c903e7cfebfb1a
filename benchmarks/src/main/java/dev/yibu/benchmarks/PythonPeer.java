package dev.yibu.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A Python process that does the same work, and takes its turns when it is told to. It measures its time by itself. */
final class PythonPeer implements AutoCloseable {
    private final Process process;
    private final Writer input;
    private final BufferedReader output;

    /** Starts a program of this benchmark. */
    PythonPeer(String program, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("python3", unpacked(program).toString()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start(); // ends when its input does, with this JVM
        input = process.outputWriter();
        output = process.inputReader();
    }

    /** Where Python can read a program of this benchmark. */
    static Path unpacked(String program) throws IOException {
        Path file = Files.createTempFile("yibu-benchmark", ".py");
        file.toFile().deleteOnExit();
        try (InputStream source = PythonPeer.class.getResourceAsStream("/" + program)) {
            Files.write(file, Objects.requireNonNull(source, program).readAllBytes());
        }
        return file;
    }

    /** Whether there is a Python that has a module. */
    static boolean has(String module) {
        try {
            return new ProcessBuilder("python3", "-c", "import " + module)
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

    @Override
    public void close() {
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
