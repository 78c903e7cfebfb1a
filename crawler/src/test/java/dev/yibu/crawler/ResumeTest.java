package dev.yibu.crawler;

import static dev.yibu.Async.forEach;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Crawls that go on, are done again, or are shared. */
@Timeout(90)
class ResumeTest {
    private static final CrawlOptions PATIENT =
            CrawlOptions.defaults().withTimeout(Duration.ofSeconds(50)).withAllowPrivate(true);

    @TempDir
    private Path folder;

    private TestSite site;
    private final List<Page> pages = new ArrayList<>();
    private Crawler.Beginning beginning;

    @BeforeEach
    void open() throws IOException {
        site = new TestSite();
    }

    @AfterEach
    void close() {
        site.close();
    }

    private CrawlStore store() {
        return CrawlStore.file(folder.resolve("crawl.db"));
    }

    private CrawlReport crawl(CrawlStore store, CrawlOptions options) {
        return new Crawler(options).crawl(store, List.of(site.at("/")), begun -> beginning = begun, pages::add);
    }

    /** A binary tree of pages, by numbers. */
    private void tree(int size) {
        for (int i = 0; i < size; i++) {
            site.page(i == 0 ? "/" : "/t" + i, "page " + i, "/t" + (2 * i + 1), "/t" + (2 * i + 2));
        }
        for (int i = size; i <= 2 * size; i++) {
            site.page("/t" + i, "leaf " + i);
        }
    }

    @Test
    void a_crawl_that_was_cancelled_goes_on_and_asks_for_nothing_twice_that_it_had() {
        tree(50);
        run(() -> {
            try (CrawlStore store = store()) {
                TaskGroup.run(group -> group.start(() -> new Crawler(PATIENT.withConcurrency(1))
                        .crawl(store, List.of(site.at("/")), _ -> {}, page -> {
                            pages.add(page);
                            if (pages.size() == 30) {
                                group.cancel("that is enough");
                            }
                        })));
            }
            int before = site.requests().size();
            assertThat(before).isBetween(30, 32);
            try (CrawlStore store = store()) {
                List<Page> stored = new ArrayList<>();
                CrawlReport report = crawl(store, PATIENT);
                assertThat(beginning.resumed()).isTrue();
                assertThat(beginning.pages()).isBetween(30L, 32L);
                assertThat(report.pages()).isEqualTo(101);
                store.pages(stored::add);
                assertThat(stored).extracting(Page::url).hasSize(101).doesNotHaveDuplicates();
            }
            assertThat(site.requests()).hasSizeLessThanOrEqualTo(101 + 2); // those under way at the end
        });
    }

    @Test
    void a_crawl_that_was_cancelled_goes_on_in_the_same_store() {
        tree(20);
        run(() -> {
            try (CrawlStore store = store()) {
                TaskGroup.run(group -> group.start(() -> new Crawler(PATIENT.withConcurrency(3))
                        .crawl(store, List.of(site.at("/")), _ -> {}, page -> {
                            if (page.depth() == 2) {
                                group.cancel("that is enough");
                            }
                        })));
                assertThat(crawl(store, PATIENT).pages()).isEqualTo(41);
                assertThat(beginning.resumed()).isTrue();
            }
        });
    }

