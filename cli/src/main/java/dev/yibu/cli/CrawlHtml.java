package dev.yibu.cli;

import dev.yibu.crawler.CrawlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report on a crawl as one page that needs nothing else: no script, no picture, no font, no network. */
final class CrawlHtml {
    private static final int WIDTH = 960;
    private static final int CHART_HEIGHT = 160;
    private static final int ROW_HEIGHT = 3;
    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Report on a crawl</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
            h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
            table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top }
            td.n { text-align: right; font-variant-numeric: tabular-nums } td.u { word-break: break-all }
            svg { width: 100%; height: auto; background: #f6f6f4 }
            .ok { fill: #3b7a57 } .unchanged { fill: #7a9e3b } .moved { fill: #b8860b } .bad { fill: #b03a2e } .none { fill: #555 }
            text { font-size: 11px; fill: #555 }
            @media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } svg { background: #262626 } text { fill: #aaa } }
            </style></head><body>
            """;

    private final StringBuilder html = new StringBuilder(HEAD);

    private CrawlHtml() {}

    static void write(Path file, List<String> sites, CrawlReport report, CrawlSummary summary) throws IOException {
        CrawlHtml page = new CrawlHtml();
        page.overview(sites, report);
        page.statuses(summary);
        page.errors(summary);
        page.timeline(summary.timeline());
        page.visits(summary.visits());
        page.slowest(summary.slowest());
        page.html.append("</body></html>\n");
        Files.writeString(file, page.html);
    }

    private void overview(List<String> sites, CrawlReport report) {
        double seconds = report.elapsed().toNanos() / 1e9;
        html.append("<h1>A crawl of ")
                .append(escaped(String.join(" and ", sites)))
                .append("</h1>\n<table>\n");
        row("pages", report.pages());
        row("with an error", report.errors());
        row("unchanged since the crawl before", report.unchanged());
        row("bytes", report.bytes());
        row("seconds", String.format(Locale.ROOT, "%.2f", seconds));
        row("answers that are no HTML", report.notHtml());
        row("redirects", report.duplicates());
        row("addresses that robots.txt forbids", report.disallowed());
        row("sitemaps read", report.sitemaps());
        row("sitemaps that could not be read", report.badSitemaps());
        row("links to other hosts", report.skipped().elsewhere());
        row("links deeper than wanted", report.skipped().tooDeep());
        row("links that a pattern excludes", report.skipped().excluded());
        row("links into traps", report.skipped().traps());
        row("links that their page asks not to follow", report.skipped().nofollow());
        row("addresses found and not visited", report.unvisited());
        html.append("</table>\n");
    }

    private void row(String name, long number) {
        row(name, String.format(Locale.ROOT, "%,d", number));
    }

    private void row(String name, String value) {
        html.append("<tr><td>")
                .append(escaped(name))
                .append("</td><td class=n>")
                .append(escaped(value))
                .append("</td></tr>\n");
    }

    private void statuses(CrawlSummary summary) {
        html.append("<h2>Status codes</h2>\n<table>\n");
        summary.statuses().forEach((status, number) -> row(status == 0 ? "no answer" : "HTTP " + status, number));
        html.append("</table>\n");
    }

    private void errors(CrawlSummary summary) {
        if (summary.errors() == 0) {
            return;
        }
        html.append("<h2>Errors</h2>\n<table>\n");
        for (Map.Entry<String, Integer> kind : summary.kindsOfErrors()) {
            row(kind.getKey(), kind.getValue());
        }
        html.append("</table>\n");
    }

    /** How many pages came when. */
    private void timeline(Timeline timeline) {
        long[] visits = timeline.visits();
        long[] errors = timeline.errors();
        long most = 1;
        for (long number : visits) {
            most = Math.max(most, number);
        }
        html.append("<h2>Pages over time</h2>\n");
        svg(CHART_HEIGHT + 20, "pages over time");
        double width = (double) WIDTH / Math.max(1, visits.length);
        for (int i = 0; i < visits.length; i++) {
            double good = (double) (visits[i] - errors[i]) * CHART_HEIGHT / most;
            double bad = (double) errors[i] * CHART_HEIGHT / most;
            bar("ok", i * width, CHART_HEIGHT - good, width * 0.9, good);
            bar("bad", i * width, CHART_HEIGHT - good - bad, width * 0.9, bad);
        }
        label(4, CHART_HEIGHT + 14, "one bar: " + seconds(timeline.width()) + "; the highest: " + most + " pages");
        html.append("</svg>\n");
    }

    /** Some of the requests, each a line from its beginning to its end. */
    private void visits(List<CrawlSummary.Visit> visits) {
        if (visits.isEmpty()) {
            return;
        }
        List<CrawlSummary.Visit> sorted = visits.stream()
                .sorted(Comparator.comparingLong(CrawlSummary.Visit::from))
                .toList();
        long start = sorted.getFirst().from();
        long end = Math.max(
                start + 1,
                sorted.stream().mapToLong(CrawlSummary.Visit::to).max().orElse(start));
        html.append("<h2>Requests over time</h2>\n<p>")
                .append(sorted.size())
                .append(" of them, evenly chosen; each line is one, from its beginning to its end.</p>\n");
        svg(sorted.size() * ROW_HEIGHT + 20, "requests over time");
        for (int i = 0; i < sorted.size(); i++) {
            CrawlSummary.Visit visit = sorted.get(i);
            double x = (double) (visit.from() - start) * WIDTH / (end - start);
            double width = Math.max(1, (double) (visit.to() - visit.from()) * WIDTH / (end - start));
            bar(colour(visit.status()), x, i * ROW_HEIGHT, width, ROW_HEIGHT - 1);
        }
        label(4, sorted.size() * ROW_HEIGHT + 14, "the whole width: " + seconds(end - start));
        html.append("</svg>\n");
    }

    private void slowest(List<CrawlSummary.Slow> slowest) {
        html.append("<h2>The slowest pages</h2>\n<table>\n");
        for (CrawlSummary.Slow slow : slowest) {
            html.append("<tr><td class=n>")
                    .append(seconds(slow.millis()))
                    .append("</td><td class=n>")
                    .append(slow.status())
                    .append("</td><td class=u>")
                    .append(escaped(slow.address()))
                    .append("</td></tr>\n");
        }
        html.append("</table>\n");
    }

    private static String colour(int status) {
        return switch (status / 100) {
            case 0 -> "none";
            case 2 -> "ok";
            case 3 -> status == 304 ? "unchanged" : "moved";
            default -> "bad";
        };
    }

    private void svg(int height, String label) {
        html.append("<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(height)
                .append("\" role=img aria-label=\"")
                .append(label)
                .append("\">\n");
    }

    private void bar(String colour, double x, double y, double width, double height) {
        if (height > 0) {
            html.append(String.format(
                    Locale.ROOT,
                    "<rect class=%s x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                    colour,
                    x,
                    y,
                    width,
                    height));
        }
    }

    private void label(int x, int y, String text) {
        html.append("<text x=\"")
                .append(x)
                .append("\" y=\"")
                .append(y)
                .append("\">")
                .append(escaped(text))
                .append("</text>\n");
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.2f s", millis / 1e3);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
