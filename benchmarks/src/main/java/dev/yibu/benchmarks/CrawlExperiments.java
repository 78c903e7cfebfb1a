package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.CrawlStore;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.FollowRules;
import dev.yibu.crawler.Politeness;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Crawlers side by side: all pages of a website that a child process serves, each once, title and links of each. Yibu's keeps
 * them in a store, a new file for each turn, and asks robots.txt; the others only count them.
 */
final class CrawlExperiments implements Suite.Open {
    static final List<String> NAMES = List.of("crawl");

    private static final String SITE = "eclipse-collections-.*-javadoc.jar";
    private static final int AT_A_TIME = 50;
    private static final int LONGEST = 30_000_000;

    private final SiteServer server = SiteServer.start(site());
    private int pages;

    CrawlExperiments() throws IOException {}

    /** The pages: a jar of the class path, which is that of {@code ./yibu bench}. */
    private static Path site() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(file -> file.getFileName().toString().matches(SITE))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("the class path lacks " + SITE + "; use ./yibu bench crawl"));
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public Experiment named(String name) throws Exception {
        String start = server.start();
        List<Competitor> competitors = new ArrayList<>();
        add(
                competitors,
                "JDK HttpClient + jsoup, one at a time",
                () -> PageVisits.oneByOne().all(start));
        add(
                competitors,
                "OkHttp + jsoup, virtual threads",
                () -> PageVisits.concurrent(AT_A_TIME).all(start));
        add(competitors, "Yibu", () -> withYibu(start));
        Peers peers = new Peers()
                .python("Python, html.parser", "html.parser", "crawl_peer.py", "crawl", "stdlib", start)
                .python("aiohttp, bs4", "aiohttp, bs4", "crawl_peer.py", "crawl", "bs4", start)
                .python("aiohttp, lxml", "aiohttp, lxml.html", "crawl_peer.py", "crawl", "lxml", start);
        return new Experiment(name, "page", 1, 3, competitors).with(peers);
    }

    private interface Crawl {
        int pages() throws Exception;
    }

    private void add(List<Competitor> competitors, String name, Crawl crawl) {
        competitors.add(new Competitor(name, () -> {
            int all = all();
            return Cost.of(all, () -> {
                int visited = crawl.pages();
                if (visited != all) {
                    throw new IllegalStateException(name + " has visited " + visited + " pages instead of " + all);
                }
            });
        }));
    }

    /** How many pages the site has; counted when it is first asked. */
    private int all() throws Exception {
        if (pages == 0) {
            pages = PageVisits.oneByOne().all(server.start());
        }
        return pages;
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
