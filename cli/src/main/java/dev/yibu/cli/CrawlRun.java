package dev.yibu.cli;

import static dev.yibu.Async.using;

import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.Page;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A crawl into a file, then some of its pages once more, one after the other, and the report on both. */
final class CrawlRun {
    private static final int KINDS_OF_ERRORS_SHOWN = 5;

    private final CrawlOptions options;
    private final Path out;
    private final int sample;
    private final PrintWriter stdout;
    private final PrintWriter stderr;

    private final Map<String, Integer> kindsOfErrors = new LinkedHashMap<>();
    private final List<URI> readable = new ArrayList<>();

    // Read by the progress line.
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger compared = new AtomicInteger();

    CrawlRun(CrawlOptions options, Path out, int sample, PrintWriter stdout, PrintWriter stderr) {
        this.options = options;
        this.out = out;
        this.sample = sample;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    int pagesWritten() {
        return written.get();
    }

    /** Returns the exit status. */
    int from(List<URI> starts) throws IOException {
        stderr.printf(
                "yibu: crawling %s, %d at a time, into %s%n",
                starts.stream().map(CrawlRun::site).distinct().collect(Collectors.joining(" and ")),
                options.concurrency(),
                out);
        CrawlReport report = crawl(starts);
        print(report);
        if (readable.isEmpty()) {
            return 1;
        }
        if (sample > 0) {
            compare(report);
        }
        return 0;
    }

    private static String site(URI start) {
        return start.getScheme() + "://" + start.getRawAuthority();
    }

    private CrawlReport crawl(List<URI> starts) throws IOException {
        Crawler crawler = new Crawler(options);
        long started = System.nanoTime();
        CrawlProgress progress = new CrawlProgress(stderr, () -> {
            double seconds = (System.nanoTime() - started) / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%s, %.0f/s, %d in flight, %s",
                    count(written.get(), "page"),
                    written.get() / seconds,
                    crawler.inFlight(),
                    count(errors.get(), "error"));
        });
        return using(
                () -> new PageFile(out),
                PageFile::close,
                file -> progress.during(() -> crawler.crawl(starts, page -> {
                    file.write(page);
                    tally(page);
                })));
    }

    private void tally(Page page) {
        written.incrementAndGet();
        if (page.error().isPresent()) {
            errors.incrementAndGet();
            kindsOfErrors.merge(page.error().get(), 1, Integer::sum);
        } else {
            readable.add(page.url());
        }
    }

    private void print(CrawlReport report) {
        stdout.printf(
                Locale.ROOT,
                "%s in %s: %.1f MB, %s, %.2f s, %.0f pages/s%n",
                count(report.pages(), "page"),
                out,
                report.bytes() / 1e6,
                count(report.errors(), "error"),
                seconds(report.elapsed()),
                report.pages() / seconds(report.elapsed()));
        kindsOfErrors.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(KINDS_OF_ERRORS_SHOWN)
                .forEach(kind -> stdout.printf("  %d x %s%n", kind.getValue(), kind.getKey()));
        stdout.printf(
                "left out: %s to other hosts, %s that %s no HTML, %s to pages already known, %s beyond --max-pages%n",
                count(report.linksElsewhere(), "link"),
                count(report.notHtml(), "answer"),
                report.notHtml() == 1 ? "is" : "are",
                count(report.duplicates(), "redirect"),
                count(report.unvisited(), "address"));
        stdout.flush();
    }

    /** Visits some of the pages again, evenly spread over the crawl, by the same code with a concurrency of one. */
    private void compare(CrawlReport report) {
        int size = Math.min(sample, readable.size());
        List<URI> again = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            again.add(readable.get((int) ((long) i * readable.size() / size)));
        }
        Crawler oneByOne = new Crawler(options.withConcurrency(1).withMaxPages(size));
        CrawlProgress progress = new CrawlProgress(
                stderr, () -> "comparing: %d of %d pages, one after the other".formatted(compared.get(), size));
        CrawlReport sequential = progress.during(() -> oneByOne.crawl(again, _ -> compared.incrementAndGet()));
        double each = seconds(sequential.elapsed()) / sequential.pages();
        double wall = seconds(report.elapsed());
        stdout.printf(
                Locale.ROOT,
                "one after the other: %s again in %.2f s, %.4f s a page%n",
                count(sequential.pages(), "page"),
                seconds(sequential.elapsed()),
                each);
        stdout.printf(
                Locale.ROOT,
                "speed-up: %.4f s x %,d pages / %.2f s = %.1f%n",
                each,
                report.pages(),
                wall,
                each * report.pages() / wall);
        stdout.flush();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    static String count(long number, String noun) {
        String plural = noun.endsWith("s") ? "es" : "s";
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : plural);
    }
}
