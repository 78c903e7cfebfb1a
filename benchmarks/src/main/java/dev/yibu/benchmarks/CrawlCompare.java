package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.CrawlStore;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.FollowRules;
import dev.yibu.crawler.Politeness;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Crawlers side by side: all pages of a website that a child process serves, each once, title and links of each. Yibu's keeps
 * them in a store, a new file for each turn, and asks robots.txt; the others only count them.
 */
final class CrawlCompare {
    private static final String USAGE = """
            usage: CrawlCompare SITE.jar [--rounds N] [--warmup N]
              SITE.jar     the pages, such as cli/target/app/sites/eclipse-collections-javadoc.jar, which ./yibu puts there
              --rounds     how often each competitor is measured (5)
              --warmup     how often each runs before that (3)""";

    private static final int AT_A_TIME = 50;
    private static final int LONGEST = 30_000_000;
    private static final Map<String, String> PYTHON = Map.of(
            "stdlib", "html.parser",
            "bs4", "aiohttp, bs4",
            "lxml", "aiohttp, lxml.html");

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path site;
    private int rounds = 5;
    private int warmup = 3;

    private CrawlCompare(Path site) {
        this.site = site;
    }

    public static void main(String[] args) throws Exception {
        if (args.length % 2 == 0 || !Files.isRegularFile(Path.of(args[0]))) {
            wrong();
        }
        CrawlCompare compare = new CrawlCompare(Path.of(args[0]));
        for (int i = 1; i < args.length; i += 2) {
            if (!args[i + 1].matches("\\d{1,4}")) {
                wrong();
            }
            int number = Integer.parseInt(args[i + 1]);
            switch (args[i]) {
                case "--rounds" -> compare.rounds = Math.max(1, number);
                case "--warmup" -> compare.warmup = number;
                default -> wrong();
            }
        }
        compare.run();
        System.exit(0); // some clients keep threads
    }

    private static void wrong() {
        System.err.println(USAGE);
        System.exit(2);
    }

    private void run() throws Exception {
        Machine.print(out);
        try (SiteServer server = SiteServer.start(site)) {
            String start = server.start();
            int pages = PageVisits.oneByOne().all(start);
            List<Competitor> competitors = new ArrayList<>();
            add(
                    competitors,
                    "JDK HttpClient + jsoup, one at a time",
                    pages,
                    () -> PageVisits.oneByOne().all(start));
            add(
                    competitors,
                    "OkHttp + jsoup, virtual threads",
                    pages,
                    () -> PageVisits.concurrent(AT_A_TIME).all(start));
            for (String mode : List.of("stdlib", "bs4", "lxml")) {
                if (PythonPeer.has(PYTHON.get(mode))) {
                    PythonPeer peer = new PythonPeer("crawl_peer.py", mode, start, Integer.toString(pages));
                    competitors.add(new Competitor("Python, " + PYTHON.get(mode), () -> peer.turn("go", pages)));
                } else {
                    out.println("absent: Python, " + PYTHON.get(mode));
                }
            }
            add(competitors, "Yibu", pages, () -> withYibu(start));
            Experiment experiment = new Experiment("crawl", "page", warmup, rounds, competitors);
            List<List<Cost>> costs = experiment.run(warmup, rounds);
            Table.print(out, experiment, costs);
            out.println();
            for (int i = 0; i < competitors.size(); i++) {
                double[] nanos =
                        costs.get(i).stream().mapToDouble(Cost::nanos).sorted().toArray();
                out.printf(
                        Locale.ROOT, "- %s: %,.0f pages/s%n", competitors.get(i).name(), 1e9 / nanos[nanos.length / 2]);
            }
        }
    }

    private interface Crawl {
        int pages() throws Exception;
    }

    private static void add(List<Competitor> competitors, String name, int pages, Crawl crawl) {
        competitors.add(new Competitor(
                name,
                () -> Cost.of(pages, () -> {
                    int visited = crawl.pages();
                    if (visited != pages) {
                        throw new IllegalStateException(
                                name + " has visited " + visited + " pages instead of " + pages);
                    }
                })));
    }

    private static int withYibu(String start) throws IOException {
        CrawlOptions options = CrawlOptions.defaults()
                .withAllowPrivate(true)
                .withMaxPages(1_000_000)
                .withMaxBytes(LONGEST)
                .withConcurrency(AT_A_TIME)
                .withRules(FollowRules.defaults().withMaxAlike(1_000_000))
                .withPoliteness(Politeness.defaults().withPerHost(AT_A_TIME));
        Path folder = Files.createTempDirectory("yibu-crawl");
        Path file = folder.resolve("crawl.db");
        CrawlReport report;
        try (CrawlStore store = CrawlStore.file(file)) {
            report = new Crawler(options).crawl(store, List.of(URI.create(start)), _ -> {}, _ -> {});
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
        return Math.toIntExact(report.pages() - report.errors());
    }
}
