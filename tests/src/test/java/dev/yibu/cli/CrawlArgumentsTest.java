package dev.yibu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code yibu crawl} says to arguments that it can't use. */
@Timeout(60)
class CrawlArgumentsTest {
    @TempDir
    private Path folder;

    private final StringWriter errors = new StringWriter();
    private final StringWriter output = new StringWriter();

    private int crawl(String... arguments) {
        return new CommandLine(new CrawlCommand())
                .setErr(new PrintWriter(errors))
                .setOut(new PrintWriter(output))
                .execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--include=[|the pattern \"[\" is no regular expression: Unclosed character class near index 0",
                "--exclude=(|the pattern \"(\" is no regular expression",
                "--select=price|\"price\" has to look like name=css",
                "--select=price=..|\"..\", the selector of price, is no CSS selector",
                "--depth=-1|the depth is -1; it has to be at least 0",
                "--max-alike=0|the number of addresses alike is 0",
                "--per-host=0|the number of requests for each host is 0",
                "--delay=-1|the delay is -1.0 s; it has to be at least 0",
                "--delay=NaN|the delay is NaN s",
                "--lease=0.5|it has to be at least a second",
                "--max-bytes=0|the number of bytes is 0; it has to be at least 1",
                "http://127.0.0.1:99999/|has no valid host or port; check the part after //",
                "--latency=-1|the latency is -1 ms; it has to be at least 0",
                "--report=no/such/file|there is no folder",
                "--report=pages.jsonl|pages.jsonl is to hold two things",
                "--out=pages.db|pages.db is to hold two things; choose other files for --out, --report or --store",
                "--store=no/such/file|there is no folder",
                "--store=.|. is a folder; --store names the file to write",
                "--store=jdbc:mysql://here/db|the store is a file, or a database of PostgreSQL",
                "ftp://example.com/|is no web address",
                "http://user:secret@example.com/|has a user name or a password in it",
                "http:///|no web address",
            })
    void a_wrong_argument_is_explained(String argument, String message) {
        assertThat(crawl(argument)).isEqualTo(2);
        assertThat(errors.toString()).contains(message).doesNotContain("secret");
        assertThat(output.toString()).isEmpty();
    }

    @Test
    void pages_go_to_one_place() {
        assertThat(crawl("--json", "--out=pages.jsonl")).isEqualTo(2);
        assertThat(errors.toString()).contains("the pages go to --out or, with --json, to standard output; choose one");
    }

    @Test
    void a_store_that_is_none_is_told_and_kept() throws Exception {
        Path text = Files.writeString(folder.resolve("notes.txt"), "these are notes, and nothing else. ".repeat(100));
        assertThat(crawl("http://127.0.0.1:1/", "--out=" + folder.resolve("pages"), "--store=" + text))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("yibu: the store " + text + " is no store of a crawl");
        assertThat(text).content().startsWith("these are notes");
    }

    @Test
    void a_private_address_needs_a_word_of_the_user() {
        assertThat(crawl("http://127.0.0.1:1/", "--out=" + folder.resolve("pages"), "--retries=0"))
                .isEqualTo(1);
        assertThat(output.toString())
                .contains(
                        "1 x the host has a private address, and those are not allowed (unless there is --allow-private)");
    }

    @Test
    void a_store_of_another_crawl_is_refused_if_that_is_not_over_or_if_it_was_named() {
        String out = "--out=" + folder.resolve("pages.jsonl");
        String[] one = {"http://127.0.0.1:1/", "--allow-private", "--retries=0", out};
        String[] other = {"http://127.0.0.1:2/", "--allow-private", "--retries=0", out};
        assertThat(crawl(one)).isEqualTo(1); // nobody serves there; it is over
        assertThat(folder.resolve("pages.db")).exists();
        assertThat(crawl(other)).isEqualTo(1);
        assertThat(errors.toString()).contains("pages.db forgets the crawl of another site, which was done");

        assertThat(crawl("http://127.0.0.1:1/", "--allow-private", "--store=" + folder.resolve("pages.db"), out))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("pages.db holds a crawl from http://127.0.0.1:2/; choose another store");
        assertThat(crawl(
                        "http://127.0.0.1:1/",
                        "--allow-private",
                        "--no-resume",
                        "--retries=0",
                        "--store=" + folder.resolve("pages.db"),
                        out))
                .isEqualTo(1);
        assertThat(output.toString()).endsWith("0 addresses beyond --max-pages" + System.lineSeparator());
    }

    @Test
    void a_crawl_that_is_refused_leaves_the_pages_of_another_alone() throws Exception {
        Path pages = folder.resolve("pages.jsonl");
        String store = "--store=" + folder.resolve("pages.db");
        crawl("http://127.0.0.1:1/", "--allow-private", "--retries=0", "--out=" + pages, store);
        String before = Files.readString(pages);
        assertThat(before).contains("http://127.0.0.1:1/");

        assertThat(crawl("http://127.0.0.1:2/", "--allow-private", "--out=" + pages, store))
                .isEqualTo(1);

        assertThat(pages).hasContent(before);
    }

    @Test
    void a_store_nobody_asked_for_makes_room_for_a_crawl_of_fewer_addresses_too() {
        String out = "--out=" + folder.resolve("pages.jsonl");
        crawl("http://127.0.0.1:1/", "http://127.0.0.1:2/", "--allow-private", "--retries=0", out);
        crawl("http://127.0.0.1:1/", "--allow-private", "--retries=0", out);
        assertThat(errors.toString())
                .contains("pages.db forgets the crawl of another site, which was done")
                .doesNotContain("holds a crawl");
    }

    @Test
    void what_cannot_be_written_is_named() {
        String[] it = {"http://127.0.0.1:1/", "--allow-private", "--retries=0", "--store=" + folder.resolve("it.db")};
        assertThat(crawl(it[0], it[1], it[2], it[3], "--out=/dev/full")).isEqualTo(1);
        assertThat(crawl(it[0], it[1], it[2], it[3], "--out=" + folder.resolve("pages"), "--report=/dev/full"))
                .isEqualTo(1);
        assertThat(errors.toString().split("/dev/full can't be written: ", -1)).hasSizeGreaterThan(2);
    }

    @Test
    void pages_of_an_address_are_not_visited_again_unless_that_is_asked_for() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger asked = new AtomicInteger();
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            assertThat(crawl(url, "--allow-private", "--out=" + folder.resolve("pages")))
                    .isZero();
            assertThat(asked).hasValue(2); // robots.txt and the page
        } finally {
            server.stop(0);
        }
    }
}
