package dev.yibu.cli;

import static dev.yibu.Async.run;
import static dev.yibu.Async.using;

import dev.yibu.RunOptions;
import dev.yibu.SignalException;
import dev.yibu.crawler.AddressPattern;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlStore;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.Extraction;
import dev.yibu.crawler.FollowRules;
import dev.yibu.crawler.Politeness;
import dev.yibu.crawler.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
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
            "",
            "Without a URL: the Javadoc of Eclipse Collections, served on this machine with 200 ms of latency.",
            "",
            "A crawl that was interrupted goes on where it was; one that ended is done again, and asks only for"
                    + " what has changed.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it was crawled",
            "1:no page could be read, or the file or the store not be written",
            "2:an argument is wrong",
            "130:interrupted; the file has the pages visited until then"
        },
        sortOptions = false)
final class CrawlCommand implements Callable<Integer> {
    private static final int CONCURRENCY_ON_THIS_MACHINE = 50;
    private static final int SAMPLE_ON_THIS_MACHINE = 40;
    private static final double A_DAY = 86_400;
    private static final Path PAGES = Path.of("pages.jsonl");
    private static final String POSTGRESQL = "jdbc:postgresql:";

    @Parameters(paramLabel = "URL", arity = "0..*", description = "Where to start; pages of these hosts are visited.")
    private List<String> urls = List.of();

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Visit so many pages at a time (10; without a URL 50).")
    private @Nullable Integer concurrency;

    @Option(
            names = "--per-host",
            paramLabel = "N",
            description = "Of one host, so many at a time (10; without a URL as many as --concurrency).")
    private @Nullable Integer perHost;

    @Option(
            names = "--delay",
            paramLabel = "SECONDS",
            description = "Leave a host alone so long after each request, of which there is then one at a time (0).")
    private double delay;

    @Option(names = "--max-pages", paramLabel = "N", description = "Stop after so many pages (${DEFAULT-VALUE}).")
    private int maxPages = 1000;

    @Option(names = "--depth", paramLabel = "N", description = "Follow so many links from a start (no limit).")
    private int depth = FollowRules.defaults().depth();

    @Option(
            names = "--include",
            paramLabel = "REGEX",
            description = "Follow only links to addresses in which it is found; several: one of them.")
    private List<String> include = List.of();

    @Option(
            names = "--exclude",
            paramLabel = "REGEX",
            description = "Follow no links to addresses in which it is found.")
    private List<String> exclude = List.of();

