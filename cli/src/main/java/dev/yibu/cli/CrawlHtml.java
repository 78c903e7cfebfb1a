package dev.yibu.cli;

import dev.yibu.cli.CrawlSummary.Visit;
import dev.yibu.crawler.CrawlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report on a crawl as one page that needs nothing else: no script, no picture, no font, no network. */
final class CrawlHtml {
    private static final int KINDS_OF_ERRORS_SHOWN = 50;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <style>
            :root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --page: #fff; --panel: #f5f6f4; --line: #d5d9d3;
              --ok: #2f7d5b; --unchanged: #7d9a2e; --moved: #a8730a; --bad: #b93a32; --none: #6b7280 }
            @media (prefers-color-scheme: dark) { :root { --ink: #e3e6e4; --soft: #9da7a3; --page: #16191a; --panel: #1f2425;
              --line: #363d3e; --ok: #4caf82; --unchanged: #a3bf4d; --moved: #d9a441; --bad: #e5695f; --none: #9aa2ab } }
            * { box-sizing: border-box }
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem;
              color: var(--ink); background: var(--page) }
            h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere }
            h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem }
            p { margin: .25rem 0 1rem; color: var(--soft) }
            dl.figures { display: grid; grid-template-columns: repeat(2, 1fr); gap: .75rem; margin: 1.5rem 0 0 }
            @media (min-width: 44rem) { dl.figures { grid-template-columns: repeat(4, 1fr) } }
            dl.figures div { background: var(--panel); border-radius: .5rem; padding: .75rem 1rem; display: flex;
              flex-direction: column-reverse; justify-content: flex-end }
            dl.figures dt { color: var(--soft); font-size: .85rem }
            dl.figures dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums }
            dl.figures .wrong dd { color: var(--bad) }
            table { border-collapse: collapse; width: 100% }
            th, td { padding: .3rem 0 .3rem 1rem; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line) }
            th:first-child, td:first-child { padding-left: 0 }
            thead th { color: var(--soft); font-size: .85rem; font-weight: normal }
            tbody th { font-weight: normal }
            .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; width: 1% }
            .u { overflow-wrap: anywhere }
            .share { width: 50%; padding-right: 0 }
            .share span { display: block; height: .7rem; min-width: 2px; border-radius: .2rem }
            .dot { display: inline-block; width: .7rem; height: .7rem; border-radius: .2rem; margin-right: .35rem }
            .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 0 0 .75rem;
              color: var(--soft); font-size: .85rem }
            .ok { fill: var(--ok); background: var(--ok) } .unchanged { fill: var(--unchanged); background: var(--unchanged) }
            .moved { fill: var(--moved); background: var(--moved) } .bad { fill: var(--bad); background: var(--bad) }
            .none { fill: var(--none); background: var(--none) }
            .plot { position: relative; padding-bottom: 1.5rem; color: var(--soft); font-size: .8rem; line-height: 1 }
            .plot svg { display: block; width: 100%; background: var(--panel) }
            .plot.bars { padding-left: 3rem } .plot.bars svg { height: 11rem } .plot.lines svg { height: 30rem }
            .grid { stroke: var(--line); vector-effect: non-scaling-stroke; fill: none }
            .y { position: absolute; left: 0; top: 0; bottom: 1.5rem; width: 2.5rem }
            .y span { position: absolute; right: 0; transform: translateY(50%) }
            .x { position: relative; height: 0 }
            .x span { position: absolute; top: .4rem; padding-left: .25rem; border-left: 1px solid var(--line); white-space: nowrap }
            footer { margin-top: 3rem; color: var(--soft); font-size: .85rem }
            </style>
            """;

    private final StringBuilder html = new StringBuilder();

    private CrawlHtml() {}

    static void write(Path file, List<String> sites, CrawlReport report, CrawlSummary summary) throws IOException {
        CrawlHtml page = new CrawlHtml();
        page.overview(sites, report, summary);
        page.statuses(summary);
        page.errors(summary);
        page.timeline(summary.timeline());
        page.visits(summary.visits());
        page.slowest(summary.slowest());
        page.leftOut(report);
        page.html.append("</main>\n<footer>Made by yibu crawl. This page needs no network.</footer></body></html>\n");
        Files.writeString(file, page.html);
    }

    // ---------------------------------------------------------------- sections

    private void overview(List<String> sites, CrawlReport report, CrawlSummary summary) {
        String title = "A crawl of " + String.join(" and ", sites);
        double seconds = report.elapsed().toNanos() / 1e9;
        html.append(HEAD)
                .append("<title>")
                .append(escaped(title))
                .append("</title></head><body><main>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n");
        summary.visits().stream().mapToLong(Visit::from).min().ifPresent(begun -> {
            Instant time = Instant.ofEpochMilli(begun);
            html.append("<p>Begun on <time datetime=\"")
                    .append(time)
                    .append("\">")
                    .append(DATE.format(time))
                    .append("</time></p>\n");
        });
        html.append("<dl class=figures>\n");
        figure("pages", number(report.pages()), "");
        figure("with an error", number(report.errors()), report.errors() > 0 ? " class=wrong" : "");
        if (report.unchanged() > 0) {
            figure("unchanged since the crawl before", number(report.unchanged()), "");
        }
        figure(summary.fetched() < summary.pages() ? "duration, since it went on" : "duration", Plot.time(seconds), "");
        figure("pages a second", String.format(Locale.ROOT, "%.1f", summary.fetched() / Math.max(1e-3, seconds)), "");
        figure("of HTML", size(report.bytes()), "");
        long[] times = summary.visits().stream()
                .mapToLong(visit -> visit.to() - visit.from())
                .sorted()
                .toArray();
        if (times.length > 0) {
            figure("a page, in the median", Plot.time(times[times.length / 2] / 1e3), "");
            figure("95 % of the pages take no longer", Plot.time(times[times.length * 95 / 100] / 1e3), "");
        }
        html.append("</dl>\n");
    }

    private void figure(String name, String value, String kind) {
        html.append("<div")
                .append(kind)
                .append("><dt>")
                .append(name)
                .append("</dt><dd>")
                .append(value)
                .append("</dd></div>\n");
    }

    private void statuses(CrawlSummary summary) {
        head("Status codes");
        table("status", "pages", "");
        long all = Math.max(1, summary.pages());
        summary.statuses()
                .forEach((status, number) -> html.append("<tr><th scope=row>")
                        .append(status == 0 ? "no answer" : "HTTP " + status)
                        .append("</th>")
                        .append(cell(number))
                        .append(String.format(
                                Locale.ROOT,
                                "<td class=share><span class=%s style=\"width:%.1f%%\"></span></td></tr>%n",
                                colour(status),
                                number * 100.0 / all)));
        html.append("</tbody></table>\n");
    }

    private void errors(CrawlSummary summary) {
        if (summary.errors() == 0) {
            return;
        }
        List<Map.Entry<String, Integer>> kinds = summary.kindsOfErrors();
        head("Errors");
        if (kinds.size() > KINDS_OF_ERRORS_SHOWN) {
            html.append("<p>The ")
                    .append(KINDS_OF_ERRORS_SHOWN)
                    .append(" most frequent kinds of ")
                    .append(kinds.size())
                    .append(".</p>\n");
        }
        table("error", "pages");
        kinds.stream().limit(KINDS_OF_ERRORS_SHOWN).forEach(kind -> row(kind.getKey(), kind.getValue()));
        html.append("</tbody></table>\n");
    }

    /** How many pages came when. */
    private void timeline(Timeline timeline) {
        long[] visits = timeline.visits();
        long[] errors = timeline.errors();
        double width = timeline.width() / 1e3;
        long all = 0;
        long most = 0;
        for (long number : visits) {
            all += number;
            most = Math.max(most, number);
        }
        if (all == 0) {
            return;
        }
        Plot plot = new Plot(visits.length * width, Plot.roundUp(most / width));
        for (int i = 0; i < visits.length; i++) {
            double good = (visits[i] - errors[i]) / width;
            plot.fill("ok", i * width, (i + 0.9) * width, 0, good);
            plot.fill("bad", i * width, (i + 0.9) * width, good, good + errors[i] / width);
        }
        head("Pages a second");
        legend(List.of(Map.entry("ok", "without error"), Map.entry("bad", "with an error")));
        html.append(plot.html(
                "bars",
                String.format(
                        Locale.ROOT,
                        "%,d pages within %s; at most %,.0f a second, as counted in steps of %s",
                        all,
                        Plot.time(visits.length * width),
                        most / width,
                        Plot.time(width)),
                true));
    }

    /** Some of the requests, each a line from its beginning to its end. */
    private void visits(List<Visit> visits) {
        if (visits.isEmpty()) {
            return;
        }
        List<Visit> sorted =
                visits.stream().sorted(Comparator.comparingLong(Visit::from)).toList();
        long start = sorted.getFirst().from();
        long end = sorted.stream().mapToLong(Visit::to).max().orElse(start);
        Plot plot = new Plot((end - start) / 1e3, sorted.size());
        for (int i = 0; i < sorted.size(); i++) {
            Visit visit = sorted.get(i);
            double top = sorted.size() - i;
            plot.fill(colour(visit.status()), (visit.from() - start) / 1e3, (visit.to() - start) / 1e3, top - 0.8, top);
        }
        head("Requests over time");
        html.append("<p>")
                .append(sorted.size())
                .append(
                        " of the pages, evenly chosen. Each line is one, with its redirects, its retries and the pauses before them.</p>\n");
        List<Map.Entry<String, String>> kinds = new ArrayList<>(List.of(
                Map.entry("ok", "2xx"),
                Map.entry("unchanged", "304, not modified"),
                Map.entry("moved", "3xx"),
                Map.entry("bad", "4xx and 5xx"),
                Map.entry("none", "no answer")));
        kinds.removeIf(kind ->
                sorted.stream().noneMatch(visit -> colour(visit.status()).equals(kind.getKey())));
        legend(kinds);
        html.append(plot.html(
                "lines",
                sorted.size() + " requests within " + Plot.time((end - start) / 1e3) + ", in their order",
                false));
    }

    private void slowest(List<CrawlSummary.Slow> slowest) {
        if (slowest.isEmpty()) {
            return;
        }
        head("The slowest pages");
        html.append("<table><thead><tr><th scope=col class=n>time</th><th scope=col class=n>status</th>")
                .append("<th scope=col>address, without query</th></tr></thead><tbody>\n");
        for (CrawlSummary.Slow slow : slowest) {
            html.append("<tr><td class=n>")
                    .append(String.format(Locale.ROOT, "%,.2f s", slow.millis() / 1e3))
                    .append("</td><td class=n>")
                    .append(slow.status() == 0 ? "none" : slow.status())
                    .append("</td><td class=u>")
                    .append(escaped(slow.address()))
                    .append("</td></tr>\n");
        }
        html.append("</tbody></table>\n");
    }

    private void leftOut(CrawlReport report) {
        head("Besides");
        table("what was found, and is no page of this crawl", "number");
        row("addresses not visited, since there were pages enough", report.unvisited());
        row("answers that are no HTML", report.notHtml());
        row("redirects to a page that is counted", report.duplicates());
        row("addresses that robots.txt forbids", report.disallowed());
        row("links to other hosts", report.skipped().elsewhere());
        row("links deeper than wanted", report.skipped().tooDeep());
        row("links that a pattern excludes", report.skipped().excluded());
        row("links into traps", report.skipped().traps());
        row("links that their page asks not to follow", report.skipped().nofollow());
        row("sitemaps read", report.sitemaps());
        row("sitemaps that could not be read", report.badSitemaps());
        html.append("</tbody></table>\n");
    }

    // ---------------------------------------------------------------- parts

    private void head(String title) {
        html.append("<h2>").append(title).append("</h2>\n");
    }

    private void table(String name, String number, String... more) {
        html.append("<table><thead><tr><th scope=col>")
                .append(name)
                .append("</th><th scope=col class=n>")
                .append(number)
                .append("</th>");
        for (String column : more) {
            html.append("<td>").append(column).append("</td>");
        }
        html.append("</tr></thead><tbody>\n");
    }

    private void row(String name, long number) {
        html.append("<tr><th scope=row class=u>")
                .append(escaped(name))
                .append("</th>")
                .append(cell(number))
                .append("</tr>\n");
    }

    private static String cell(long number) {
        return "<td class=n>" + number(number) + "</td>";
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private void legend(List<Map.Entry<String, String>> kinds) {
        html.append("<ul class=legend>");
        kinds.forEach(kind -> html.append("<li><span class=\"dot ")
                .append(kind.getKey())
                .append("\"></span>")
                .append(kind.getValue())
                .append("</li>"));
        html.append("</ul>\n");
    }

    private static String colour(int status) {
        return switch (status / 100) {
            case 0 -> "none";
            case 2 -> "ok";
            case 3 -> status == 304 ? "unchanged" : "moved";
            default -> "bad";
        };
    }

    private static String size(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : bytes < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
