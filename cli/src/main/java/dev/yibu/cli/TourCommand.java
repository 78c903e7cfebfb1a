package dev.yibu.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code yibu tour}: the guide's sections as running code. */
@Command(
        name = "tour",
        description = {
            "Shows Yibu section by section: code, its output, the time it takes, and the time of the same work done one"
                    + " step after the other.",
            "Each section is a file in examples/src/main/java, for yibu run. Without names all are shown but those on request."
        })
final class TourCommand implements Callable<Integer> {
    /** Tells examples whose point is a long wait to make it a short one. */
    private static final String QUICK = "yibu.tour.quick";

    @Parameters(paramLabel = "SECTION", arity = "0..*", description = "Only these sections.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Lists the names and titles of the sections.")
    private boolean list;

    @Override
    public Integer call() throws IOException {
        List<Section> all = Section.all();
        List<Section> chosen = new ArrayList<>();
        for (String name : names) {
            all.stream().filter(section -> section.name().equals(name)).forEach(chosen::add);
            if (all.stream().noneMatch(section -> section.name().equals(name))) {
                System.err.println("yibu tour: there is no section \"" + name + "\". The sections are:");
                System.err.print(listing(all));
                return 2;
            }
        }
        if (list) {
            System.out.print(listing(names.isEmpty() ? all : chosen));
            return 0;
        }
        if (!names.isEmpty()) {
            return new Tour().visit(chosen) ? 0 : 1;
        }
        System.setProperty(QUICK, "true");
        boolean good = new Tour()
                .visit(all.stream().filter(section -> !section.onRequest()).toList());
        List<String> more =
                all.stream().filter(Section::onRequest).map(Section::name).toList();
        if (!more.isEmpty()) {
            System.out.println("More, on request: ./yibu tour " + String.join(" ", more));
        }
        return good ? 0 : 1;
    }

    private static String listing(List<Section> sections) {
        StringBuilder lines = new StringBuilder();
        for (Section section : sections) {
            lines.append("  %-24s %s%s%n"
                    .formatted(section.name(), section.title(), section.onRequest() ? " (on request)" : ""));
        }
        return lines.toString();
    }
}
