package dev.yibu.crawler;

import static dev.yibu.Async.blocking;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of answers that are not simply a page. */
@Timeout(60)
class FetchingTest {
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

    private CrawlReport crawl(CrawlOptions options, String path) {
        return new Crawler(options).crawl(List.of(site.at(path)), pages::add);
    }

    private Page page(CrawlOptions options, String path) {
        crawl(options, path);
        assertThat(pages).hasSize(1);
        return pages.getFirst();
    }

    private Page page(String path) {
        return page(PATIENT, path);
    }

    // ---------------------------------------------------------------- retries and timeouts

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void a_failure_for_the_moment_is_tried_again(int status) {
        AtomicInteger asked = new AtomicInteger();
        site.on("/", exchange -> {
            if (asked.incrementAndGet() <= 2) {
                TestSite.send(exchange, status, "text/html", "later".getBytes());
            } else {
                TestSite.send(
                        exchange, 200, "text/html", TestSite.document("now").getBytes());
            }
        });

        Page page = page("/");

        assertThat(page.title()).isEqualTo("now");
        assertThat(page.error()).isEmpty();
        assertThat(asked).hasValue(3);
        assertThat(page.elapsed()).isGreaterThan(Duration.ofMillis(125 + 250)); // the two pauses at their shortest
    }

    @Test
    void after_the_last_retry_the_failure_is_the_pages_error() {
        site.on("/", exchange -> exchange.sendResponseHeaders(503, -1));

        Page page = page(PATIENT.withRetries(1), "/");

        assertThat(page.error()).contains("HTTP 503");
        assertThat(page.status()).isEqualTo(503);
        assertThat(site.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 410, 500})
    void a_failure_for_good_is_not_tried_again(int status) {
        site.on(
                "/",
                exchange -> TestSite.send(
                        exchange,
                        status,
                        "text/html",
                        TestSite.document("sorry", "a").getBytes()));

        Page page = page("/");

        assertThat(page.error()).contains("HTTP " + status);
        assertThat(page.links()).isEmpty();
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void a_connection_that_breaks_is_tried_again() {
        AtomicInteger asked = new AtomicInteger();
        site.on("/", exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write("<title>brok".getBytes());
            } else {
                TestSite.send(
                        exchange, 200, "text/html", TestSite.document("whole").getBytes());
            }
        });

