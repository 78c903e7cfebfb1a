package dev.yibu.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bug that somebody could have written, seeded into a source file of core: a text that occurs once, and what stands there
 * instead. Read from a file under {@code tests/mutations}:
 *
 * <pre>
 * file: lowlevel/WaitQueue.java
 * bug: what is broken, and why it matters
 * tests: WaitQueueTest ExploredWaistTest     (who is likely to notice; these run first)
 * ---- before
 * ...
 * ---- after
 * ...
 * </pre>
 *
 * @param name the folder and name of its file
 * @param source the mutated file, below {@code core/src/main/java/dev/yibu}
 * @param bug what is broken, and why it matters
 * @param tests simple names of test classes
 * @param before the text to be replaced
 * @param after the text to stand there
 */
record Mutation(String name, String source, String bug, List<String> tests, String before, String after) {
    private static final Path PROJECT = project();
    private static final Path LIST = PROJECT.resolve("tests/mutations");
    static final Path SOURCES = PROJECT.resolve("core/src/main/java");

    private static Path project() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("mutations")) ? here.resolve("..").normalize() : here;
    }

    /** All mutations, in the order of their names. */
    static List<Mutation> all() {
        try (Stream<Path> files = Files.walk(LIST)) {
            return files.filter(file -> file.toString().endsWith(".mutation"))
                    .sorted()
                    .map(Mutation::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Mutation read(Path file) {
        String name = LIST.relativize(file).toString().replaceFirst("\\.mutation$", "");
        String text = text(file);
        int before = text.indexOf("\n---- before\n");
        int after = text.indexOf("\n---- after\n");
        if (before < 0 || after < before) {
            throw new IllegalStateException(name + " needs a line \"---- before\" and then a line \"---- after\"");
        }
        List<String> head = text.substring(0, before).lines().toList();
        return new Mutation(
                name,
                field(name, head, "file"),
                field(name, head, "bug"),
                List.of(field(name, head, "tests").split("\\s+")),
                text.substring(before + "\n---- before\n".length(), after + 1),
                text.substring(after + "\n---- after\n".length()));
    }

    /** A field's value, which may go on in further lines that are indented. */
    private static String field(String name, List<String> head, String field) {
        List<String> value = new ArrayList<>();
        boolean within = false;
        for (String line : head) {
            within = within && line.startsWith(" ") || line.startsWith(field + ":");
            if (within) {
                value.add(line.replaceFirst("^" + field + ":", "").strip());
            }
        }
        if (value.isEmpty()) {
            throw new IllegalStateException(name + " has no line \"" + field + ": ...\"");
        }
        return String.join(" ", value);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + file, e);
        }
    }

    /** The file that it changes. */
    Path target() {
        return SOURCES.resolve("dev/yibu").resolve(source);
    }

    /** The mutated source. */
    String apply() {
        String original = text(target());
        int first = original.indexOf(before);
        if (first < 0) {
            throw new IllegalStateException(
                    name + ": " + source + " has changed; its \"before\" is not there any more:\n" + before
                            + "Write it anew, as the same bug in today's code.");
        }
        if (original.indexOf(before, first + 1) >= 0) {
            throw new IllegalStateException(
                    name + ": its \"before\" occurs more than once in " + source + "; make it longer:\n" + before);
        }
        return original.substring(0, first) + after + original.substring(first + before.length());
    }

    @Override
    public String toString() {
        return name;
    }
}
