package dev.yibu.cli;

import static dev.yibu.Async.run;
import static dev.yibu.Async.using;

import dev.yibu.RunOptions;
import dev.yibu.SignalException;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.Crawler;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code yibu crawl}: what it is asked to do, and how it ends. */
@Command(
        name = "crawl",
        description = {
            "Visits the pages of a website, many at a time, and writes a line of JSON for each.",
            "Without a URL: the Javadoc of Eclipse Collections, served on this machine with 200 ms of latency.",
            "robots.txt is not read yet: crawl sites that are yours, or whose owners agree."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it was crawled",
            "1:no page could be read, or the file not be written",
            "2:an argument is wrong",
            "130:interrupted; the file has the pages visited until then"
        },
        sortOptions = false)
final class CrawlCommand implements Callable<Integer> {
    private static final int CONCURRENCY_ON_THIS_MACHINE = 50;
    private static final double LONGEST_TIMEOUT = 86_400;

    @Parameters(paramLabel = "URL", arity = "0..*", description = "Where to start; pages of these hosts are visited.")
    private List<String> urls = List.of();

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Visit so many pages at a time (10; without a URL 50).")
    private @Nullable Integer concurrency;

    @Option(names = "--max-pages", paramLabel = "N", description = "Stop after so many pages (${DEFAULT-VALUE}).")
    private int maxPages = 1000;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the pages to it (${DEFAULT-VALUE}).")
    private Path out = Path.of("pages.jsonl");

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Give a request so long (${DEFAULT-VALUE}).")
    private double timeout = 10;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "Repeat a request so often that fails for the moment (${DEFAULT-VALUE}).")
    private int retries = 2;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = {
                "Then visit so many of the pages again, one after the other, to see what concurrency was worth;",
                "0 for none (${DEFAULT-VALUE})."
            })
    private int sample = 40;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<URI> starts;
        CrawlOptions options;
        try {
            starts = urls.stream().map(Crawler::address).toList();
            options = options();
            checkOut();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        PrintWriter stderr = spec.commandLine().getErr();
        CrawlRun crawl = new CrawlRun(options, out, sample, spec.commandLine().getOut(), stderr);
        try {
            return run(RunOptions.defaults().withName("crawl").withSignals(true), () -> {
                return starts.isEmpty() ? crawlEmbeddedSite(crawl, stderr) : crawl.from(starts);
            });
        } catch (SignalException e) {
            stderr.println("yibu: interrupted; " + CrawlRun.count(crawl.pagesWritten(), "page") + " kept in " + out);
            return e.exitStatus();
        }
    }

    private CrawlOptions options() {
        if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT)) {
            throw new IllegalArgumentException(
                    "the timeout is " + timeout + " s; it has to be more than 0, and a day at most");
        }
        if (sample < 0) {
            throw new IllegalArgumentException("the sample is " + sample + "; it has to be at least 0");
        }
        int usual = urls.isEmpty()
                ? CONCURRENCY_ON_THIS_MACHINE
                : CrawlOptions.defaults().concurrency();
        return CrawlOptions.defaults()
                .withConcurrency(concurrency == null ? usual : concurrency)
                .withMaxPages(maxPages)
                .withTimeout(Duration.ofNanos(Math.max(1, (long) (timeout * 1e9))))
                .withRetries(retries);
    }

    private void checkOut() {
        Path folder = out.toAbsolutePath().getParent();
        if (Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + " is a folder; --out names the file to write");
        }
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("there is no folder " + folder + "; make it, or choose another --out");
        }
    }

    private static int crawlEmbeddedSite(CrawlRun crawl, PrintWriter stderr) throws IOException {
        return using(EmbeddedSite::open, EmbeddedSite::close, site -> {
            stderr.printf(
                    "yibu: serving %s, %s, with %d ms of latency%n",
                    EmbeddedSite.NAME, CrawlRun.count(site.size(), "page"), EmbeddedSite.LATENCY.toMillis());
            return crawl.from(List.of(site.start()));
        });
    }
}
