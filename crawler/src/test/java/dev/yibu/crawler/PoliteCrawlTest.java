package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What hosts get to see of a crawl, by the log of the hosts. */
@Timeout(60)
class PoliteCrawlTest {
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

    private CrawlReport crawl(CrawlOptions options, String path) {
        return new Crawler(options).crawl(List.of(site.at(path)), pages::add);
    }

    private TestSite robots(String text) {
        return site.bytes("/robots.txt", "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String[] paths(int number) {
        return IntStream.range(0, number).mapToObj(i -> "/p" + i).toArray(String[]::new);
    }

    /** A start page, and so many pages that it links to. */
    private void star(int number) {
        site.page("/", "root", paths(number));
        for (String path : paths(number)) {
            site.page(path, path);
        }
    }

    // ---------------------------------------------------------------- limits

    @Test
    void a_host_sees_no_more_requests_at_a_time_than_its_limit_and_two_hosts_each_theirs() throws IOException {
        try (TestSite other = new TestSite()) {
            AtomicInteger here = new AtomicInteger();
            AtomicInteger there = new AtomicInteger();
            AtomicInteger mostHere = new AtomicInteger();
            AtomicInteger mostThere = new AtomicInteger();
            CountDownLatch bothFull = new CountDownLatch(6);
            for (String path : paths(20)) {
                site.on(path, exchange -> held(exchange, here, mostHere, bothFull));
                other.on(path, exchange -> held(exchange, there, mostThere, bothFull));
            }
            site.page("/", "here", paths(20));
            other.page("/", "there", paths(20));

            CrawlOptions options = PATIENT.withConcurrency(20)
                    .withPoliteness(Politeness.defaults().withPerHost(3));
            CrawlReport report = new Crawler(options).crawl(List.of(site.at("/"), other.at("/")), pages::add);

            assertThat(report.pages()).isEqualTo(42);
            assertThat(mostHere).hasValue(3);
            assertThat(mostThere).hasValue(3);
        }
    }

    private static void held(HttpExchange exchange, AtomicInteger now, AtomicInteger most, CountDownLatch full)
            throws IOException {
        most.accumulateAndGet(now.incrementAndGet(), Math::max);
        full.countDown();
        try {
            full.await(); // hangs, unless both hosts get all that they may
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        now.decrementAndGet();
        TestSite.send(exchange, 200, "text/html", TestSite.document("leaf").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void robots_txt_is_asked_for_first_and_once_and_what_it_forbids_is_not_asked_for() {
        robots("User-agent: *\nDisallow: /secret\n");
        site.page("/", "root", "secret/1", "open", "old", "secret/2")
                .page("/open", "open")
                .redirect("/old", 302, "/secret/3");

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(site.allRequests().getFirst()).isEqualTo("/robots.txt");
        assertThat(site.allRequests()).containsOnlyOnce("/robots.txt");
        assertThat(site.requests()).containsExactlyInAnyOrder("/", "/open", "/old");
        assertThat(report.disallowed()).isEqualTo(3);
        assertThat(report.pages()).isEqualTo(2);
    }

    @Test
    void the_delay_that_robots_txt_asks_for_lies_between_all_requests() {
        robots("User-agent: *\nCrawl-delay: 0.2\n");
        star(6);

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(report.pages()).isEqualTo(7);
        assertThat(site.pauses()).hasSize(7).allMatch(pause -> pause >= 200_000_000);
    }

    @Test
    void the_delay_that_the_user_asks_for_lies_between_all_requests_if_it_is_longer() {
        robots("User-agent: *\nCrawl-delay: 0.01\n");
        star(4);

        crawl(PATIENT.withPoliteness(Politeness.defaults().withDelay(Duration.ofMillis(150))), "/");

        assertThat(site.pauses()).hasSize(5).allMatch(pause -> pause >= 150_000_000);
    }

    @Test
    void a_host_that_asks_to_be_left_alone_is_left_alone() {
        AtomicInteger asked = new AtomicInteger();
        star(3);
        site.on("/p1", exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("Retry-After", "1");
                exchange.sendResponseHeaders(503, -1);
            } else {
                TestSite.send(exchange, 200, "text/html", "<title>back</title>".getBytes(StandardCharsets.UTF_8));
            }
        });

        CrawlReport report = crawl(PATIENT.withConcurrency(1), "/");

        assertThat(report.errors()).isZero();
        assertThat(pages).extracting(Page::title).contains("back");
        int refused = site.allRequests().indexOf("/p1");
        assertThat(site.pauses().get(refused)).isGreaterThanOrEqualTo(1_000_000_000L);
    }

    @Test
    void a_host_that_asks_to_be_left_alone_for_long_gets_no_second_request() {
        star(1);
        site.on("/p0", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            exchange.sendResponseHeaders(429, -1);
        });

        crawl(PATIENT, "/");

        assertThat(pages.getLast().error()).contains("HTTP 429, and asks to be left alone for 3600 s");
        assertThat(site.requestsFor("/p0")).isEqualTo(1);
    }

    @Test
    void a_host_that_asks_to_be_left_alone_for_long_gets_no_request_for_other_pages_either() {
        star(5);
        site.on("/p0", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            exchange.sendResponseHeaders(503, -1);
        });

        CrawlReport report = crawl(PATIENT.withConcurrency(1), "/");

        assertThat(site.requests()).containsExactly("/", "/p0");
        assertThat(report.errors()).isEqualTo(5);
        assertThat(pages.getLast().error().orElseThrow())
                .startsWith("the host asks to be left alone for 3")
                .endsWith(" s");
    }

