package dev.yibu.cli;

import static dev.yibu.Async.blocking;
import static dev.yibu.Async.using;

import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.CrawlStore;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.Page;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A crawl into a store and a file, then some of its pages once more, one after the other, and the reports. */
final class CrawlRun {
    private static final int KINDS_OF_ERRORS_SHOWN = 5;
    private static final int SLOWEST_SHOWN = 3;
    private static final int ENOUGH_FOR_A_RATE = 10;

    /**
     * Where results go.
     *
     * @param out receives the pages as lines of JSON, or null for standard output
     * @param html receives the report, if one is wanted
     * @param sample how many pages are visited again
     */
    record Output(@Nullable Path out, @Nullable Path html, int sample) {
        /** What the file of pages is called. */
        String name() {
            return out == null ? "standard output" : out.toString();
        }

        /** Where so many pages are now. */
        String has(int pages) {
            return count(pages, "page") + (out == null ? " written to " : " kept in ") + name();
        }
    }

    private final CrawlOptions options;
    private final Output output;
    private final PrintWriter stdout;
    private final PrintWriter stderr;

    /** Where people read: standard error, if the pages go to standard output. */
    private final PrintWriter people;

    private final CrawlSummary summary = new CrawlSummary();
    private final AtomicInteger compared = new AtomicInteger();

    CrawlRun(CrawlOptions options, Output output, PrintWriter stdout, PrintWriter stderr) {
        this.options = options;
        this.output = output;
        this.stdout = stdout;
        this.stderr = stderr;
        this.people = output.out() == null ? stderr : stdout;
    }

    int pagesWritten() {
        return summary.pages();
    }

    /** Returns the exit status. */
    int from(CrawlStore store, List<URI> starts) throws IOException {
        List<String> sites = starts.stream().map(CrawlRun::site).distinct().toList();
        int perHost = options.politeness().perHost();
        stderr.printf(
                "yibu: crawling %s, %d at a time%s, into %s%n",
                String.join(" and ", sites),
                options.concurrency(),
                perHost < options.concurrency() ? " and " + perHost + " for each host" : "",
                output.name());
        CrawlReport report = crawl(store, starts);
        print(report);
        Path html = output.html();
        if (html != null) {
            try {
                blocking(() -> CrawlHtml.write(html, sites, report, summary));
            } catch (IOException e) {
                throw PageFile.unwritable(html, e);
            }
            people.printf("report: %s%n", html);
        }
        people.flush();
        if (summary.readable().all().isEmpty()) {
            return 1;
        }
        if (output.sample() > 0) {
            compare(report);
        }
        return 0;
    }

    private static String site(URI start) {
        return start.getScheme() + "://" + start.getRawAuthority();
    }

    private CrawlReport crawl(CrawlStore store, List<URI> starts) throws IOException {
        Crawler crawler = new Crawler(options);
        long started = System.nanoTime();
        CrawlProgress progress =
                new CrawlProgress(stderr, () -> progress(crawler, (System.nanoTime() - started) / 1e9));
        return using(
                () -> new PageFile(output.out(), stdout),
                PageFile::close,
                file -> progress.during(() -> crawler.<IOException>crawl(
                        store,
                        starts,
                        beginning -> {
                            file.begin(); // now that the store has this crawl: before, the file is another's
                            writeEarlier(store, beginning, file);
                            summary.begin();
                        },
                        page -> write(page, file))));
    }

    /** A file of a process that was killed may lack pages, or have half a line: all are written anew. */
    private void writeEarlier(CrawlStore store, Crawler.Beginning beginning, PageFile file) throws IOException {
        if (beginning.resumed()) {
            stderr.printf("yibu: going on with a crawl that has %s%n", count(beginning.pages(), "page"));
            store.<IOException>pages(page -> write(page, file));
        } else if (beginning.round() > 1) {
            stderr.printf("yibu: crawl number %d, which asks for what has changed%n", beginning.round());
        }
    }

    private void write(Page page, PageFile file) throws IOException {
        file.write(page);
        summary.add(page);
    }

    private String progress(Crawler crawler, double seconds) {
        int now = summary.pages();
        double rate = summary.fetched() / seconds;
        long left = Math.min(crawler.waiting(), (long) options.maxPages() - now);
        String end = summary.fetched() >= ENOUGH_FOR_A_RATE
                ? Plot.time(Math.ceil(Math.max(0, left) / rate)) + " left"
                : "just begun";
        return String.format(
                Locale.ROOT,
                "%s, %.0f/s, %d in flight, %s, %,d to go, %s",
                count(now, "page"),
                rate,
                crawler.inFlight(),
                count(summary.errors(), "error"),
                Math.max(0, left),
                end);
    }

