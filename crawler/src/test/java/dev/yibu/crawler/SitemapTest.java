package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a sitemap is taken to list. */
@Timeout(60)
class SitemapTest {
    private static final URI URL = URI.create("http://here.example/map.xml");
    private static final int CAP = 1_000_000;

    private static Sitemap parse(String text) throws IOException {
        return Sitemap.parse(text.getBytes(StandardCharsets.UTF_8), URL, CAP);
    }

    private static String urlset(String... urls) {
        StringBuilder xml = new StringBuilder(
                "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
        for (String url : urls) {
            xml.append("<url><loc>").append(url).append("</loc></url>");
        }
        return xml.append("</urlset>").toString();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        }
        return packed.toByteArray();
    }

    @Test
    void a_sitemap_lists_pages_in_xml_text_and_compressed() throws IOException {
        URI a = URI.create("http://here.example/a");
        URI b = URI.create("http://here.example/b?x=1&y=2");
        String xml = urlset("http://here.example/a", "http://here.example/b?x=1&amp;y=2");

        assertThat(parse(xml).pages()).containsExactlyInAnyOrder(a, b);
        assertThat(Sitemap.parse(gzip(xml.getBytes(StandardCharsets.UTF_8)), URL, CAP)
                        .pages())
                .containsExactlyInAnyOrder(a, b);
        assertThat(parse(a + "\n" + b + "\n").pages()).containsExactlyInAnyOrder(a, b);
        assertThat(parse("\n  " + xml.substring(xml.indexOf("<urlset"))).pages())
                .hasSize(2);
    }

    @Test
    void an_index_lists_sitemaps() throws IOException {
        Sitemap index =
                parse("<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
                        + "<sitemap><loc>http://here.example/1.xml</loc></sitemap>"
                        + "<sitemap><loc>http://here.example/2.xml.gz</loc></sitemap></sitemapindex>");

        assertThat(index.pages()).isEmpty();
        assertThat(index.sitemaps())
                .containsExactlyInAnyOrder(
                        URI.create("http://here.example/1.xml"), URI.create("http://here.example/2.xml.gz"));
    }

    @Test
    void entities_from_elsewhere_are_not_read(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "http://here.example/secret");
        String attack = "<?xml version=\"1.0\"?><!DOCTYPE urlset [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>"
                + "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>&x;</loc></url>"
                + "<url><loc>http://here.example/?&x;</loc></url></urlset>";
        try {
            assertThat(parse(attack).pages().toString()).doesNotContain("secret");
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("no sitemap");
        }
    }

    @Test
    void entities_that_grow_are_refused_or_left_out() {
        StringBuilder laughs = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE urlset [<!ENTITY l0 \"ha\">");
        for (int i = 1; i < 12; i++) {
            laughs.append("<!ENTITY l")
                    .append(i)
                    .append(" \"")
                    .append(("&l" + (i - 1) + ";").repeat(10))
                    .append("\">");
        }
        laughs.append("]><urlset><url><loc>http://here.example/&l11;</loc></url></urlset>");
        try {
            assertThat(parse(laughs.toString()).pages().toString()).hasSizeLessThan(1_000);
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("no sitemap");
        }
    }

    @Test
    void a_bomb_is_not_uncompressed() throws IOException {
        byte[] bomb = gzip(new byte[50_000_000]);
        assertThatThrownBy(() -> Sitemap.parse(bomb, URL, CAP))
                .isInstanceOf(IOException.class)
                .hasMessage("a sitemap longer than 1000000 bytes when uncompressed");
    }

    @Test
    void what_is_no_sitemap_lists_nothing_or_says_so() {
        for (String text : new String[] {"<html><body>hello</body></html>", "{}", "", "<urlset><url><loc>", "\u0000"}) {
            try {
                Sitemap sitemap = parse(text);
                assertThat(sitemap.pages()).isEmpty();
                assertThat(sitemap.sitemaps()).isEmpty();
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith("no sitemap: ");
            }
        }
    }
}
