package dev.yibu.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What a report looks like as a table, as JSON, as a page and as charts. */
class PageTest {
    private final Report report = Reports.small();

    @Test
    void the_table_has_medians_ranges_ratios_and_what_else_is_known_and_tells_of_targets_and_of_the_absent() {
        assertThat(Table.of(Reports.gather())).isEqualTo("""
                ### gather-1000: time per task

                | | median | min–max | Yibu ÷ it | CPU | Yibu ÷ it, CPU | allocated | peak memory |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                | raw & bare | 200 ns | 100 ns–300 ns | 1.10 (1.10–1.50) | 200 ns | 0.50 | 8 B | 20 MB |
                | asyncio | 25.0 µs | 20.0 µs–30.0 µs | 0.011 (0.006–0.011) |  |  |  |  |
                | Yibu | 220 ns | 150 ns–330 ns |  | 100 ns |  | 12 B | 3000 kB |

                - target: at most 1.00 × raw & bare; 1.10: not reached
                - target: at most 0.050 × asyncio; 0.011: reached
                - target: at most 0.50 × trio; it is absent: not measured
                - absent: trio, since python3 has no trio
                """);
    }

    @Test
    void the_json_has_every_rounds_figures() throws Exception {
        JsonNode json = new ObjectMapper().readTree(report.json());

        assertThat(json.path("schema").asInt()).isEqualTo(Report.SCHEMA);
        assertThat(json.path("command").asText()).isEqualTo("./yibu bench --quick");
        assertThat(json.path("commit").asText()).isEqualTo("abc1234");
        assertThat(json.path("started").asText()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(json.path("machine").path("processors").asInt()).isEqualTo(2);
        assertThat(json.path("failures").get(0).path("experiment").asText()).isEqualTo("mutex");
        assertThat(json.path("results").get(0)).hasToString("""
                {"suite":"tasks","experiment":"gather-1000","measure":"time","unit":"task","competitors":[\
                {"name":"raw & bare","values":[100.0,200.0,300.0],"cpuNanos":[100.0,100.0,400.0],\
                "allocatedBytes":[8.0,8.0,9.0],"peakBytes":[1000000.0,2.0E7,1000000.0]},\
                {"name":"asyncio","values":[25000.0,20000.0,30000.0]},\
                {"name":"Yibu","values":[150.0,220.0,330.0],"cpuNanos":[100.0,100.0,100.0],\
                "allocatedBytes":[12.0,12.0,12.0],"peakBytes":[3000000.0,3000000.0,3000000.0]}],\
                "absent":[{"name":"trio","reason":"python3 has no trio"}],\
                "targets":[{"against":"raw & bare","atMost":1.0},{"against":"asyncio","atMost":0.05},\
                {"against":"trio","atMost":0.5}]}""");
        assertThat(json.path("results").get(1).path("measure").asText()).isEqualTo("live heap");
    }

    @Test
    void a_result_survives_its_way_from_the_jvm_that_has_measured_it() {
        assertThat(Message.parse(Message.of(Reports.gather()).line())).isEqualTo(Message.of(Reports.gather()));
    }

    @Test
    void a_line_of_the_jvm_itself_or_one_that_was_broken_off_is_no_message() {
        String line = Message.of(Reports.gather()).line();

        assertThat(Message.parse("OpenJDK warning: something")).isNull();
        assertThat(Message.parse(line.substring(0, line.length() / 2))).isNull();
    }

    @Test
    void the_page_tells_what_was_measured_on_what_and_shows_tables_and_charts() throws Exception {
        String page = Page.files(report).get("README.md");

        assertThat(page)
                .startsWith(
                        "# Measured\n\nBy `./yibu bench --quick`, started 2026-01-02T03:04:05Z, 61 s, commit abc1234.\n"
                                + "2 cores, 25 GB of memory, heap 1024 MB, G1; A VM 25; Linux 6 amd64.\n")
                .contains(
                        "![Yibu beside others](overview.svg)", "## Tasks and timers\n\n![Tasks and timers](tasks.svg)")
                .contains(Table.of(Reports.gather()))
                .contains("| gather-1000 | raw & bare | 1.00 | 1.10 | not reached |")
                .contains("| gather-1000 | asyncio | 0.050 | 0.011 | reached |")
                .contains("| gather-1000 | trio | 0.50 | absent | not measured |")
                .contains("- mutex: a <bad> day")
                .doesNotContain("a part of");
    }

    @Test
    void the_charts_are_svg_with_words_for_those_who_do_not_see_them_and_colours_for_light_and_dark() throws Exception {
        for (String name : List.of("overview.svg", "tasks.svg")) {
            String text = Page.files(report).get(name);
            Element svg = parsed(text).getDocumentElement();

            assertThat(svg.getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
            assertThat(svg.getAttribute("role")).isEqualTo("img");
            assertThat(svg.getAttribute("aria-labelledby")).isEqualTo("title desc");
            assertThat(byId(svg, "title").getTextContent()).isNotEmpty();
            assertThat(byId(svg, "desc").getTextContent())
                    .contains("gather-1000, time per task: raw & bare 200 ns, asyncio 25.0 µs, Yibu 220 ns.");
            assertThat(text).contains("prefers-color-scheme: dark").doesNotContain("<script", "url(");
        }
    }

    @Test
    void a_bar_is_as_long_as_its_median_and_one_that_would_be_much_longer_than_yibus_is_cut() throws Exception {
        Element svg = parsed(Page.files(report).get("tasks.svg")).getDocumentElement();

        List<Double> widths = elements(svg, "rect").stream()
                .filter(rect -> rect.getAttribute("class").startsWith("bar"))
                .map(rect -> Double.valueOf(rect.getAttribute("width")))
                .toList();
        assertThat(widths.get(2) / widths.get(0)).isBetween(1.09, 1.11);
        assertThat(widths.get(1) / widths.get(2)).isBetween(5.9, 6.1);
        assertThat(elements(svg, "path").stream()
                        .filter(path -> path.getAttribute("class").equals("cut")))
                .hasSize(1);
    }

    @Test
    void what_is_written_replaces_an_earlier_report(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("sql.svg"), "old");
        Files.writeString(folder.resolve("notes.txt"), "mine");

        Page.write(report, folder);

        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("README.md", "results.json", "overview.svg", "tasks.svg", "notes.txt");
        }
    }

    private static Document parsed(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static Element byId(Element svg, String id) {
        return elements(svg, "*").stream()
                .filter(element -> element.getAttribute("id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static List<Element> elements(Element svg, String name) {
        NodeList all = svg.getElementsByTagName(name);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .toList();
    }
}