    private void print(CrawlReport report) {
        people.printf(
                Locale.ROOT,
                "%s in %s: %.1f MB, %s, %.2f s, %.0f pages/s%n",
                count(summary.pages(), "page"),
                output.name(),
                report.bytes() / 1e6,
                count(report.errors(), "error"),
                seconds(report.elapsed()),
                summary.fetched() / seconds(report.elapsed()));
        if (report.pages() > summary.pages()) {
            people.printf("all who share the store: %s%n", count(report.pages(), "page"));
        }
        people.printf(
                "answers: %s%n",
                summary.statuses().entrySet().stream()
                        .map(status -> String.format(
                                Locale.ROOT,
                                "%,d x %s",
                                status.getValue(),
                                status.getKey() == 0 ? "no answer" : "HTTP " + status.getKey()))
                        .collect(Collectors.joining(", ")));
        for (Map.Entry<String, Integer> kind :
                summary.kindsOfErrors().stream().limit(KINDS_OF_ERRORS_SHOWN).toList()) {
            people.printf("  %,d x %s%s%n", kind.getValue(), kind.getKey(), advice(kind.getKey()));
        }
        people.printf(
                "slowest: %s%n",
                summary.slowest().stream()
                        .limit(SLOWEST_SHOWN)
                        .map(slow -> String.format(Locale.ROOT, "%.2f s %s", slow.millis() / 1e3, slow.address()))
                        .collect(Collectors.joining(System.lineSeparator() + " ".repeat("slowest: ".length()))));
        people.printf(
                "left out: %s to other hosts, %s that %s no HTML, %s to pages already known, %s beyond --max-pages%s%n",
                count(report.skipped().elsewhere(), "link"),
                count(report.notHtml(), "answer"),
                report.notHtml() == 1 ? "is" : "are",
                count(report.duplicates(), "redirect"),
                count(report.unvisited(), "address"),
                rarer(report));
        people.flush();
    }

    /** What to do about an error, where this program has a means. */
    private static String advice(String error) {
        if (error.startsWith("redirected to another host")) {
            return " (to visit it, start there)";
        }
        if (error.contains("private address")) {
            return " (unless there is --allow-private)";
        }
        if (error.startsWith("longer than ")) {
            return " (--max-bytes)";
        }
        return error.startsWith("no answer within ") ? " (--timeout)" : "";
    }

    /** What most crawls don't have. */
    private static String rarer(CrawlReport report) {
        return more(report.disallowed(), "address", "forbidden by robots.txt")
                + more(report.skipped().tooDeep(), "link", "deeper than --depth")
                + more(report.skipped().excluded(), "link", "excluded by patterns")
                + more(report.skipped().traps(), "link", "into traps")
                + more(report.skipped().nofollow(), "link", "not to be followed")
                + more(report.badSitemaps(), "sitemap", "unreadable");
    }

    private static String more(long number, String noun, String why) {
        return number == 0 ? "" : ", " + count(number, noun) + " " + why;
    }

    /** Visits some of the pages again, evenly spread over the crawl, by the same code with a concurrency of one. */
    private void compare(CrawlReport report) {
        List<URI> again = summary.readable().some(output.sample());
        int size = again.size();
        Crawler oneByOne = new Crawler(options.withConcurrency(1).withMaxPages(size));
        CrawlProgress progress = new CrawlProgress(
                stderr, () -> "comparing: %d of %d pages, one after the other".formatted(compared.get(), size));
        CrawlReport sequential = progress.during(() -> oneByOne.crawl(again, _ -> compared.incrementAndGet()));
        double each = seconds(sequential.elapsed()) / Math.max(1, sequential.pages());
        double wall = seconds(report.elapsed());
        people.printf(
                Locale.ROOT,
                "one after the other: %s again in %.2f s, %.4f s a page%n",
                count(sequential.pages(), "page"),
                seconds(sequential.elapsed()),
                each);
        people.printf(
                Locale.ROOT,
                "speed-up: %.4f s x %,d pages / %.2f s = %.1f%n",
                each,
                summary.fetched(),
                wall,
                each * summary.fetched() / wall);
        people.flush();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    static String count(long number, String noun) {
        String plural = noun.endsWith("s") ? "es" : "s";
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : plural);
    }
}