    @Test
    void a_second_crawl_asks_for_what_has_changed_and_knows_the_rest() {
        AtomicInteger version = new AtomicInteger(1);
        site.on("/", exchange -> {
                    exchange.getResponseHeaders().set("ETag", "\"v" + version + "\"");
                    if (("\"v" + version + "\"")
                            .equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                        exchange.sendResponseHeaders(304, -1);
                        return;
                    }
                    TestSite.send(
                            exchange,
                            200,
                            "text/html",
                            TestSite.document("root " + version, "dated", "plain")
                                    .getBytes(StandardCharsets.UTF_8));
                })
                .on("/dated", exchange -> {
                    String date = "Wed, 21 Oct 2015 07:28:00 GMT";
                    exchange.getResponseHeaders().set("Last-Modified", date);
                    if (date.equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"))) {
                        exchange.sendResponseHeaders(304, -1);
                        return;
                    }
                    TestSite.send(
                            exchange,
                            200,
                            "text/html",
                            TestSite.document("dated").getBytes(StandardCharsets.UTF_8));
                })
                .page("/plain", "plain");
        run(() -> {
            try (CrawlStore store = store()) {
                crawl(store, PATIENT);
                assertThat(pages).extracting(Page::status).containsOnly(200);
                pages.clear();

                CrawlReport report = crawl(store, PATIENT);
                assertThat(beginning).isEqualTo(new Crawler.Beginning(false, 0, 2));
                assertThat(report.unchanged()).isEqualTo(2);
                assertThat(pages)
                        .extracting(Page::title, Page::status)
                        .containsExactlyInAnyOrder(
                                org.assertj.core.api.Assertions.tuple("root 1", 304),
                                org.assertj.core.api.Assertions.tuple("dated", 304),
                                org.assertj.core.api.Assertions.tuple("plain", 200));
                pages.clear();
                version.set(2);

                assertThat(crawl(store, PATIENT).unchanged()).isEqualTo(1);
                assertThat(pages).extracting(Page::title).contains("root 2");
                pages.clear();

                Extraction other = Extraction.of(List.of("t=title"));
                assertThat(crawl(store, PATIENT.withExtraction(other)).unchanged())
                        .isZero();
                assertThat(pages.getFirst().fields()).containsEntry("t", List.of("root 2"));
            }
        });
    }

    @Test
    void crawlers_that_share_a_database_visit_each_page_once() throws Exception {
        tree(60);
        String url = TestPostgres.database();
        ConcurrentLinkedQueue<Page> delivered = new ConcurrentLinkedQueue<>();
        List<Integer> workers = List.of(1, 2, 3);
        List<CrawlReport> reports = run(() -> gather(workers, _ -> {
            try (CrawlStore store = CrawlStore.postgresql(url)) {
                return new Crawler(PATIENT.withConcurrency(3)).crawl(store, List.of(site.at("/")), _ -> {}, page -> {
                    delivered.add(page);
                });
            }
        }));

        assertThat(delivered).extracting(Page::url).hasSize(121).doesNotHaveDuplicates();
        assertThat(site.requests()).hasSize(121).doesNotHaveDuplicates();
        assertThat(reports).extracting(CrawlReport::pages).containsOnly(121L);
    }

    @Test
    void what_a_crawler_had_that_gives_no_sign_of_life_is_taken_over_after_its_lease() throws Exception {
        site.page("/", "root", "a", "b").page("/a", "a").page("/b", "b");
        String url = TestPostgres.database();
        CrawlOptions options = PATIENT.withLease(Duration.ofSeconds(1));
        run(() -> {
            // Takes the start address, and dies, as far as others can see.
            try (Storage dead = PostgresStorage.open(url)) {
                Crawl.begin(dead, options, Set.of(site.at("/")));
                Target taken = dead.take(Addresses.site(site.at("/")), 1).getFirst();

                try (CrawlStore store = CrawlStore.postgresql(url)) {
                    CrawlReport report = crawl(store, options);
                    assertThat(report.pages()).isEqualTo(3);
                    assertThat(pages).extracting(Page::title).containsExactlyInAnyOrder("root", "a", "b");
                }
                // It was only slow: what it brings now is of no use to anybody.
                Page late = Page.failed(taken.url(), 0, 200, java.time.Instant.EPOCH, Duration.ZERO, "late");
                assertThat(dead.settle(Visit.failed(taken, late, List.of())).page())
                        .isNull();
            }
        });
    }