        assertThat(page("/").title()).isEqualTo("whole");
        assertThat(asked).hasValue(2);
    }

    @Test
    void a_host_that_nobody_serves_is_an_error_without_status() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + port + "/?token=secret");

        CrawlReport report = new Crawler(PATIENT.withRetries(0)).crawl(List.of(nowhere), pages::add);

        assertThat(report.errors()).isEqualTo(1);
        assertThat(pages.getFirst().status()).isZero();
        assertThat(pages.getFirst().error()).contains("the host can't be connected to");
    }

    @Test
    void a_timeout_is_an_error_and_is_not_tried_again() {
        site.hang("/slow");

        CrawlReport report = crawl(PATIENT.withTimeout(Duration.ofSeconds(1)), "/slow");

        assertThat(pages.getFirst().error()).contains("no answer within 1 s");
        assertThat(pages.getFirst().status()).isZero();
        assertThat(report.errors()).isEqualTo(1);
        assertThat(site.requests()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void a_body_that_does_not_end_in_time_is_a_timeout_too() {
        site.on("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("<title>start".getBytes());
            exchange.getResponseBody().flush();
            await(new CountDownLatch(1));
        });

        Page page = page(PATIENT.withTimeout(Duration.ofMillis(1_500)), "/");

        assertThat(page.error()).contains("no answer within 1.5 s");
    }

    // ---------------------------------------------------------------- redirects

    @Test
    void a_redirect_on_the_host_is_followed_and_the_page_tells_where_it_was() {
        site.redirect("/old", 301, "/new?x=1#part")
                .page("/new?x=1", "new", "rel")
                .page("/rel", "rel");

        crawl(PATIENT, "/old");

        assertThat(pages).extracting(Page::url).containsExactly(site.at("/new?x=1"), site.at("/rel"));
        assertThat(pages).extracting(Page::depth).containsExactly(0, 1);
    }

    @Test
    void a_redirect_to_a_known_page_is_counted_and_not_delivered_again() {
        site.page("/", "root", "page", "alias", "alias2")
                .page("/page", "page")
                .redirect("/alias", 302, "/page")
                .redirect("/alias2", 308, "/");

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(pages).extracting(Page::title).containsExactlyInAnyOrder("root", "page");
        assertThat(report.duplicates()).isEqualTo(2);
        assertThat(report.pages()).isEqualTo(2);
    }

    @Test
    void duplicates_do_not_use_up_the_number_of_pages() {
        site.page("/", "root", "a", "b", "c", "page")
                .redirect("/a", 302, "/")
                .redirect("/b", 302, "/")
                .redirect("/c", 302, "/")
                .page("/page", "page");

        crawl(PATIENT.withMaxPages(2), "/");

        assertThat(pages).extracting(Page::title).containsExactly("root", "page");
    }

    @Test
    void a_redirect_loop_is_an_error_after_ten_redirects() {
        site.redirect("/a", 302, "/b").redirect("/b", 307, "/a");

        Page page = page("/a");

        assertThat(page.error()).contains("redirected more than 10 times");
        assertThat(page.url()).isEqualTo(site.at("/a"));
        assertThat(page.status()).isEqualTo(302);
        assertThat(site.requests()).hasSize(11);
    }

    @Test
    void a_redirect_to_another_host_is_an_error_that_does_not_show_its_query() throws IOException {
        try (TestSite other = new TestSite()) {
            other.page("/in", "other");
            site.redirect("/", 302, other.at("/in?token=secret").toString());

            Page page = page("/");

            assertThat(page.error()).contains("redirected to another host, " + other.host());
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void a_redirect_from_https_to_http_is_refused() {
        URI secure = URI.create("https://example.com/a");
        URI plain = URI.create("http://example.com/a");
        assertThat(Redirects.objection(secure, plain, Set.of("example.com"))).contains("redirected from https to http");
        assertThat(Redirects.objection(plain, secure, Set.of("example.com"))).isEmpty();
    }

    @Test
    void a_redirect_to_no_web_address_is_an_error() {
        site.redirect("/", 302, "ftp://example.com/");

        assertThat(page("/").error()).contains("redirected to what is no web address");
    }

    // ---------------------------------------------------------------- bodies

    @Test
    void a_body_announced_as_too_long_is_not_read() {
        site.bytes("/", "text/html", new byte[10_001]);

        Page page = page(PATIENT.withMaxBytes(10_000), "/");

        assertThat(page.error()).contains("longer than 10000 bytes");
        assertThat(page.bytes()).isZero();
    }

    @Test
    void of_an_endless_body_no_more_is_read_than_allowed() throws InterruptedException {
        CountDownLatch hungUp = new CountDownLatch(1);
        site.on("/", exchange -> endless(exchange, "text/html", hungUp));

        Page page = page(PATIENT.withMaxBytes(100_000), "/");

        assertThat(page.error()).contains("longer than 100000 bytes");
        hungUp.await();
    }

    @Test
    void a_body_of_just_the_allowed_length_is_read() {
        byte[] html = TestSite.document("fits").getBytes();
        site.bytes("/", "text/html", html);

        assertThat(page(PATIENT.withMaxBytes(html.length), "/").title()).isEqualTo("fits");
    }

    @Test
    void a_page_of_nothing_but_tags_is_an_error() {
        site.html("/", "<i>".repeat(1_000_001));

        Page page = page("/");

        assertThat(page.error()).contains("more than 1000000 tags");
        assertThat(page.status()).isEqualTo(200);
    }

    @Test
    void a_page_that_is_being_parsed_is_let_go_when_the_crawl_is_cancelled() throws IOException {
        byte[] page = "<b></p>".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        AtomicBoolean parsed = new AtomicBoolean();
        run(() -> TaskGroup.<IOException>run(group -> blocking(() -> {
            group.cancel("now");
            Html.parse(page, "text/html", URI.create("http://here.example/"), Extraction.none());
            parsed.set(true);
        })));
        assertThat(parsed).isFalse();
    }

    @Test
    void answers_that_are_not_html_are_counted_and_not_read() throws InterruptedException {
        CountDownLatch hungUp = new CountDownLatch(1);
        site.page("/", "root", "video", "picture", "xhtml")
                .on("/video", exchange -> endless(exchange, "video/mp4", hungUp))
                .bytes("/picture", "image/png", new byte[100])
                .bytes(
                        "/xhtml",
                        "Application/XHTML+XML",
                        TestSite.document("xhtml").getBytes());

        CrawlReport report = crawl(PATIENT.withMaxPages(2).withConcurrency(1), "/");

        assertThat(pages).extracting(Page::title).containsExactly("root", "xhtml");
        assertThat(report.notHtml()).isEqualTo(2);
        hungUp.await();
    }

    @Test
    void an_answer_without_content_type_is_taken_for_html() {
        byte[] html = TestSite.document("untyped").getBytes();
        site.on("/", exchange -> {
            exchange.sendResponseHeaders(200, html.length);
            exchange.getResponseBody().write(html);
        });

        assertThat(page("/").title()).isEqualTo("untyped");
    }

    @Test
    void an_encoded_body_is_an_error_that_no_terminal_obeys() {
        site.on("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "br\u0085");
            TestSite.send(exchange, 200, "text/html", new byte[100]);
        });

        assertThat(page("/").error().orElseThrow())
                .startsWith("the body has the encoding \"br")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void the_charset_is_the_headers_or_the_pages_own() {
        Charset gbk = Charset.forName("GBK");
        site.bytes("/header", "text/html; charset=\"gbk\"", "<title>异步</title>".getBytes(gbk))
                .bytes("/meta", "text/html", "<meta charset=gbk><title>异步</title>".getBytes(gbk))
                .bytes(
                        "/unknown",
                        "text/html; charset=no-such-charset",
                        "<meta charset=gbk><title>异步</title>".getBytes(gbk))
                .bytes("/illegal", "text/html; charset=???", "<title>异步</title>".getBytes(StandardCharsets.UTF_8))
                .page("/", "root", "header", "meta", "unknown", "illegal");

        CrawlReport report = crawl(PATIENT, "/");

        assertThat(report.errors()).isZero();
        assertThat(pages).extracting(Page::title).containsOnly("root", "异步");
    }

    @Test
    void a_page_in_another_charset_than_it_says_is_still_a_page() {
        site.bytes("/", "text/html; charset=utf-8", "<title>caf\u00e9</title>".getBytes(StandardCharsets.ISO_8859_1));

        Page page = page("/");

        assertThat(page.error()).isEmpty();
        assertThat(page.title()).isEqualTo("caf\ufffd");
    }

    @Test
    void an_empty_answer_is_a_page_without_title() {
        site.on("/", exchange -> exchange.sendResponseHeaders(204, -1));

        Page page = page("/");

        assertThat(page.error()).isEmpty();
        assertThat(page.title()).isEmpty();
        assertThat(page.bytes()).isZero();
    }

    private static void endless(HttpExchange exchange, String type, CountDownLatch hungUp) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        byte[] chunk = new byte[8192];
        try {
            for (; ; ) {
                body.write(chunk);
            }
        } catch (IOException e) {
            hungUp.countDown();
            throw e;
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
