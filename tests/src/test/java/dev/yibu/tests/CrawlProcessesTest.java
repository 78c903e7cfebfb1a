package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Crawls whose processes are killed, and processes that share one. */
@Timeout(240)
class CrawlProcessesTest {
    private static final int KILLS = Integer.getInteger("yibu.crawl.kills", 10);
    private static final int CONCURRENCY = 4;

    /** A page is under way while it is fetched and parsed, and until it is recorded. */
    private static final int UNDER_WAY = 2 * CONCURRENCY - 1;

    @TempDir
    private Path folder;

    private static List<String> paths(int size) {
        return IntStream.range(0, size).mapToObj(i -> "/" + i).toList();
    }

    /** The lines of pages without what may differ: how long they took. The last one of a killed process may be half. */
    private static List<String> pages(Path file) throws Exception {
        return Files.readAllLines(file).stream()
                .filter(line -> line.endsWith("}"))
                .map(line -> line.replaceFirst("\"millis\":\\d+,", ""))
                .sorted()
                .toList();
    }

    private static List<String> query(String url, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private CrawlProcess start(String name, NumberedSite site, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                site.start(),
                "--allow-private",
                "--sample=0",
                "--max-pages=10000",
                "--max-alike=10000",
                "--concurrency=" + CONCURRENCY,
                "--out=" + name + ".jsonl"));
        arguments.addAll(List.of(more));
        return CrawlProcess.start(folder, name, arguments.toArray(String[]::new));
    }

    @Test
    void a_crawl_killed_again_and_again_and_resumed_equals_an_undisturbed_one_and_fetches_nothing_twice_that_it_had()
            throws Exception {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("seed of the kills: " + seed + " (-Dyibu.seed)");
        Random random = new Random(seed);
        int size = 40 * KILLS;
        try (NumberedSite site = new NumberedSite(size, 20)) {
            Set<String> recorded = new HashSet<>();
            for (int kill = 0; kill < KILLS; kill++) {
                int before = site.requests().size();
                int until = before + 1 + random.nextInt(25);
                try (CrawlProcess process = start("killed", site)) {
                    while (process.isAlive() && site.requests().size() < until) {
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                    assertThat(process.isAlive())
                            .as("before kill " + kill + process.errors())
                            .isTrue();
                    process.kill();
                }
                List<String> since =
                        site.requests().subList(before, site.requests().size());
                assertThat(since).as("after kill " + kill).noneMatch(recorded::contains);
                recorded.addAll(query(
                        "jdbc:sqlite:" + folder.resolve("killed.db"),
                        "SELECT substr(url, instr(substr(url, 8), '/') + 7) FROM yibu_address WHERE state = 2"));
            }
            int before = site.requests().size();
            try (CrawlProcess process = start("killed", site)) {
                process.awaitSuccess();
                assertThat(process.errors()).contains("yibu: going on with a crawl that has");
            }
            List<String> requests = site.requests();
            assertThat(requests.subList(before, requests.size())).noneMatch(recorded::contains);
            assertThat(requests).hasSizeLessThanOrEqualTo(size + KILLS * UNDER_WAY);
            System.out.printf("%d pages, %d requests, %d kills%n", size, requests.size(), KILLS);

            int killed = requests.size();
            try (CrawlProcess process = start("undisturbed", site)) {
                process.awaitSuccess();
            }
            assertThat(site.requests()).hasSize(killed + size);
            assertThat(withoutDepth(pages(folder.resolve("killed.jsonl"))))
                    .hasSize(size)
                    .isEqualTo(withoutDepth(pages(folder.resolve("undisturbed.jsonl"))));
        }
    }

    /** By which of several ways a page is found first depends on which answer comes first, undisturbed or not. */
    private static List<String> withoutDepth(Collection<String> pages) {
        return pages.stream()
                .map(line -> line.replaceFirst("\"depth\":\\d+,", ""))
                .sorted()
                .toList();
    }

    @Test
    void three_processes_share_a_database_and_what_a_killed_one_had_is_taken_over_after_its_lease() throws Exception {
        int size = 200;
        Path servers = Files.createDirectories(Path.of("target", "servers").toAbsolutePath());
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setOverrideWorkingDirectory(
                                Files.createTempDirectory(servers, "postgres").toFile())
                        .start();
                NumberedSite site = new NumberedSite(size, 30)) {
            String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?user=postgres";
            String store = "--store=" + url;
            CountDownLatch allThere = new CountDownLatch(1);
            site.holdStart(allThere);
            try (CrawlProcess first = start("first", site, store, "--lease=3")) {
                while (site.requests().isEmpty()) {
                    assertThat(first.isAlive()).as(first.errors()).isTrue();
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                try (CrawlProcess second = start("second", site, store, "--lease=3");
                        CrawlProcess third = start("third", site, store, "--lease=3")) {
                    second.awaitError("going on with a crawl");
                    third.awaitError("going on with a crawl");
                    allThere.countDown();
                    while (site.requests().size() < size / 2) {
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                    third.kill();
                    int atTheKill = site.requests().size();
                    first.awaitSuccess();
                    second.awaitSuccess();

                    List<String> requests = site.requests();
                    assertThat(requests).containsAll(paths(size)).hasSizeLessThanOrEqualTo(size + UNDER_WAY);
                    assertThat(requests.subList(0, atTheKill)).doesNotHaveDuplicates();
                    List<String> recorded =
                            query(url, "SELECT url FROM yibu_address WHERE state = 2 AND fate = 'PAGE'");
                    assertThat(recorded).hasSize(size);
                    List<String> lines = new ArrayList<>();
                    for (String name : List.of("first", "second", "third")) {
                        List<String> pages = pages(folder.resolve(name + ".jsonl"));
                        System.out.println(name + ": " + pages.size() + " pages");
                        lines.addAll(pages);
                    }
                    assertThat(lines).doesNotHaveDuplicates().hasSizeBetween(size - UNDER_WAY, size);
                    System.out.printf("%d pages, %d requests, one of three killed%n", size, requests.size());
                }
            }
        }
    }

    /** Together they are longer than the heap of the process. */
    @Test
    void many_long_pages_that_come_at_the_same_time_do_not_fill_the_memory() throws Exception {
        int pages = 40;
        byte[] text = "<title>long</title><p>"
                .concat("a word and another. ".repeat(450_000))
                .getBytes(StandardCharsets.US_ASCII);
        assertThat((long) text.length * pages).isGreaterThan(256L << 20);
        CountDownLatch all = new CountDownLatch(pages);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor()) {
            server.setExecutor(handlers);
            server.createContext("/", exchange -> {
                try (exchange) {
                    String path = exchange.getRequestURI().getPath();
                    if (path.equals("/robots.txt")) {
                        exchange.sendResponseHeaders(404, -1);
                        return;
                    }
                    exchange.getResponseHeaders().set("Content-Type", "text/html");
                    exchange.sendResponseHeaders(200, 0);
                    if (path.equals("/")) {
                        String links = paths(pages).stream()
                                .map(link -> "<a href=" + link + ">x</a>")
                                .collect(Collectors.joining());
                        exchange.getResponseBody().write(links.getBytes(StandardCharsets.US_ASCII));
                        return;
                    }
                    all.countDown();
                    all.await(); // hangs, unless all are asked for at a time
                    exchange.getResponseBody().write(text);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            server.start();
            try (CrawlProcess process = CrawlProcess.start(
                    folder,
                    "long",
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/",
                    "--allow-private",
                    "--concurrency=" + pages,
                    "--per-host=" + pages,
                    "--timeout=50",
                    "--out=long.jsonl")) {
                process.awaitSuccess();
            }
            assertThat(pages(folder.resolve("long.jsonl")))
                    .hasSize(1 + pages)
                    .allMatch(line -> line.contains("\"error\":null"));
        } finally {
            server.stop(0);
        }
    }
}
