package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Result.Row;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Results as bars, a panel for each experiment, in an SVG that needs no script and no font of its own. It follows the
 * reader's choice of light or dark, and says in words what it shows.
 */
final class Chart {
    private static final int WIDTH = 960;
    private static final int MARGIN = 16;
    private static final int PANEL = 448;
    private static final int TOP = 52;
    private static final int HEAD = 26;
    private static final int LINE = 20;
    private static final int GAP = 22;
    private static final int NAMES = 184;
    private static final int BAR = 180;
    private static final int LETTERS = 30;

    /** So many times as long as Yibu's is the longest bar; those that would be longer are cut. */
    private static final double LONGEST = 6;

    private static final String STYLE = """
              <style>
                text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
                .page { fill: #ffffff; }
                .title { font-size: 18px; font-weight: 600; }
                .head { font-size: 14px; font-weight: 600; }
                .unit { font-weight: 400; fill: #59636e; }
                .name, .value { font-size: 11.5px; }
                .yibu { font-weight: 700; }
                .bar { fill: #8c959f; }
                .bar.yibu { fill: #0969da; }
                .range { stroke: #1f2328; stroke-width: 1; }
                .cut { stroke: #ffffff; stroke-width: 3; }
                @media (prefers-color-scheme: dark) {
                  text { fill: #f0f6fc; }
                  .page { fill: #0d1117; }
                  .unit { fill: #9198a1; }
                  .bar { fill: #656c76; }
                  .bar.yibu { fill: #4493f8; }
                  .range { stroke: #f0f6fc; }
                  .cut { stroke: #0d1117; }
                }
              </style>
            """;

    private final StringBuilder svg = new StringBuilder();

    private Chart() {}

    /** The SVG's text. */
    static String of(String title, List<Result> results) {
        Chart chart = new Chart();
        int height = TOP;
        for (int i = 0; i < results.size(); i += 2) {
            height += height(results.subList(i, Math.min(i + 2, results.size())));
        }
        chart.begin(title, results, height);
        int top = TOP;
        for (int i = 0; i < results.size(); i += 2) {
            List<Result> pair = results.subList(i, Math.min(i + 2, results.size()));
            for (int j = 0; j < pair.size(); j++) {
                chart.panel(pair.get(j), MARGIN + j * (WIDTH - PANEL - 2 * MARGIN), top);
            }
            top += height(pair);
        }
        return chart.svg.append("</svg>\n").toString();
    }

    private static int height(List<Result> pair) {
        int lines = pair.stream()
                .mapToInt(result -> result.competitors().size())
                .max()
                .orElse(0);
        return HEAD + lines * LINE + GAP;
    }

    private void begin(String title, List<Result> results, int height) {
        line("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="title desc">
                """, WIDTH, height, WIDTH, height);
        line("  <title id=\"title\">%s</title>%n", escaped(title));
        line("  <desc id=\"desc\">%s</desc>%n", escaped(description(results)));
        svg.append(STYLE);
        line("  <rect class=\"page\" width=\"%d\" height=\"%d\"/>%n", WIDTH, height);
        line(
                "  <text class=\"title\" x=\"%d\" y=\"30\">%s <tspan class=\"unit\">(shorter is better)</tspan></text>%n",
                MARGIN, escaped(title));
    }

    private static String description(List<Result> results) {
        return "Bars that compare Yibu with others; shorter is better. "
                + results.stream()
                        .map(result -> "%s, %s per %s: %s."
                                .formatted(
                                        result.experiment(),
                                        result.measure().title(),
                                        result.unit(),
                                        result.competitors().stream()
                                                .map(row -> row.name() + " "
                                                        + result.measure().text(row.median()))
                                                .collect(Collectors.joining(", "))))
                        .collect(Collectors.joining(" "));
    }

    private void panel(Result result, int left, int top) {
        line(
                "  <text class=\"head\" x=\"%d\" y=\"%d\">%s <tspan class=\"unit\">%s per %s</tspan></text>%n",
                left, top + 14, escaped(result.experiment()), result.measure().title(), escaped(result.unit()));
        double longest = Math.min(
                result.competitors().stream().mapToDouble(Row::median).max().orElseThrow(),
                LONGEST * result.yibu().median());
        int y = top + HEAD;
        for (Row row : result.competitors()) {
            bar(result, row, longest, left, y);
            y += LINE;
        }
    }

    private void bar(Result result, Row row, double longest, int left, int top) {
        String own = row == result.yibu() ? " yibu" : "";
        int start = left + NAMES;
        double end = start + BAR * Math.min(1, row.median() / longest);
        line(
                "  <g><title>%s: %s</title>%n",
                escaped(row.name()), result.measure().text(row.median()));
        line(
                "    <text class=\"name%s\" x=\"%d\" y=\"%d\">%s</text>%n",
                own, left, top + 13, escaped(brief(row.name())));
        line(
                "    <rect class=\"bar%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"13\" rx=\"2\"/>%n",
                own, start, top + 3, Math.max(1, end - start));
        if (row.median() > longest) {
            line("    <path class=\"cut\" d=\"M%.1f %d l6 -17\"/>%n", end - 16, top + 18);
        } else {
            line(
                    "    <path class=\"range\" d=\"M%.1f %d H%.1f\"/>%n",
                    start + BAR * Math.min(1, row.least() / longest),
                    top + 9,
                    start + BAR * Math.min(1, row.most() / longest));
        }
        line(
                "    <text class=\"value%s\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                own,
                Math.max(end, row.median() > longest ? end : start + BAR * Math.min(1, row.most() / longest)) + 6,
                top + 13,
                result.measure().text(row.median()));
        line("  </g>%n");
    }

    private static String brief(String name) {
        return name.length() <= LETTERS ? name : name.substring(0, LETTERS - 1) + "…";
    }

    private void line(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
