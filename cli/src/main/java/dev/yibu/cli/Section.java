package dev.yibu.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A section of the tour, read from the source of its example.
 *
 * @param example the name of the example's class and file
 * @param title the first line of the file
 * @param summary the comment below it
 * @param code its region "tour"
 * @param output what it has to print: the comment at its end
 * @param notCompared why it has no method {@link #STEPS} to compare it with; empty if it has
 * @param onRequest whether it is shown only if its name is given
 */
record Section(
        String example,
        String title,
        String summary,
        List<String> code,
        List<String> output,
        Optional<String> notCompared,
        boolean onRequest) {
    /** The example's method that takes the same steps one after the other. */
    static final String STEPS = "oneAfterTheOther";

    private static final String ON_REQUEST = "+ ";
    private static final Pattern WORD = Pattern.compile("(?<=\\p{Lower})(?=\\p{Upper})");
    private static final Pattern SOURCE = Pattern.compile("""
            // (?<title>.+)
            (?<summary>(// .+
            )+)
            (?s:.*)// @start region=tour
            (?<code>(?s:.+))// @end(?s:.*)
            // Output:
            (?<output>(//.*
            )*)""");
    private static final Pattern NOT_COMPARED = Pattern.compile("(?m)^// Not compared: (.+)$");

    /** All of them, in their order. */
    static List<Section> all() throws IOException {
        List<Section> sections = new ArrayList<>();
        for (String line : resource("sections.txt").lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                boolean onRequest = line.startsWith(ON_REQUEST);
                sections.add(of(onRequest ? line.substring(ON_REQUEST.length()) : line, onRequest));
            }
        }
        return sections;
    }

    private static Section of(String example, boolean onRequest) throws IOException {
        String text = resource(example + ".java");
        Matcher source = SOURCE.matcher(text);
        Matcher notCompared = NOT_COMPARED.matcher(text);
        boolean hasReason = notCompared.find();
        if (!source.matches() || hasReason == text.contains("void " + STEPS + "()")) {
            throw new IOException(example + ".java is no example for the tour: see the first lines of sections.txt");
        }
        return new Section(
                example,
                source.group("title"),
                String.join(" ", uncommented(source.group("summary"))),
                source.group("code").lines().toList(),
                uncommented(source.group("output")),
                hasReason ? Optional.of(notCompared.group(1)) : Optional.empty(),
                onRequest);
    }

    private static List<String> uncommented(String lines) {
        return lines.lines()
                .map(line -> line.substring(Math.min(3, line.length())))
                .toList();
    }

    private static String resource(String name) throws IOException {
        // The examples are in no module, so their files are found by the loader, not by a class of this module.
        try (InputStream in = ClassLoader.getSystemResourceAsStream("tour/" + name)) {
            if (in == null) {
                throw new FileNotFoundException("the examples lack tour/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What it is called on the command line, such as {@code as-completed}. */
    String name() {
        return WORD.matcher(example).replaceAll("-").toLowerCase(Locale.ROOT);
    }

    String file() {
        return "examples/src/main/java/" + example + ".java";
    }
}
