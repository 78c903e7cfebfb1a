package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.crawler.Finder.Sorted;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which links are followed. */
@Timeout(60)
class FollowRulesTest {
    private static URI uri(String path) {
        return URI.create("http://here.example" + path);
    }

    private static Sorted sorted(FollowRules rules, int depth, String... paths) {
        return new Finder(rules, Set.of("here.example"))
                .links(List.of(paths).stream().map(FollowRulesTest::uri).toList(), depth, true);
    }

    @Test
    void links_are_followed_that_a_pattern_includes_and_none_excludes() {
        FollowRules rules = FollowRules.defaults()
                .withInclude(AddressPattern.of("/docs/"), AddressPattern.of("\\.html$"))
                .withExclude(AddressPattern.of("(?i)private"));

        Sorted sorted = sorted(rules, 1, "/docs/a", "/b.html", "/docs/PRIVATE/a", "/b.htm", "/c.html?q");

        assertThat(sorted.found()).extracting(Discovered::url).containsExactly(uri("/docs/a"), uri("/b.html"));
        assertThat(sorted.skipped()).isEqualTo(new Skipped(0, 0, 3, 0, 0));
    }

    @Test
    void links_elsewhere_too_deep_or_not_to_be_followed_are_counted() {
        Finder finder = new Finder(FollowRules.defaults().withDepth(2), Set.of("here.example"));
        List<URI> links = List.of(uri("/a"), URI.create("http://there.example/"));

        assertThat(finder.links(links, 2, true).found()).hasSize(1);
        assertThat(finder.links(links, 3, true).skipped()).isEqualTo(new Skipped(1, 1, 0, 0, 0));
        assertThat(finder.links(links, 1, false).skipped()).isEqualTo(new Skipped(1, 0, 0, 0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "(", "*a", "\\"})
    void what_is_no_regular_expression_is_refused_with_the_place(String expression) {
        assertThatThrownBy(() -> AddressPattern.of(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the pattern \"" + expression + "\" is no regular expression: ")
                .hasMessageContaining("near index");
    }

    @Test
    void an_empty_pattern_is_refused() {
        assertThatThrownBy(() -> AddressPattern.of("")).hasMessage("a pattern is empty; it would fit every address");
    }

    @Test
    void a_pattern_that_would_take_for_ever_excludes_the_address() {
        FollowRules rules = FollowRules.defaults().withInclude(AddressPattern.of("(a+)+$"));

        Sorted sorted = sorted(rules, 1, "/" + "a".repeat(40) + "b", "/aaa");

        assertThat(sorted.found()).extracting(Discovered::url).containsExactly(uri("/aaa"));
        assertThat(sorted.skipped().excluded()).isEqualTo(1);
    }

    @Test
    void a_pattern_that_goes_too_deep_excludes_the_address() {
        FollowRules rules = FollowRules.defaults().withExclude(AddressPattern.of("(x|/|y)*z"));

        assertThat(sorted(rules, 1, "/" + "xy".repeat(1_000)).found().size()).isLessThanOrEqualTo(1);
    }

    @Test
    void addresses_that_grow_or_repeat_themselves_are_traps() {
        Sorted sorted = sorted(
                FollowRules.defaults(),
                1,
                "/" + "a".repeat(2_048),
                "/a/b/a/b/a/b/a/b",
                "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/33",
                "/a/b/a/b/a/b",
                "/a/a/a");

        assertThat(sorted.skipped().traps()).isEqualTo(3);
        assertThat(sorted.found()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a/b.html -",
                "/ -",
                "/2026/01/31 /#/#/#",
                "/2025/12/1 /#/#/#",
                "/v2/page17.html /v#/page#.html",
                "/search?q=1 /search?",
                "/search?q=2&page=3 /search?",
                "/list7?x /list#?",
            })
    void addresses_that_differ_in_numbers_or_the_query_are_alike(String path, String shape) {
        assertThat(Shape.of(uri(path))).isEqualTo(shape.equals("-") ? null : shape);
    }

    @Test
    void rules_out_of_range_are_refused() {
        FollowRules rules = FollowRules.defaults();
        assertThatThrownBy(() -> rules.withDepth(-1))
                .hasMessageStartingWith("the depth is -1; it has to be at least 0");
        assertThatThrownBy(() -> rules.withMaxAlike(0)).hasMessageContaining("alike is 0; it has to be at least 1");
    }

    @Test
    void an_address_longer_than_any_is_refused_as_a_start() {
        assertThatThrownBy(() -> Crawler.address("http://here.example/" + "a".repeat(3_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is longer than 2048 characters");
    }
}
