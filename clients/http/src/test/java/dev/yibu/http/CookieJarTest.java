package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CookieJarTest {
    private static final long NOW = System.currentTimeMillis();

    private final CookieJar jar = CookieJar.create();

    private void set(String url, String... cookies) {
        Headers.Builder headers = new Headers.Builder();
        for (String cookie : cookies) {
            headers.add("Set-Cookie", cookie);
        }
        jar.receive(HttpUrl.get(url), headers.build(), NOW);
    }

    private String sentTo(String url) {
        return jar.headerFor(HttpUrl.get(url), NOW);
    }

    @Test
    void a_cookie_goes_back_to_its_host_only() {
        set("https://a.example.com/", "k=v");

        assertThat(sentTo("https://a.example.com/x")).isEqualTo("k=v");
        assertThat(sentTo("https://b.a.example.com/")).isNull();
        assertThat(sentTo("https://example.com/")).isNull();
    }

    @Test
    void a_cookie_with_a_domain_goes_to_all_below_it() {
        set("https://a.example.com/", "k=v; Domain=example.com");

        assertThat(sentTo("https://b.example.com/")).isEqualTo("k=v");
        assertThat(sentTo("https://example.org/")).isNull();
        assertThat(sentTo("https://notexample.com/")).isNull();
    }

    @Test
    void nobody_sets_cookies_for_others_or_for_a_public_suffix() {
        set("https://a.example.com/", "a=1; Domain=other.com", "b=2; Domain=com");
        set("https://shop.co.uk/", "c=3; Domain=co.uk");
        set("https://me.github.io/", "d=4; Domain=github.io");

        assertThat(jar.size()).isZero();
    }

    @Test
    void a_public_suffix_that_is_a_host_itself_has_cookies_for_itself_only() {
        set("https://github.io/", "k=v; Domain=github.io");

        assertThat(sentTo("https://github.io/")).isEqualTo("k=v");
        assertThat(sentTo("https://evil.github.io/")).isNull();
    }

    @Test
    void secure_cookies_neither_go_over_http_nor_come_from_there() {
        set("https://example.com/", "k=secret; Secure");
        set("http://example.com/", "k=fixed", "j=x; Secure");

        assertThat(sentTo("http://example.com/")).isNull();
        assertThat(sentTo("https://example.com/")).isEqualTo("k=secret");
    }

    @Test
    void names_with_a_prefix_keep_what_it_promises() {
        set(
                "https://example.com/",
                "__Secure-a=1",
                "__Secure-b=2; Secure",
                "__Host-c=3; Secure",
                "__Host-d=4; Secure; Path=/; Domain=example.com",
                "__Host-e=5; Secure; Path=/");

        assertThat(jar.cookiesFor("https://example.com/"))
                .isEqualTo(Map.of("__Secure-b", "2", "__Host-c", "3", "__Host-e", "5"));
    }

    @Test
    void paths_count_and_the_longest_comes_first() {
        set("https://example.com/a/b", "k=outer; Path=/", "k=inner; Path=/a", "other=1; Path=/b");

        assertThat(sentTo("https://example.com/a/x")).isEqualTo("k=inner; k=outer");
        assertThat(sentTo("https://example.com/ab")).isEqualTo("k=outer");
    }

    @Test
    void an_expired_cookie_is_forgotten_and_deletes_an_older_one() {
        set("https://example.com/", "k=v; Max-Age=10");
        assertThat(jar.headerFor(HttpUrl.get("https://example.com/"), NOW + 60_000))
                .isNull();

        set("https://example.com/", "k=v");
        set("https://example.com/", "k=; Max-Age=0");
        assertThat(jar.size()).isZero();
    }

    @Test
    void a_jar_does_not_grow_without_limit() {
        for (int i = 0; i < 500; i++) {
            set("https://example.com/", "k" + i + "=v");
        }
        assertThat(jar.size()).isEqualTo(180);
        assertThat(sentTo("https://example.com/")).contains("k499=v").doesNotContain("k0=v");

        set("https://example.com/", "large=" + "x".repeat(5000));
        assertThat(sentTo("https://example.com/")).doesNotContain("large");
    }

    @Test
    void a_session_sends_back_what_it_was_given_through_a_redirect_too() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open(HttpOptions.DEFAULT.withCookies(jar))) {
            server.on("/login", exchange -> {
                exchange.getResponseHeaders().add("Set-Cookie", "id=7; Path=/");
                exchange.getResponseHeaders().add("Location", "/home");
                Server.answer(exchange, 303, "");
            });
            server.text("/home", "welcome");

            http.post(server.url("/login")).text();
            http.get(server.url("/home")).header("Cookie", "own=1").text();

            assertThat(server.seen.get(1).header("Cookie")).isEqualTo("id=7");
            assertThat(server.seen.get(2).header("Cookie")).isEqualTo("own=1; id=7");
        }
    }

    @Test
    void a_session_without_a_jar_keeps_no_cookies() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.on("/", exchange -> {
                exchange.getResponseHeaders().add("Set-Cookie", "id=7");
                Server.answer(exchange, 200, "");
            });
            http.get(server.url("/")).text();
            http.get(server.url("/")).text();

            assertThat(server.seen.getLast().header("Cookie")).isNull();
        }
    }
}