    @Option(
            names = "--max-alike",
            paramLabel = "N",
            description =
                    "Visit so many addresses that differ only in numbers or in the query (${DEFAULT-VALUE}); more are"
                            + " a trap, such as a calendar.")
    private int maxAlike = FollowRules.defaults().maxAlike();

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            description =
                    "Read no page that is longer (${DEFAULT-VALUE}); all that are in memory at a time take a quarter of"
                            + " the heap at most, or one of them if it is longer.")
    private int maxBytes = CrawlOptions.defaults().maxBytes();

    @Option(
            names = "--select",
            paramLabel = "NAME=CSS",
            description = "Add what a CSS selector finds to each page; NAME=CSS@ATTRIBUTE for an attribute of it.")
    private List<String> select = List.of();

    @Option(names = "--text", description = "Add what a reader sees to each page.")
    private boolean text;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the pages to it (pages.jsonl, unless there is --json).")
    private @Nullable Path out;

    @Option(
            names = "--json",
            description = "Write the pages to standard output, and everything else to standard error.")
    private boolean json;

    @Option(names = "--report", paramLabel = "FILE", description = "Write a report to it, a page of HTML.")
    private @Nullable Path report;

    @Option(
            names = "--store",
            paramLabel = "FILE",
            description =
                    "Keep the crawl in it (pages.db, or what --out is called). jdbc:postgresql:... names a database of"
                            + " PostgreSQL, in which several crawlers share one crawl.")
    private @Nullable String store;

    @Option(
            names = "--resume",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Go on with what is in the store (the default); --no-resume forgets it.")
    private boolean resume;

    @Option(
            names = "--lease",
            paramLabel = "SECONDS",
            description = "Others who share the store take over what a crawler had, so long after it died (60).")
    private double lease = 60;

    @Option(
            names = "--allow-private",
            description = "Visit hosts with private addresses too, such as those of this machine and its network.")
    private boolean allowPrivate;

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
            description =
                    "Then visit so many of the pages again, one after the other, to see what concurrency was worth"
                            + " (none; without a URL 40).")
    private @Nullable Integer sample;

    @Option(
            names = "--latency",
            paramLabel = "MS",
            description = "Without a URL: let each answer take so long (${DEFAULT-VALUE}).")
    private int latency = 200;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<URI> starts;
        CrawlOptions options;
        CrawlRun.Output output;
        try {
            starts = urls.stream().map(Crawler::address).toList();
            options = options();
            output = output();
            checkStore();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        PrintWriter stderr = spec.commandLine().getErr();
        CrawlRun crawl = new CrawlRun(options, output, spec.commandLine().getOut(), stderr);
        try {
            return run(RunOptions.defaults().withName("crawl").withSignals(true), () -> {
                return using(
                        this::openStore,
                        CrawlStore::close,
                        opened -> starts.isEmpty()
                                ? crawlEmbeddedSite(crawl, opened, stderr)
                                : crawl.from(emptiedFor(opened, starts, stderr), starts));
            });
        } catch (StoreException e) {
            stderr.println("yibu: " + e.getMessage());
            return 1;
        } catch (SignalException e) {
            stderr.println("yibu: interrupted; " + output.has(crawl.pagesWritten()) + "; the same command goes on");
            return e.exitStatus();
        }
    }

    // ---------------------------------------------------------------- arguments

    private CrawlOptions options() {
        boolean embedded = urls.isEmpty();
        int usual =
                embedded ? CONCURRENCY_ON_THIS_MACHINE : CrawlOptions.defaults().concurrency();
        int atATime = concurrency == null ? usual : concurrency;
        int usualPerHost =
                embedded ? Math.max(1, atATime) : Politeness.defaults().perHost();
        FollowRules rules = FollowRules.defaults()
                .withDepth(depth)
                .withMaxAlike(maxAlike)
                .withInclude(patterns(include))
                .withExclude(patterns(exclude));
        Politeness politeness = new Politeness(perHost == null ? usualPerHost : perHost, atLeastZero("delay", delay));
        if (latency < 0) {
            throw new IllegalArgumentException("the latency is " + latency + " ms; it has to be at least 0");
        }
        return CrawlOptions.defaults()
                .withConcurrency(atATime)
                .withMaxPages(maxPages)
                .withMaxBytes(maxBytes)
                .withTimeout(moreThanZero("timeout", timeout))
                .withRetries(retries)
                .withPoliteness(politeness)
                .withRules(rules)
                .withExtraction(Extraction.of(select).withText(text))
                .withAllowPrivate(allowPrivate || embedded)
                .withLease(moreThanZero("lease", lease));
    }

    private static AddressPattern[] patterns(List<String> expressions) {
        return expressions.stream().map(AddressPattern::of).toArray(AddressPattern[]::new);
    }

    private static Duration moreThanZero(String name, double seconds) {
        if (!(seconds > 0 && seconds <= A_DAY)) {
            throw new IllegalArgumentException(
                    "the " + name + " is " + seconds + " s; it has to be more than 0, and a day at most");
        }
        return Duration.ofNanos(Math.max(1, (long) (seconds * 1e9)));
    }

    private static Duration atLeastZero(String name, double seconds) {
        if (!(seconds >= 0 && seconds <= A_DAY)) {
            throw new IllegalArgumentException(
                    "the " + name + " is " + seconds + " s; it has to be at least 0, and a day at most");
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private CrawlRun.Output output() {
        int again = sample != null ? sample : urls.isEmpty() ? SAMPLE_ON_THIS_MACHINE : 0;
        if (again < 0) {
            throw new IllegalArgumentException("the sample is " + again + "; it has to be at least 0");
        }
        Path pages = pagesFile();
        if (pages != null && json) {
            throw new IllegalArgumentException("the pages go to --out or, with --json, to standard output; choose one");
        }
        check("--out", pages);
        check("--report", report);
        return new CrawlRun.Output(pages, report, again);
    }

    /** Null for standard output. */
    private @Nullable Path pagesFile() {
        return out == null && !json ? PAGES : out;
    }

    private static void check(String option, @Nullable Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; " + option + " names the file to write");
        }
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "there is no folder " + folder + "; make it, or choose another " + option);
        }
    }

    // ---------------------------------------------------------------- the store

    private void checkStore() {
        String name = store;
        if (name != null && name.startsWith("jdbc:") && !name.startsWith(POSTGRESQL)) {
            throw new IllegalArgumentException("the store is a file, or a database of PostgreSQL named as " + POSTGRESQL
                    + "//host/database; no other kind");
        }
        boolean file = name == null || !name.startsWith(POSTGRESQL);
        if (file) {
            check("--store", storeFile());
        }
        Path pages = pagesFile();
        Set<Path> places = new HashSet<>();
        for (Path place : Arrays.asList(pages, report, file ? storeFile() : null)) {
            if (place != null && !places.add(place.toAbsolutePath().normalize())) {
                throw new IllegalArgumentException(place
                        + " is to hold two things; choose other files for --out, --report or --store, which is named"
                        + " after --out if it is not given");
            }
        }
    }

    /** The file beside the pages, unless another one is given. */
    private Path storeFile() {
        if (store != null) {
            return Path.of(store);
        }
        Path pages = out == null ? PAGES : out;
        String name = String.valueOf(pages.getFileName());
        return pages.resolveSibling(name.replaceFirst("(.)\\.[^.]*$", "$1") + ".db");
    }

    private CrawlStore openStore() {
        CrawlStore opened = store != null && store.startsWith(POSTGRESQL)
                ? CrawlStore.postgresql(store)
                : CrawlStore.file(storeFile());
        if (!resume) {
            opened.clear();
        }
        return opened;
    }

    /** A store that nobody has asked for makes room for another crawl, if its own is over. */
    private CrawlStore emptiedFor(CrawlStore opened, List<URI> starts, PrintWriter stderr) {
        boolean ofAnother = opened.contents()
                .filter(contents ->
                        contents.ended() && !Set.copyOf(contents.starts()).equals(Set.copyOf(starts)))
                .isPresent();
        if (store == null && ofAnother) {
            stderr.println("yibu: " + storeFile() + " forgets the crawl of another site, which was done");
            opened.clear();
        }
        return opened;
    }

    private int crawlEmbeddedSite(CrawlRun crawl, CrawlStore opened, PrintWriter stderr) throws IOException {
        return using(() -> openSite(opened), EmbeddedSite::close, site -> {
            List<URI> starts = List.of(site.start());
            stderr.printf(
                    "yibu: serving %s, %s, with %d ms of latency%n",
                    EmbeddedSite.NAME, CrawlRun.count(site.size(), "page"), latency);
            return crawl.from(emptiedFor(opened, starts, stderr), starts);
        });
    }

    /** Where the site was before, if the store holds a crawl of it. */
    private EmbeddedSite openSite(CrawlStore opened) throws IOException {
        OptionalInt port = opened.contents()
                .filter(contents -> contents.starts().size() == 1)
                .map(contents -> EmbeddedSite.portOf(contents.starts().getFirst()))
                .orElse(OptionalInt.empty());
        return EmbeddedSite.open(port.orElse(0), Duration.ofMillis(latency));
    }
}
