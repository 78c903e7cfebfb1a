package dev.yibu.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** How the programs of peers are started, and whether they can be. What has been looked up or built is kept. */
final class Language {
    private static final Map<String, String> MISSING = new ConcurrentHashMap<>();
    private static final Map<String, Path> UNPACKED = new ConcurrentHashMap<>();
    private static final Path FOLDER = folder();

    /** The programs in Python import it. */
    private static final String MEASURE = "measure.py";

    private Language() {}

    /** The command that runs a Python program of this benchmark. */
    static List<String> python(String program) {
        unpacked(MEASURE);
        return List.of("python3", "-B", unpacked(program).toString());
    }

    /** Why there is no Python that has a module; empty if there is. */
    static String missingPython(String module) {
        return MISSING.computeIfAbsent(
                "python3 " + module, _ -> switch (exitStatus("python3", "-c", "import " + module)) {
                    case 0 -> "";
                    case NOT_FOUND -> "there is no python3";
                    default -> "python3 has no " + module;
                });
    }

    /** The command that runs a Go program of this benchmark, which {@link #missingGo} has built. */
    static List<String> go(String program) {
        return List.of(executable(program).toString());
    }

    /** Why a Go program of this benchmark can't be run; empty if it can. */
    static String missingGo(String program) {
        return MISSING.computeIfAbsent("go " + program, _ -> {
            Path source = unpacked(program);
            Path executable = executable(program);
            executable.toFile().deleteOnExit();
            return switch (exitStatus("go", "build", "-o", executable.toString(), source.toString())) {
                case 0 -> "";
                case NOT_FOUND -> "there is no go";
                default -> "go can't build " + program;
            };
        });
    }

    private static final int NOT_FOUND = -1;

    private static int exitStatus(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return NOT_FOUND;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path executable(String program) {
        Path source = unpacked(program);
        return source.resolveSibling(source.getFileName().toString().replace(".go", ""));
    }

    /** Where another program can read a file of this benchmark. */
    private static Path unpacked(String program) {
        return UNPACKED.computeIfAbsent(program, _ -> {
            try (InputStream source = Language.class.getResourceAsStream("/" + program)) {
                Path file = FOLDER.resolve(program);
                file.toFile().deleteOnExit();
                Files.write(file, Objects.requireNonNull(source, program).readAllBytes());
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("yibu-benchmark");
            folder.toFile().deleteOnExit(); // after its files, which come later
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
