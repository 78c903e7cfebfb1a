package dev.yibu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
                "--latency=-1|the latency is -1 ms; it has to be at least 0",
                "--report=no/such/file|there is no folder",
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
        assertThat(output.toString()).contains("1 x the host has a private address, and those are not allowed");
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
}
