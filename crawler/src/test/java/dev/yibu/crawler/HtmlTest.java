package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of a page. */
@Timeout(60)
class HtmlTest {
    private static final URI URL = URI.create("http://here.example/dir/page");

    private static Html parse(String html, Extraction extraction) {
        return parse(html.getBytes(StandardCharsets.UTF_8), "text/html; charset=utf-8", extraction);
    }

    private static Html parse(byte[] body, String contentType, Extraction extraction) {
        try {
            return Html.parse(body, contentType, URL, extraction);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Html parse(String html) {
        return parse(html, Extraction.none());
    }

    // ---------------------------------------------------------------- charsets

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void a_byte_order_mark_beats_the_header_which_beats_the_page() {
        byte[] marked = "\ufeff<meta charset=gbk><title>异步</title>".getBytes(StandardCharsets.UTF_8);
        assertThat(parse(marked, "text/html; charset=big5", Extraction.none()).title())
                .isEqualTo("异步");
        byte[] wide = "\ufeff<title>异步</title>".getBytes(StandardCharsets.UTF_16LE);
        assertThat(parse(wide, "text/html; charset=utf-8", Extraction.none()).title())
                .isEqualTo("异步");
        byte[] chinese = "<meta charset=utf-8><title>异步</title>".getBytes(Charset.forName("GBK"));
        assertThat(parse(chinese, "text/html; charset=GBK", Extraction.none()).title())
                .isEqualTo("异步");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html; charset=utf-8|UTF-8",
                "text/html;CHARSET='UTF8'|UTF-8",
                "text/html; charset=iso-8859-1|windows-1252",
                "text/html; charset=x-user-defined|windows-1252",
                "text/html; charset=koi8-r|KOI8-R",
                "text/html; charset=no-such-charset|UTF-8",
                "text/html; charset=\u0001\u0002|UTF-8",
                "text/html; charset=|UTF-8",
                "text/html|UTF-8",
            })
    void the_header_names_the_charset_unless_nobody_knows_that(String header, String charset) {
        assertThat(Charsets.of("plain".getBytes(StandardCharsets.US_ASCII), header))
                .isEqualTo(Charset.forName(charset));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<meta charset=\"GBK\">|GBK",
                "<META http-equiv=Content-Type content='text/html; charset=Shift_JIS'>|Shift_JIS",
                "<?xml version='1.0' encoding='KOI8-R'?>|KOI8-R",
                "<meta charset=utf-16>|UTF-8",
                "<meta charset=rubbish>|UTF-8",
            })
    void a_page_names_its_charset_itself(String html, String charset) {
        assertThat(Charsets.of(html.getBytes(StandardCharsets.US_ASCII), "text/html"))
                .isEqualTo(Charset.forName(charset));
    }

    @Test
    void what_names_no_charset_is_utf_8_if_it_can_be() {
        assertThat(Charsets.of("café".getBytes(StandardCharsets.UTF_8), "")).isEqualTo(StandardCharsets.UTF_8);
        assertThat(Charsets.of(bytes('c', 'a', 'f', 0xe9), "")).isEqualTo(Charset.forName("windows-1252"));
    }

    @Test
    void a_prologue_made_to_slow_the_search_down_does_not() {
        byte[] body = ("<meta ".repeat(700) + "charset").getBytes(StandardCharsets.US_ASCII);
        assertThat(Charsets.of(body, "")).isEqualTo(StandardCharsets.UTF_8);
    }

    // ---------------------------------------------------------------- robots

    @ParameterizedTest
    @ValueSource(strings = {"nofollow", "NOINDEX, NoFollow", "none", "noindex nofollow"})
    void a_page_may_ask_not_to_follow_its_links(String content) {
        assertThat(parse("<meta name=Robots content='" + content + "'><a href=x>x</a>")
                        .mayFollow())
                .isFalse();
        assertThat(parse("<meta name=robots content='index, follow'><a href=x>x</a>")
                        .mayFollow())
                .isTrue();
        assertThat(parse("<meta name=description content='nofollow'>").mayFollow())
                .isTrue();
    }

    // ---------------------------------------------------------------- links

    @Test
    void a_page_has_no_more_links_than_ten_thousand() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < 12_000; i++) {
            html.append("<a href=").append(i).append(">x</a>");
        }
        assertThat(parse(html.toString()).links()).hasSize(10_000);
    }

    @Test
    void elements_nested_a_hundred_thousand_deep_are_read() {
        Html html = parse(
                "<div>".repeat(100_000) + "<a href=deep>x</a>",
                Extraction.none().withText(true));
        assertThat(html.links()).hasSizeLessThanOrEqualTo(1);
    }

    // ---------------------------------------------------------------- selectors

    @Test
    void selectors_find_texts_and_attributes_by_their_names_in_their_order() {
        Extraction extraction = Extraction.of(List.of("price=.price", "images=img[src*='@']@src", "none=h9", "h=h1"));

        Html html = parse(
                "<h1>A <b>thing</b></h1><p class=price>1 €</p><img src=a><img src='b@2x'><p class=price> 2 €</p>",
                extraction);

        assertThat(html.fields())
                .containsExactly(
                        Map.entry("price", List.of("1 €", "2 €")),
                        Map.entry("images", List.of("b@2x")),
                        Map.entry("none", List.of()),
                        Map.entry("h", List.of("A thing")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ".price|has to look like name=css",
                "=.price|has to look like name=css",
                "a b=.price|has to look like name=css",
                "price=..|\"..\", the selector of price, is no CSS selector",
                "price=|is no CSS selector",
                "price=a:no-such(x)|is no CSS selector",
                "price=a[|is no CSS selector",
            })
    void what_is_no_selector_is_refused(String selector, String message) {
        assertThatThrownBy(() -> Extraction.of(List.of(selector)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void two_selectors_of_one_name_are_refused() {
        assertThatThrownBy(() -> Extraction.of(List.of("a=b", "a=c")))
                .hasMessage("there are two selectors with the name a");
    }

    @Test
    void what_is_selected_is_bounded() {
        Html html =
                parse("<p>" + "x".repeat(20_000) + "</p>" + "<p>y</p>".repeat(2_000), Extraction.of(List.of("p=p")));
        assertThat(html.fields().get("p")).hasSize(1_000);
        assertThat(html.fields().get("p").getFirst()).hasSize(10_000);
    }

    @Test
    void the_text_is_what_a_reader_sees_and_has_no_characters_that_databases_refuse() {
        Html html = parse(
                "<title>t</title><script>no</script><p>one</p><p>two\u0000 &#xD800;</p>",
                Extraction.none().withText(true));
        assertThat(html.text()).startsWith("one two").doesNotContain("no", "\u0000");
        assertThat(Characters.clean("a\u0000b\ud800c\ud83d\ude00", 100)).isEqualTo("a\ufffdb\ufffdc\ud83d\ude00");
        assertThat(Characters.clean("abc", 2)).isEqualTo("ab");
    }

    // ---------------------------------------------------------------- JSON

    @Test
    void fields_are_read_as_they_were_written() {
        Map<String, List<String>> fields = Map.of("a.b-c", List.of("", "\"\\\n\u0001/é异😀", "]}"), "empty", List.of());
        StringBuilder json = new StringBuilder();
        Json.fields(json, fields);
        assertThat(Json.fields(json.toString())).isEqualTo(fields);
        StringBuilder none = new StringBuilder();
        Json.fields(none, Map.of());
        assertThat(none.toString()).isEqualTo("{}");
        assertThat(Json.fields("{}")).isEmpty();
    }
}