    @Test
    void a_crawler_that_is_slow_and_gives_signs_of_life_keeps_what_it_has() throws Exception {
        String url = TestPostgres.database();
        CountDownLatch asked = new CountDownLatch(1);
        site.page("/", "root", "slow").on("/slow", exchange -> {
            asked.countDown();
            sleep(Duration.ofSeconds(3));
            TestSite.send(exchange, 200, "text/html", TestSite.document("slow").getBytes(StandardCharsets.UTF_8));
        });
        CrawlOptions options = PATIENT.withLease(Duration.ofSeconds(1));
        run(() -> gather(
                () -> {
                    try (CrawlStore store = CrawlStore.postgresql(url)) {
                        crawl(store, options);
                    }
                },
                () -> {
                    asked.await();
                    try (CrawlStore store = CrawlStore.postgresql(url)) {
                        new Crawler(options).crawl(store, List.of(site.at("/")), _ -> {}, pages::add);
                    }
                }));

        assertThat(site.requestsFor("/slow")).isEqualTo(1);
        assertThat(pages).extracting(Page::title).containsExactlyInAnyOrder("root", "slow");
    }

    @Test
    void crawlers_that_share_a_database_keep_the_delay_together() throws Exception {
        site.bytes("/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: 0.2".getBytes(StandardCharsets.UTF_8));
        List<Long> starts = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        site.otherwise(exchange -> {
            starts.add(System.nanoTime());
            sleep(Duration.ofMillis(300)); // longer than the delay, so that it is seen from where that counts
            int page = Integer.parseInt("0" + exchange.getRequestURI().getPath().replaceAll("\\D", ""));
            String[] links = page < 3 ? new String[] {"/t" + (2 * page + 1), "/t" + (2 * page + 2)} : new String[0];
            byte[] html = TestSite.document("page", links).getBytes(StandardCharsets.UTF_8);
            ends.add(System.nanoTime());
            TestSite.send(exchange, 200, "text/html", html);
        });
        String url = TestPostgres.database();
        run(() -> gather(List.of(1, 2), _ -> {
            try (CrawlStore store = CrawlStore.postgresql(url)) {
                return new Crawler(PATIENT).crawl(store, List.of(site.at("/")), _ -> {}, _ -> {});
            }
        }));

        assertThat(site.requests()).hasSize(7).doesNotHaveDuplicates();
        for (int i = 1; i < starts.size(); i++) {
            // The server of the database counts in milliseconds.
            assertThat(starts.get(i) - ends.get(i - 1)).isGreaterThanOrEqualTo(199_000_000L);
        }
    }

    @Test
    void a_crawler_that_ends_late_does_not_end_the_next_crawl() throws Exception {
        String url = TestPostgres.database();
        site.page("/", "root");
        run(() -> {
            try (Storage late = PostgresStorage.open(url);
                    CrawlStore store = CrawlStore.postgresql(url)) {
                Crawl.begin(late, PATIENT, Set.of(site.at("/")));
                crawl(store, PATIENT);
                Crawl.begin(store.storage(), PATIENT, Set.of(site.at("/")));
                late.end();
                assertThat(store.contents().orElseThrow().ended()).isFalse();
            }
        });
    }

    @Test
    void leases_are_renewed_while_visits_are_recorded() throws Exception {
        String url = TestPostgres.database();
        URI start = site.at("/");
        run(() -> {
            try (Storage storage = PostgresStorage.open(url)) {
                Crawl.begin(storage, PATIENT.withMaxPages(10_000), Set.of(start));
                Target first = storage.take(Addresses.site(start), 1).getFirst();
                List<Discovered> found = IntStream.range(0, 3_000)
                        .mapToObj(i -> new Discovered(start.resolve("/p" + i), 1, Target.Kind.PAGE, null))
                        .toList();
                storage.settle(Visit.without(first, Visit.Fate.NOT_HTML, found));
                List<Target> targets = new ArrayList<>(storage.take(Addresses.site(start), 3_000));
                Collections.shuffle(targets, new Random(1));
                AtomicInteger left = new AtomicInteger(targets.size());
                gather(
                        () -> forEach(targets, target -> {
                            storage.settle(Visit.without(target, Visit.Fate.NOT_HTML, List.of()));
                            left.decrementAndGet();
                        }),
                        () -> {
                            while (left.get() > 0) {
                                storage.renew();
                            }
                        });
                assertThat(storage.tally().of(Visit.Fate.NOT_HTML)).isEqualTo(3_001);
            }
        });
    }