    // ---------------------------------------------------------------- robots.txt that is none

    @Test
    void where_robots_txt_cannot_be_had_nothing_is_asked_for() {
        star(3);
        site.on("/robots.txt", exchange -> exchange.sendResponseHeaders(500, -1));

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(site.requests()).isEmpty();
        assertThat(report.errors()).isEqualTo(1);
        assertThat(pages.getFirst().error()).contains("robots.txt answers HTTP 500, so nothing is allowed");
    }

    @Test
    void where_robots_txt_is_missing_forbidden_or_leads_nowhere_all_is_allowed() {
        for (int status : new int[] {401, 403, 404, 410}) {
            site.on("/robots.txt", exchange -> exchange.sendResponseHeaders(status, -1));
            star(1);
            assertThat(crawl(PATIENT, "/").pages()).as("HTTP " + status).isEqualTo(2);
        }
        site.redirect("/robots.txt", 302, "/robots.txt");
        assertThat(crawl(PATIENT, "/").pages()).isEqualTo(2);
    }

    @Test
    void a_robots_txt_that_lies_on_another_host_counts() throws IOException {
        try (TestSite other = new TestSite()) {
            other.bytes("/rules", "text/plain", "User-agent: *\nDisallow: /p1".getBytes(StandardCharsets.UTF_8));
            site.redirect("/robots.txt", 301, other.at("/rules").toString());
            star(3);

            CrawlReport report = crawl(PATIENT, "/");

            assertThat(report.disallowed()).isEqualTo(1);
            assertThat(site.requestsFor("/p1")).isZero();
            assertThat(other.allRequests()).containsExactly("/rules");
        }
    }

