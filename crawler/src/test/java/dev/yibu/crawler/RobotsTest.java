package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a robots.txt is taken to say. */
@Timeout(60)
class RobotsTest {
    private static final URI URL = URI.create("http://here.example/robots.txt");

    private static Robots parse(String text) {
        return Robots.parse(URL, text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean allows(Robots robots, String path) {
        return robots.allows(URL.resolve(path));
    }

    @Test
    void the_rules_for_this_crawler_count_or_else_those_for_all() {
        String others = "User-agent: *\nDisallow: /all\n\nUser-agent: otherbot\nDisallow: /\n";
        assertThat(allows(parse(others), "/all/x")).isFalse();
        assertThat(allows(parse(others), "/x")).isTrue();
        Robots own = parse(others + "\nUser-agent: Yibu-Crawler\nDisallow: /own\nAllow: /own/open\n");
        assertThat(allows(own, "/all/x")).isTrue();
        assertThat(allows(own, "/own/x")).isFalse();
        assertThat(allows(own, "/own/open")).isTrue();
    }

    @Test
    void wildcards_and_ends_are_known() {
        Robots robots = parse("User-agent: *\nDisallow: /*.pdf$\nDisallow: /a/*/b\n");
        assertThat(allows(robots, "/x.pdf")).isFalse();
        assertThat(allows(robots, "/x.pdf?q")).isTrue();
        assertThat(allows(robots, "/a/1/b")).isFalse();
    }

    @Test
    void a_delay_is_kept_and_one_that_is_absurd_forbids_everything() {
        assertThat(parse("User-agent: *\nCrawl-delay: 1.5\n").crawlDelay()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(parse("User-agent: *\nCrawl-delay: -3\n").crawlDelay()).isZero();
        assertThat(parse("User-agent: *\nCrawl-delay: soon\n").crawlDelay()).isZero();
        assertThat(parse("User-agent: *\nDisallow:\n").crawlDelay()).isZero();
        assertThat(allows(parse("User-agent: *\nCrawl-delay: 86400\n"), "/")).isFalse();
    }

    @Test
    void sitemaps_are_named_up_to_a_number() {
        assertThat(parse("Sitemap: http://here.example/map.xml\nsitemap: /other.xml\n")
                        .sitemaps())
                .containsExactly("http://here.example/map.xml", "http://here.example/other.xml");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            many.append("Sitemap: http://here.example/").append(i).append(".xml\n");
        }
        assertThat(parse(many.toString()).sitemaps()).hasSize(Robots.MOST_SITEMAPS);
    }

    @Test
    void what_lies_beyond_the_part_that_is_read_does_not_count_and_no_rule_is_cut_in_two() {
        String filler = "# filler filler filler\n";
        String rule = "Disallow: /this/is/cut/somewhere\n";
        StringBuilder text = new StringBuilder("User-agent: *\nDisallow: /first\n");
        text.append(filler.repeat((Robots.LONGEST - text.length() - 20) / filler.length()));
        text.append("#".repeat(Robots.LONGEST - text.length() - 21))
                .append('\n')
                .append(rule);

        Robots robots = parse(text.toString().repeat(3));

        assertThat(allows(robots, "/first/x")).isFalse();
        assertThat(allows(robots, "/this")).isTrue();
    }

    @Test
    void rubbish_and_html_allow_everything() {
        assertThat(allows(parse("<html><body>Not found</body></html>"), "/x")).isTrue();
        assertThat(allows(parse("\u0000\u0001\u0002\ufffd".repeat(1_000)), "/x"))
                .isTrue();
        assertThat(allows(parse(""), "/x")).isTrue();
        assertThat(allows(Robots.absent(), "/x")).isTrue();
    }
}