    @Test
    void a_store_that_fails_for_many_visits_at_a_time_says_so_once() throws Exception {
        String url = TestPostgres.database();
        CountDownLatch asked = new CountDownLatch(9);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(1);
        site.page("/", "root", IntStream.range(0, 10).mapToObj(i -> "/p" + i).toArray(String[]::new));
        site.bytes("/robots.txt", "text/plain", new byte[0]);
        site.otherwise(exchange -> {
            asked.countDown();
            boolean good = exchange.getRequestURI().getPath().equals("/p0");
            await(good ? first : others);
            byte[] html = TestSite.document(good ? "good" : "bad").getBytes(StandardCharsets.UTF_8);
            TestSite.send(exchange, 200, "text/html", html);
        });
        List<String> said = new CopyOnWriteArrayList<>();
        Logger log = Logger.getLogger("dev.yibu");
        Handler handler = new StreamHandler() {
            @Override
            public void publish(LogRecord message) {
                said.add(message.getMessage());
            }
        };
        log.addHandler(handler);
        try {
            assertThatThrownBy(() -> run(() -> gather(
                            () -> {
                                try (CrawlStore store = CrawlStore.postgresql(url)) {
                                    crawl(store, PATIENT);
                                }
                            },
                            () -> failingFor("bad", url, asked, () -> {
                                // One visit is being recorded, all others wait for that, and fail together.
                                first.countDown();
                                sleep(Duration.ofMillis(300));
                                others.countDown();
                                sleep(Duration.ofMillis(700));
                            }))))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no_bad_titles");
        } finally {
            log.removeHandler(handler);
        }
        assertThat(said).isEmpty();
    }

    /** Lets the store take no page of a title, and nothing at all while an action runs. */
    private static void failingFor(String title, String url, CountDownLatch from, Runnable action) throws Exception {
        from.await();
        TestPostgres.execute(
                url, "ALTER TABLE yibu_page ADD CONSTRAINT no_bad_titles CHECK (title <> '" + title + "')");
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT 1 FROM yibu_crawl FOR UPDATE");
            action.run();
            connection.commit();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void a_store_of_a_later_version_is_refused() throws Exception {
        String url = TestPostgres.database();
        site.page("/", "root");
        run(() -> {
            try (CrawlStore store = CrawlStore.postgresql(url);
                    CrawlStore file = store()) {
                crawl(store, PATIENT);
                crawl(file, PATIENT);
            }
        });
        TestPostgres.execute(url, "UPDATE yibu_crawl SET version = 2");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("crawl.db"));
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 2");
        }
        String message = "was written by a later version of this program; use that one";
        assertThatThrownBy(() -> CrawlStore.postgresql(url))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(this::store)
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("the store " + folder)
                .hasMessageContaining(message);
    }

    @Test
    void a_file_that_is_something_else_is_refused() throws Exception {
        Path text = Files.writeString(folder.resolve("text.db"), "this is a text, and no database at all. ".repeat(50));
        assertThatThrownBy(() -> CrawlStore.file(text))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("text.db is no store of a crawl; choose another file");
        Path foreign = folder.resolve("foreign.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + foreign);
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE customers (name TEXT)");
        }
        assertThatThrownBy(() -> CrawlStore.file(foreign))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("foreign.db is a database of something else");
        assertThatThrownBy(() -> CrawlStore.file(folder.resolve("no/such/folder.db")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("can't be opened; check that its folder exists");
    }

    @Test
    void a_file_in_use_is_refused() {
        try (CrawlStore _ = store()) {
            assertThatThrownBy(this::store)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(
                            "is in use by another crawl; several crawlers at a time need a store in PostgreSQL");
        }
        store().close();
    }

    @Test
    void a_database_that_is_not_there_is_told_without_its_password() {
        assertThatThrownBy(() -> CrawlStore.postgresql(
                        "jdbc:postgresql://127.0.0.1:1/crawl?user=me&password=secret&connectTimeout=2"))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("the store postgresql://127.0.0.1:1/crawl fails: ")
                .hasMessageNotContaining("secret");
    }
}
