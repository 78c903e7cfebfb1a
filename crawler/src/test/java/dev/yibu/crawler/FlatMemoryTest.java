package dev.yibu.crawler;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What lies in the store does not lie in memory. */
@Timeout(90)
class FlatMemoryTest {
    private static final int HUBS = 20;
    private static final int LINKS = 5_000;

    private static long live() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void a_hundred_thousand_addresses_that_wait_take_no_memory(@TempDir Path folder) throws Exception {
        try (TestSite site = new TestSite()) {
            site.otherwise(exchange -> {
                String path = exchange.getRequestURI().getPath();
                if (path.equals("/robots.txt")) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                int links = path.equals("/") ? HUBS : LINKS;
                String prefix = path.equals("/") ? "/hub" : path + "/a-name-that-is-as-long-as-names-are/page";
                String html = IntStream.range(0, links)
                        .mapToObj(i -> "<a href=" + prefix + i + ">x</a>")
                        .collect(Collectors.joining());
                TestSite.send(exchange, 200, "text/html", html.getBytes(StandardCharsets.UTF_8));
            });
            CrawlOptions options = CrawlOptions.defaults()
                    .withAllowPrivate(true)
                    .withTimeout(Duration.ofSeconds(50))
                    .withConcurrency(2)
                    .withMaxPages(1 + HUBS)
                    .withRules(FollowRules.defaults().withMaxAlike(1_000_000));
            List<Long> memory = new ArrayList<>();
            CrawlReport report = run(() -> {
                try (CrawlStore store = CrawlStore.file(folder.resolve("crawl.db"))) {
                    return new Crawler(options).crawl(store, List.of(site.at("/")), _ -> {}, page -> {
                        if (!page.url().getPath().equals("/")) {
                            memory.add(live());
                        }
                    });
                }
            });

            assertThat(report.unvisited()).isEqualTo((long) HUBS * LINKS);
            long growth = memory.getLast() - memory.getFirst();
            System.out.printf(
                    "%,d addresses wait; live memory %.1f MB, at the first page %.1f MB%n",
                    report.unvisited(), memory.getLast() / 1e6, memory.getFirst() / 1e6);
            // As strings in a set they would be some 20 MB.
            assertThat(growth).isLessThan(5_000_000);
        }
    }
}
