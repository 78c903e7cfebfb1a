package dev.yibu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.Page;
import dev.yibu.crawler.Skipped;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a crawl, and that it takes little room however long the crawl is. */
@Timeout(60)
class CrawlReportsTest {
    private static Page page(int number, long at, long millis, int status, String error) {
        return new Page(
                URI.create("http://here.example/" + number + "?token=secret"),
                1,
                status,
                "title",
                10,
                List.of(),
                Instant.ofEpochMilli(at),
                Duration.ofMillis(millis),
                Optional.ofNullable(error),
                "",
                Map.of());
    }

    private static CrawlReport report() {
        return new CrawlReport(3, 1, 0, 0, 0, 0, 0, 0, new Skipped(0, 0, 0, 0, 0), 0, 30, Duration.ofSeconds(2));
    }

    @Test
    void the_report_is_one_page_that_needs_nothing_else(@TempDir Path folder) throws Exception {
        CrawlSummary summary = new CrawlSummary();
        summary.add(page(1, 1_000, 50, 200, null));
        summary.add(page(2, 1_100, 900, 404, "HTTP 404"));
        summary.add(page(3, 1_200, 70, 0, "</table><script>alert('&')</script>"));
        Path file = folder.resolve("report.html");

        CrawlHtml.write(file, List.of("http://here.example", "<b>"), report(), summary);

        String html = Files.readString(file);
        assertThat(html)
                .contains("<th scope=row>HTTP 404</th><td class=n>1</td>", ">no answer</th>", "http://here.example/2")
                .contains("&lt;/table&gt;&lt;script&gt;", "<title>A crawl of http://here.example and &lt;b&gt;</title>")
                .contains("1 January 1970, 00:00:01 UTC", "<dt>pages</dt><dd>3</dd>", "<dd>0.07 s</dd>")
                .doesNotContain("<script", "<b>", "src=", "href", "url(", "@import", "secret", "%%");
        assertThat(html.indexOf("http://here.example/2")).isLessThan(html.indexOf("http://here.example/3"));
        assertThat(html).endsWith("</html>\n");
    }

    @Test
    void the_report_can_be_read_by_those_who_do_not_see_it(@TempDir Path folder) throws Exception {
        CrawlSummary summary = new CrawlSummary();
        summary.add(page(1, 1_000, 50, 200, null));
        summary.add(page(2, 1_100, 900, 404, "HTTP 404"));
        Path file = folder.resolve("report.html");

        CrawlHtml.write(file, List.of("http://here.example"), report(), summary);

        Document page = Jsoup.parse(file.toFile(), "UTF-8");
        assertThat(page.select("html").attr("lang")).isEqualTo("en");
        assertThat(page.select("h1")).hasSize(1);
        assertThat(page.select("h2").eachText())
                .containsExactly(
                        "Status codes",
                        "Errors",
                        "Pages a second",
                        "Requests over time",
                        "The slowest pages",
                        "Besides");
        assertThat(page.select("svg[role=img]").eachAttr("aria-label"))
                .containsExactly(
                        "2 pages within 1.1 s; at most 10 a second, as counted in steps of 0.1 s",
                        "2 requests within 1 s, in their order");
        assertThat(page.select("table"))
                .allMatch(table -> !table.select("thead th[scope=col]").isEmpty());
        // A bar is as long as what it stands for: the first request took a twentieth of the time.
        assertThat(page.select(".lines rect").eachAttr("width")).containsExactly("50.0", "900.0");
    }

    @Test
    void the_rate_of_a_crawl_that_went_on_counts_what_it_has_fetched_since(@TempDir Path folder) throws Exception {
        CrawlSummary summary = new CrawlSummary();
        for (int i = 0; i < 100; i++) {
            summary.add(page(i, 1_000, 50, 200, null));
        }
        summary.begin();
        summary.add(page(100, 9_000, 50, 200, null));
        assertThat(summary.fetched()).isEqualTo(1);
        Path file = folder.resolve("report.html");
        CrawlHtml.write(file, List.of("http://here.example"), report(), summary);
        assertThat(file)
                .content()
                .contains("<dt>pages a second</dt><dd>0.5</dd>", "<dt>duration, since it went on</dt><dd>2 s</dd>");
    }

    @Test
    void the_report_on_a_large_crawl_is_as_long_as_any(@TempDir Path folder) throws Exception {
        for (int pages : new int[] {2_000, 100_000}) {
            CrawlSummary summary = new CrawlSummary();
            for (int i = 0; i < pages; i++) {
                summary.add(page(i, i * 7L, i % 1_000, 200, i % 10 == 0 ? "error " + i : null));
            }
            Path file = folder.resolve("report.html");
            CrawlHtml.write(file, List.of("http://here.example"), report(), summary);
            assertThat(Files.size(file)).isLessThan(80_000);
        }
    }

