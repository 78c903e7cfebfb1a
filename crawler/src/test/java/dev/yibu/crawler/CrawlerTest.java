package dev.yibu.crawler;

import static dev.yibu.Async.allTasks;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is visited, in which order, and how a crawl ends. */
@Timeout(60)
class CrawlerTest {
    /** No timing is to decide, even in a cold JVM on a busy machine. */
    private static final CrawlOptions PATIENT =
            CrawlOptions.defaults().withTimeout(Duration.ofSeconds(50)).withAllowPrivate(true);

    private TestSite site;
    private final List<Page> pages = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        site = new TestSite();
    }

    @AfterEach
    void close() {
        site.close();
    }

    private CrawlReport crawl(CrawlOptions options, String... paths) {
        return new Crawler(options).crawl(List.of(paths).stream().map(site::at).toList(), pages::add);
    }

    private List<String> titles() {
        return pages.stream().map(Page::title).toList();
    }

    @Test
    void pages_are_visited_breadth_first_and_know_their_depth() {
        site.page("/", "root", "a", "b")
                .page("/a", "a", "a1", "a2")
                .page("/b", "b", "b1", "a1")
                .page("/a1", "a1", "deep")
                .page("/a2", "a2")
                .page("/b1", "b1", "/")
                .page("/deep", "deep");

        CrawlReport report = crawl(PATIENT.withConcurrency(1), "/");

        assertThat(titles()).containsExactly("root", "a", "b", "a1", "a2", "b1", "deep");
        assertThat(pages).extracting(Page::depth).containsExactly(0, 1, 1, 2, 2, 2, 3);
        assertThat(site.requests()).containsExactly("/", "/a", "/b", "/a1", "/a2", "/b1", "/deep");
        assertThat(report.pages()).isEqualTo(7);
        assertThat(report.errors()).isZero();
        assertThat(report.unvisited()).isZero();
        assertThat(report.bytes())
                .isEqualTo(pages.stream().mapToLong(Page::bytes).sum());
    }

    @Test
    void each_page_is_visited_once_however_its_address_is_written() {
        String host = site.host();
        site.page(
                        "/x/",
                        "x",
                        "page",
                        "page#part",
                        "./page",
                        "../x/page",
                        "/x/y/../page",
                        "//" + host + "/x/page",
                        "HTTP://" + host + "/x/page",
                        "#",
                        "",
                        "page?q=1")
                .page("/x/page", "page", "/x/", "page", "./")
                .page("/x/page?q=1", "other");

        CrawlReport report = crawl(PATIENT, "/x/", "/x/#top", "/./x/");

        assertThat(titles()).containsExactlyInAnyOrder("x", "page", "other");
        assertThat(site.requests()).containsExactlyInAnyOrder("/x/", "/x/page", "/x/page?q=1");
        assertThat(report.pages()).isEqualTo(3);
    }

    @Test
    void many_pages_are_each_delivered_once() {
        int size = 500;
        for (int i = 0; i < size; i++) {
            String[] links = new String[10];
            for (int k = 0; k < links.length; k++) {
                links[k] = "/" + (i * 7 + k * 31 + 1) % size;
            }
            site.page("/" + i, "page " + i, links);
        }

        CrawlReport report = crawl(PATIENT.withConcurrency(32), "/0");

        assertThat(pages).hasSize(size).doesNotHaveDuplicates();
        assertThat(titles()).doesNotHaveDuplicates();
        assertThat(site.requests()).hasSize(size).doesNotHaveDuplicates();
        assertThat(report.pages()).isEqualTo(size);
    }

    @Test
    void links_to_other_hosts_are_counted_and_not_followed() throws IOException {
        try (TestSite other = new TestSite()) {
            other.page("/", "other");
            site.page(
                            "/",
                            "here",
                            other.at("/").toString(),
                            "https://example.invalid/",
                            "mailto:a@example.invalid",
                            "in")
                    .page("/in", "in", other.at("/").toString());

            CrawlReport report = crawl(PATIENT, "/");

            assertThat(titles()).containsExactly("here", "in");
            assertThat(pages.getFirst().links())
                    .containsExactly(other.at("/"), URI.create("https://example.invalid/"), site.at("/in"));
            assertThat(report.skipped().elsewhere()).isEqualTo(3);
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void several_start_addresses_open_their_hosts() throws IOException {
        try (TestSite other = new TestSite()) {
            other.page("/", "other", site.at("/more").toString());
            site.page("/", "here").page("/more", "more");

            new Crawler(PATIENT).crawl(List.of(site.at("/"), other.at("/")), pages::add);

            assertThat(titles()).containsExactlyInAnyOrder("here", "other", "more");
        }
    }

    @Test
    void frames_and_areas_are_links_and_a_base_element_counts() {
        site.html("/", """
                        <title>root</title><base href="/sub/">
                        <map><area href="area"></map><iframe src="inner"></iframe><a name="no link"></a><a href="a">a</a>
                        """)
                .page("/sub/area", "area")
                .page("/sub/inner", "inner")
                .page("/sub/a", "a");

        crawl(PATIENT, "/");

        assertThat(titles()).containsExactlyInAnyOrder("root", "area", "inner", "a");
    }

    @Test
    void no_more_pages_are_asked_for_than_wanted() {
        String[] links = new String[100];
        for (int i = 0; i < links.length; i++) {
            links[i] = "/" + i;
            site.page("/" + i, "page " + i);
        }
        site.page("/", "root", links);

        CrawlReport report = crawl(PATIENT.withMaxPages(30).withConcurrency(16), "/");

        assertThat(pages).hasSize(30);
        assertThat(site.requests()).hasSize(30);
        assertThat(report.pages()).isEqualTo(30);
        assertThat(report.unvisited()).isEqualTo(101 - 30);
    }

    @Test
    void as_many_requests_as_allowed_are_under_way_and_never_more() {
        int limit = 8;
        CountDownLatch allThere = new CountDownLatch(limit);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        String[] links = new String[40];
        for (int i = 0; i < links.length; i++) {
            links[i] = "/" + i;
            site.on("/" + i, exchange -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                allThere.countDown();
                try {
                    allThere.await(); // hangs, unless so many requests come together
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                now.decrementAndGet();
                TestSite.send(
                        exchange, 200, "text/html", TestSite.document("leaf").getBytes());
            });
        }
        site.page("/", "root", links);

        CrawlReport report = crawl(PATIENT.withConcurrency(limit), "/");

        assertThat(report.pages()).isEqualTo(41);
        assertThat(report.errors()).isZero();
        assertThat(most).hasValue(limit);
    }

    @Test
    void what_the_receiver_throws_ends_the_crawl_and_is_thrown() {
        site.page("/", "root", "a", "b").page("/a", "a").hang("/b");

        assertThatThrownBy(() -> new Crawler(PATIENT).crawl(List.of(site.at("/")), page -> {
                    pages.add(page);
                    if (page.title().equals("a")) {
                        throw new IOException("disk full");
                    }
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("disk full");
        assertThat(titles()).containsExactly("root", "a");
    }

    @Test
    void a_crawl_cancelled_in_the_middle_keeps_its_pages_and_leaves_no_task() {
        site.page("/", "root", "a", "b", "never")
                .page("/a", "a")
                .page("/b", "b")
                .hang("/never");

        run(() -> {
            TaskGroup.run(group -> {
                group.start(() -> new Crawler(PATIENT).crawl(List.of(site.at("/")), page -> {
                    pages.add(page);
                    if (pages.size() == 3) {
                        group.cancel("that is enough");
                    }
                }));
            });
            assertThat(allTasks()).hasSize(1); // this one
        });

        assertThat(titles()).containsExactlyInAnyOrder("root", "a", "b");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("yibu-parser") || name.startsWith("HttpClient"));
    }

    @Test
    void a_crawl_cancelled_between_retries_ends_and_until_then_keeps_others_out_of_the_slots_of_failing_visits()
            throws Exception {
        Set<String> busy = ConcurrentHashMap.newKeySet();
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch repeated = new CountDownLatch(1);
        site.page("/", "root", "a", "b", "c");
        for (String path : List.of("/a", "/b", "/c")) {
            site.on(path, exchange -> {
                busy.add(path);
                if (requests.incrementAndGet() >= 4 && busy.size() >= 2) {
                    repeated.countDown();
                }
                exchange.sendResponseHeaders(503, -1);
            });
        }

        run(() -> {
            TaskGroup.run(group -> {
                group.start(() -> new Crawler(PATIENT.withConcurrency(2).withRetries(1_000))
                        .crawl(List.of(site.at("/")), pages::add));
                repeated.await();
                group.cancel("that is enough");
            });
            assertThat(allTasks()).hasSize(1); // this one
        });

        assertThat(titles()).containsExactly("root");
        assertThat(busy).hasSize(2);
    }

    @Test
    void a_timeout_around_the_crawl_bounds_it_as_a_whole() {
        site.page("/", "root", "never").hang("/never");
        Crawler crawler = new Crawler(PATIENT);

        assertThatThrownBy(() -> timeout(
                        Duration.ofSeconds(50),
                        () -> crawler.crawl(List.of(site.at("/")), page -> {
                            pages.add(page);
                            deadline().reschedule(Duration.ofMillis(10));
                        })))
                .isInstanceOf(TimeoutException.class);

        assertThat(titles()).containsExactly("root");
        assertThat(crawler.inFlight()).isZero();
    }

    @Test
    void one_crawler_serves_several_crawls_at_a_time() throws IOException {
        try (TestSite other = new TestSite()) {
            site.page("/", "root", "a").page("/a", "a");
            other.page("/", "other root", "b").page("/b", "b");
            Crawler crawler = new Crawler(PATIENT);

            List<CrawlReport> reports = gather(
                    () -> crawler.crawl(List.of(site.at("/")), _ -> {}),
                    () -> crawler.crawl(List.of(other.at("/")), _ -> {}));

            assertThat(reports).extracting(CrawlReport::pages).containsExactly(2L, 2L);
        }
    }

    @Test
    void the_snippet_of_the_documentation_runs() {
        site.page("/", "root", "missing");
        List<String> lines = new ArrayList<>();

        CrawlReport report = Snippets.crawl(PATIENT, site.at("/").toString(), lines);

        assertThat(lines).containsExactly("200 root", "404 ");
        assertThat(report.errors()).isEqualTo(1);
    }

    @Test
    void a_crawl_without_start_address_is_refused() {
        assertThatThrownBy(() -> new Crawler(PATIENT).crawl(List.of(), pages::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a crawl needs an address to start from");
    }

    @Test
    void options_out_of_range_are_refused() {
        CrawlOptions options = CrawlOptions.defaults();
        assertThatThrownBy(() -> options.withConcurrency(0))
                .hasMessage("the concurrency is 0; it has to be at least 1");
        assertThatThrownBy(() -> options.withConcurrency(10_001)).hasMessageContaining("10001");
        assertThatThrownBy(() -> options.withMaxPages(0))
                .hasMessage("the number of pages is 0; it has to be at least 1");
        assertThatThrownBy(() -> options.withRetries(-1))
                .hasMessage("the number of retries is -1; it has to be at least 0");
        assertThatThrownBy(() -> options.withMaxBytes(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> options.withTimeout(Duration.ZERO)).hasMessageContaining("a request needs some time");
    }
}