    @Test
    void of_a_robots_txt_without_end_the_beginning_counts() throws InterruptedException {
        CountDownLatch hungUp = new CountDownLatch(1);
        site.page("/", "root", "a", "b").page("/a", "a").page("/b", "b");
        site.on("/robots.txt", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 100_000_000);
            OutputStream body = exchange.getResponseBody();
            body.write("User-agent: *\nDisallow: /b\n".getBytes(StandardCharsets.UTF_8));
            byte[] filler = "# a hundred megabytes of nothing\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
            try {
                for (int sent = 0; sent < 99_000_000; sent += filler.length) {
                    body.write(filler);
                }
            } catch (IOException e) {
                hungUp.countDown();
                throw e;
            }
        });

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(report.disallowed()).isEqualTo(1);
        assertThat(report.pages()).isEqualTo(2);
        hungUp.await();
    }

    // ---------------------------------------------------------------- pages that ask, sitemaps

    @Test
    void the_links_of_a_page_that_asks_so_are_not_followed() {
        site.page("/", "root", "meta", "header")
                .html("/meta", "<meta name=robots content=nofollow><title>m</title><a href=no1>x</a>")
                .on("/header", exchange -> {
                    exchange.getResponseHeaders().set("X-Robots-Tag", "noindex, nofollow");
                    TestSite.send(
                            exchange,
                            200,
                            "text/html",
                            TestSite.document("h", "no2", "no3").getBytes(StandardCharsets.UTF_8));
                });

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(report.pages()).isEqualTo(3);
        assertThat(report.skipped().nofollow()).isEqualTo(3);
    }

    private static String sitemap(String kind, String entry, String... urls) {
        StringBuilder xml = new StringBuilder(
                "<?xml version=\"1.0\"?><" + kind + " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
        for (String url : urls) {
            xml.append('<' + entry + "><loc>" + url + "</loc></" + entry + '>');
        }
        return xml.append("</" + kind + '>').toString();
    }

    private void xml(String path, String text) {
        site.bytes(path, "application/xml", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void pages_that_sitemaps_list_are_visited_and_sitemaps_are_no_pages() {
        robots("Sitemap: " + site.at("/index.xml") + "\nSitemap: http://other.example/map.xml\n");
        xml(
                "/index.xml",
                sitemap(
                        "sitemapindex",
                        "sitemap",
                        site.at("/map.xml").toString(),
                        site.at("/gone.xml").toString()));
        xml("/map.xml", sitemap("urlset", "url", site.at("/listed").toString(), "http://other.example/x"));
        site.page("/", "root").page("/listed", "listed", "linked").page("/linked", "linked");

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(pages).extracting(Page::title).containsExactlyInAnyOrder("root", "listed", "linked");
        assertThat(report.pages()).isEqualTo(3);
        assertThat(report.sitemaps()).isEqualTo(2);
        assertThat(report.badSitemaps()).isEqualTo(1);
    }

    @Test
    void sitemaps_that_list_sitemaps_for_ever_are_read_to_a_depth() {
        robots("Sitemap: " + site.at("/s0.xml") + "\n");
        for (int i = 0; i < 20; i++) {
            xml(
                    "/s" + i + ".xml",
                    sitemap(
                            "sitemapindex",
                            "sitemap",
                            site.at("/s" + (i + 1) + ".xml").toString()));
        }
        site.page("/", "root");

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(report.sitemaps()).isEqualTo(4);
    }

    // ---------------------------------------------------------------- traps and private addresses

    @Test
    void a_calendar_without_end_is_left_after_so_many_pages() {
        site.otherwise(exchange -> {
            int day = Integer.parseInt("0" + exchange.getRequestURI().getPath().replaceAll("\\D", ""));
            byte[] page = TestSite.document("day " + day, "/calendar/day/" + (day + 1), "/calendar?week=" + day)
                    .getBytes(StandardCharsets.UTF_8);
            TestSite.send(exchange, 200, "text/html", page);
        });
        robots("");

        CrawlReport report =
                crawl(PATIENT.withRules(FollowRules.defaults().withMaxAlike(20)).withMaxPages(10_000), "/");

        assertThat(report.pages()).isEqualTo(1 + 20 + 20);
        assertThat(report.skipped().traps()).isPositive();
        assertThat(report.unvisited()).isZero();
    }

    @Test
    void depth_and_patterns_bound_a_crawl() {
        site.page("/", "root", "a", "x")
                .page("/a", "a", "b")
                .page("/b", "b", "c")
                .page("/c", "c")
                .page("/x", "x");

        FollowRules rules = FollowRules.defaults().withDepth(2).withExclude(AddressPattern.of("/x$"));
        CrawlReport report = crawl(PATIENT.withRules(rules), "/");

        assertThat(pages).extracting(Page::title).containsExactly("root", "a", "b");
        assertThat(report.skipped()).isEqualTo(new Skipped(0, 1, 1, 0, 0));
    }

    @Test
    void redirects_do_not_lead_to_what_the_patterns_exclude_but_from_a_start_address() {
        site.redirect("/start", 302, "/private/home")
                .page("/private/home", "home", "/to-private", "/to-open")
                .redirect("/to-private", 302, "/private/secret")
                .redirect("/to-open", 302, "/open")
                .page("/open", "open");

        FollowRules rules = FollowRules.defaults().withExclude(AddressPattern.of("/private/"));
        crawl(PATIENT.withRules(rules), "/start");

        assertThat(site.requests()).doesNotContain("/private/secret");
        assertThat(pages).extracting(Page::title).containsExactlyInAnyOrder("home", "open", "");
        assertThat(pages)
                .extracting(Page::error)
                .contains(Optional.of("redirected to an address that the patterns exclude"));
    }

    @Test
    void a_host_with_a_private_address_is_not_connected_to() throws Exception {
        star(2);
        URI byName = URI.create("http://localhost:" + site.at("/").getPort() + "/");
        assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
        for (URI start : List.of(site.at("/"), byName, URI.create("http://[::1]:" + byName.getPort() + "/"))) {
            pages.clear();
            CrawlReport report = new Crawler(PATIENT.withAllowPrivate(false)).crawl(List.of(start), pages::add);
            assertThat(report.errors()).isEqualTo(1);
            assertThat(pages.getFirst().error())
                    .as(start.toString())
                    .contains("the host has a private address, and those are not allowed");
        }
        assertThat(site.allRequests()).isEmpty();
    }

    @Test
    void politeness_out_of_range_is_refused() {
        assertThatThrownBy(() -> Politeness.defaults().withPerHost(0))
                .hasMessage("the number of requests for each host is 0; it has to be at least 1");
        assertThatThrownBy(() -> Politeness.defaults().withDelay(Duration.ofSeconds(-1)))
                .hasMessageContaining("at least 0");
        assertThatThrownBy(() -> PATIENT.withLease(Duration.ofMillis(10))).hasMessageContaining("at least a second");
    }
}