    @Test
    void the_axes_of_a_plot_have_a_few_round_numbers() {
        assertThat(new Plot(0, 0).html("bars", "nothing", true)).contains("<span style=\"left:0.0%\">0 s</span>");
        for (double seconds : new double[] {0.07, 1, 17, 59, 61, 1_000, 7_200, 100_000, 3e6, 4e8}) {
            String html = new Plot(seconds, 10).html("bars", "told", false);
            assertThat(html.split("left:", -1)).as(html).hasSizeBetween(3, 9);
        }
        assertThat(Plot.time(0.25)).isEqualTo("0.25 s");
        assertThat(Plot.time(20)).isEqualTo("20 s");
        assertThat(Plot.time(90)).isEqualTo("1.5 min");
        assertThat(Plot.time(7_200)).isEqualTo("2 h");
        assertThat(Plot.time(864_000)).isEqualTo("10 d");
        assertThat(Plot.roundUp(37)).isEqualTo(40);
        assertThat(Plot.roundUp(100)).isEqualTo(100);
        assertThat(Plot.roundUp(0.9)).isEqualTo(1);
    }

    @Test
    void a_crawl_without_pages_has_a_report_too(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("report.html");
        CrawlHtml.write(file, List.of(), report(), new CrawlSummary());
        assertThat(file).content().contains("</html>").doesNotContain("NaN", "Infinity");
    }

    @Test
    void of_a_line_for_which_there_is_no_room_nothing_stays_and_the_message_says_where() throws Exception {
        Path full = Path.of("/dev/full"); // takes nothing, as a full disk does
        assertThat(full).exists();
        try (PageFile file = new PageFile(full, new PrintWriter(Writer.nullWriter()))) {
            file.begin();
            assertThatThrownBy(() -> file.write(page(1, 0, 0, 200, null)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("/dev/full can't be written: ")
                    .hasMessageEndingWith("; choose another file or make room");
        }
    }

    @Test
    void a_file_of_pages_has_one_writer(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("pages.jsonl");
        try (PageFile one = new PageFile(path, new PrintWriter(Writer.nullWriter()));
                PageFile other = new PageFile(path, new PrintWriter(Writer.nullWriter()))) {
            one.begin();
            one.write(page(1, 0, 0, 200, null));
            assertThatThrownBy(other::begin)
                    .hasMessage(
                            path + " can't be written: another crawl is writing it; choose another file or make room");
            one.write(page(2, 0, 0, 200, null));
        }
        assertThat(Files.readAllLines(path)).hasSize(2);
        try (PageFile next = new PageFile(path, new PrintWriter(Writer.nullWriter()))) {
            next.begin();
        }
        assertThat(path).isEmptyFile();
    }

    @Test
    void a_summary_keeps_some_of_many_pages() {
        CrawlSummary summary = new CrawlSummary();
        for (int i = 0; i < 100_000; i++) {
            summary.add(page(i, i * 7L, i % 1_000, 200, i % 10 == 0 ? "error " + i : null));
        }
        assertThat(summary.pages()).isEqualTo(100_000);
        assertThat(summary.errors()).isEqualTo(10_000);
        assertThat(summary.slowest()).hasSize(20).allMatch(slow -> slow.millis() == 999);
        assertThat(summary.kindsOfErrors()).hasSizeLessThanOrEqualTo(1_001);
        assertThat(summary.kindsOfErrors().getFirst()).isEqualTo(Map.entry("others", 9_000));
        assertThat(summary.visits()).hasSizeBetween(200, 400);
        assertThat(Arrays.stream(summary.timeline().visits()).sum()).isEqualTo(100_000);
        assertThat(Arrays.stream(summary.timeline().errors()).sum()).isEqualTo(10_000);
    }

    @Test
    void a_sample_is_evenly_spread() {
        EvenSample<Integer> sample = new EvenSample<>(100);
        IntStream.range(0, 12_345).forEach(sample::add);
        List<Integer> all = sample.all();
        assertThat(all).hasSizeBetween(50, 100).startsWith(0);
        int stride = all.get(1);
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i)).isEqualTo(i * stride);
        }
        assertThat(sample.some(10)).hasSize(10).isSorted().doesNotHaveDuplicates();
        assertThat(sample.some(1_000)).isEqualTo(all);
    }

    @Test
    void a_timeline_takes_times_in_any_order_however_far_apart() {
        Timeline timeline = new Timeline();
        long now = 1_700_000_000_000L;
        for (long time : new long[] {now, now - 50, now - 3_600_000, now + 10, now + 86_400_000L * 365, now - 1}) {
            timeline.add(time, time > now);
        }
        assertThat(Arrays.stream(timeline.visits()).sum()).isEqualTo(6);
        assertThat(Arrays.stream(timeline.errors()).sum()).isEqualTo(2);
        assertThat(timeline.visits().length).isBetween(2, 128);
    }
}
