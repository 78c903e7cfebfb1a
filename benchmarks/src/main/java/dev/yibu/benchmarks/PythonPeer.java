package dev.yibu.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A Python process that does the same work, and takes its turns when it is told to. It measures its time by itself. */
final class PythonPeer {
    private static final String PROGRAM = "read_files.py";

    private final Writer input;
    private final BufferedReader output;

    PythonPeer(String mode, Path folder, int count) throws IOException {
        Path program = Files.createTempFile("yibu-benchmark", ".py");
        program.toFile().deleteOnExit();
        try (InputStream source = PythonPeer.class.getResourceAsStream("/" + PROGRAM)) {
            Files.write(program, Objects.requireNonNull(source).readAllBytes());
        }
        Process process = new ProcessBuilder(
                        "python3", program.toString(), mode, folder.toString(), Integer.toString(count))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start(); // ends when its input does, with this JVM
        input = process.outputWriter();
        output = process.inputReader();
    }

    /** Whether there is a Python that can do it. */
    static boolean has(String mode) {
        String imports = mode.equals("aiofiles") ? "import aiofiles" : "import asyncio";
        try {
            return new ProcessBuilder("python3", "-c", imports)
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
    Cost turn(int units) throws IOException {
        input.write("go\n");
        input.flush();
        String nanos = output.readLine();
        if (nanos == null) {
            throw new IOException("the Python process has ended");
        }
        return new Cost(Double.parseDouble(nanos) / units, Double.NaN, Double.NaN);
    }
}
