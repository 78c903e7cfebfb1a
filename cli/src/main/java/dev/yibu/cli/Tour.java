package dev.yibu.cli;

import dev.yibu.Async;
import dev.yibu.SignalException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** Shows sections and runs their examples. */
final class Tour {
    private static final String CODE_MARGIN = "    ";
    private static final String OUTPUT_MARGIN = "  > ";
    private static final int WIDTH = 80;
    private static final Pattern LINE = Pattern.compile("(.{1," + WIDTH + "})(?: |$)");

    /** From here on it counts as faster; less is chance. */
    private static final double FASTER = 1.2;

    private final PrintStream screen = System.out;
    private final PrintStream errors = System.err;
    private final Transcript output = new Transcript(screen, OUTPUT_MARGIN);
    private final Transcript log = new Transcript(errors, OUTPUT_MARGIN);
    private final Style style = new Style(Ansi.AUTO.enabled());

    /** What came of a section: how long it took, and how long its steps one after the other, if it has them. */
    private record Visit(
            Section section,
            boolean good,
            Duration time,
            @Nullable Duration sequential) {
        double ratio() {
            return sequential == null ? 1 : (double) sequential.toNanos() / time.toNanos();
        }
    }

    /** Shows sections; returns whether all of them did what they should. */
    boolean visit(List<Section> sections) {
        System.setOut(output.stream());
        System.setErr(log.stream());
        try {
            // The first measurement is not to be one of how long it takes to load the runtime's classes.
            Async.run(() -> Async.gather(() -> 1, () -> 2));
            List<Visit> visits = new ArrayList<>();
            for (Section section : sections) {
                introduce(section, visits.size() + 1, sections.size());
                Visit visit = visit(section);
                report(visit);
                visits.add(visit);
            }
            if (visits.size() > 1) {
                summarize(visits);
            }
            return visits.stream().allMatch(Visit::good);
        } finally {
            System.setOut(screen);
            System.setErr(errors);
        }
    }

    private void introduce(Section section, int number, int count) {
        String title = "-- %d/%d  %s ".formatted(number, count, section.title());
        screen.println(style.bold(title + "-".repeat(Math.max(2, WIDTH - title.length()))));
        screen.println(
                LINE.matcher(section.summary()).replaceAll("$1%n".formatted()).stripTrailing());
        screen.println(style.faint(section.file()));
        screen.println();
        for (String line : section.code()) {
            screen.println(line.isEmpty() ? "" : CODE_MARGIN + style.blue(line));
        }
        screen.println();
    }

    private Visit visit(Section section) {
        Duration time = Duration.ZERO;
        try {
            Class<?> example = Class.forName(section.example());
            time = time(EntryPoint.main(example), false);
            boolean good = check(section);
            EntryPoint steps = EntryPoint.named(Section.STEPS, example);
            return new Visit(section, good, time, steps == null ? null : time(steps, true));
        } catch (SignalException e) {
            throw e;
        } catch (Throwable t) {
            StackTraces.trim(t);
            t.printStackTrace(errors);
            return new Visit(section, false, time, null);
        }
    }

    private Duration time(EntryPoint example, boolean muted) throws Throwable {
        output.begin(muted);
        log.begin(muted);
        long start = System.nanoTime();
        try {
            example.call();
        } finally {
            output.endLine();
            log.endLine();
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private boolean check(Section section) {
        boolean good = output.lines().equals(section.output());
        if (!good) {
            screen.println(style.red("  It should print:"));
            section.output().forEach(line -> screen.println(OUTPUT_MARGIN + line));
        }
        return good;
    }

    private void report(Visit visit) {
        screen.println();
        if (!visit.good()) {
            screen.println(style.red("  WRONG: this example did not do what it should."));
        } else if (visit.sequential() == null) {
            screen.println("  " + style.bold(seconds(visit.time())) + "; not compared, since " + reason(visit));
        } else {
            screen.println("  " + style.bold(seconds(visit.time())) + "; one after the other "
                    + seconds(visit.sequential()) + ": " + comparison(visit));
        }
        screen.println();
    }

    private String comparison(Visit visit) {
        return visit.ratio() < FASTER
                ? "no difference"
                : style.green(String.format(Locale.ROOT, "%.1f times as fast", visit.ratio()));
    }

    private static String reason(Visit visit) {
        return visit.section().notCompared().orElse("");
    }

    private void summarize(List<Visit> visits) {
        screen.println(style.bold("%-26s %8s %21s".formatted("Section", "Time", "One after the other")));
        Duration total = Duration.ZERO;
        for (Visit visit : visits) {
            Duration sequential = visit.sequential();
            total = total.plus(visit.time()).plus(sequential == null ? Duration.ZERO : sequential);
            String line = "%-26s %8s %21s %8s"
                    .formatted(
                            visit.section().name(),
                            seconds(visit.time()),
                            sequential == null ? reason(visit) : seconds(sequential),
                            visit.ratio() < FASTER ? "" : String.format(Locale.ROOT, "%.1f x", visit.ratio()));
            screen.println(visit.good() ? line.stripTrailing() : style.red(line.stripTrailing() + "  WRONG"));
        }
        screen.println();
        long wrong = visits.stream().filter(visit -> !visit.good()).count();
        screen.println(
                wrong == 0
                        ? "%d sections in %s; each printed what it should.".formatted(visits.size(), seconds(total))
                        : style.red("%d of %d sections went wrong.".formatted(wrong, visits.size())));
        screen.println("Change one and run it: ./yibu run "
                + visits.getFirst().section().file());
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toNanos() / 1e9);
    }

    /** Colours, on a terminal. */
    private record Style(boolean on) {
        String bold(String text) {
            return code(1, text);
        }

        String faint(String text) {
            return code(2, text);
        }

        String red(String text) {
            return code(31, text);
        }

        String green(String text) {
            return code(32, text);
        }

        String blue(String text) {
            return code(36, text);
        }

        private String code(int code, String text) {
            return on ? "\u001b[" + code + "m" + text + "\u001b[m" : text;
        }
    }
}
