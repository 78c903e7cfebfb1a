package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.http.HttpRefusedException.Rule;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class RedirectsTest {
    private Server server;
    private Server other;
    private HttpSession http;

    @BeforeEach
    void open() throws Exception {
        server = new Server();
        other = new Server();
        http = HttpSession.open();
        server.text("/end", "the end");
        other.text("/end", "another end");
    }

    @AfterEach
    void close() {
        http.close();
        server.close();
        other.close();
    }

    private void redirect(String path, int status, String location) {
        server.on(path, exchange -> {
            exchange.getResponseHeaders().add("Location", location);
            Server.answer(exchange, status, "moved");
        });
    }

    @Test
    void a_redirect_is_followed_over_the_same_connection() throws Exception {
        redirect("/start", 302, "/end?q=1");

        HttpResponse response = http.get(server.url("/start")).fetch();

        assertThat(response.text()).isEqualTo("the end");
        assertThat(response.url()).hasToString(server.url("/end?q=1"));
        assertThat(http.statistics().connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "301,POST,GET",
        "302,POST,GET",
        "303,POST,GET",
        "307,POST,POST",
        "308,POST,POST",
        "301,PUT,PUT",
        "303,PUT,GET",
        "303,HEAD,HEAD",
        "302,DELETE,DELETE"
    })
    void the_method_after_a_redirect(int status, String before, String after) throws Exception {
        redirect("/start", status, "/end");
        HttpRequest request = http.request(before, server.url("/start"));
        if (!before.equals("HEAD")) {
            request.body(HttpBody.of("data"));
        }

        request.fetch();

        Server.Seen last = server.seen.getLast();
        assertThat(last.method()).isEqualTo(after);
        assertThat(last.target()).isEqualTo("/end");
        assertThat(last.body()).isEqualTo(after.equals(before) && !before.equals("HEAD") ? "data" : "");
        if (last.body().isEmpty()) {
            assertThat(last.header("Content-Type")).isNull();
        }
    }

    @Test
    void to_another_origin_only_the_listed_headers_travel() throws Exception {
        redirect("/start", 307, other.url("/end"));

        http.get(server.url("/start"))
                .header("Authorization", "Bearer secret")
                .header("X-Api-Key", "secret")
                .header("Cookie", "a=secret")
                .header("Accept-Language", "eo")
                .text();

        assertThat(server.seen.getLast().header("X-Api-Key")).isEqualTo("secret");
        Server.Seen last = other.seen.getLast();
        assertThat(last.headers().toString()).doesNotContain("secret");
        assertThat(last.header("Accept-Language")).isEqualTo("eo");
        assertThat(last.header("Host")).isEqualTo("127.0.0.1:" + other.port());
    }

    @Test
    void what_was_dropped_on_the_way_does_not_come_back_with_the_first_origin() throws Exception {
        redirect("/start", 302, other.url("/back"));
        other.on("/back", exchange -> {
            exchange.getResponseHeaders().add("Location", server.url("/end"));
            Server.answer(exchange, 302, "");
        });

        http.get(server.url("/start")).header("X-Api-Key", "secret").text();

        assertThat(server.seen.getLast().target()).isEqualTo("/end");
        assertThat(server.seen.getLast().header("X-Api-Key")).isNull();
    }

    @Test
    void more_headers_may_be_allowed_to_travel() throws Exception {
        redirect("/start", 302, other.url("/end"));

        http.get(server.url("/start"))
                .redirects(RedirectPolicy.DEFAULT.withAcrossOrigins(Set.of("X-Trace")))
                .header("X-Trace", "7")
                .text();

        assertThat(other.seen.getLast().header("X-Trace")).isEqualTo("7");
    }

    @Test
    void credentials_go_to_their_own_origin_wherever_the_request_comes_from() throws Exception {
        redirect("/start", 302, other.url("/end"));
        try (HttpSession mine = HttpSession.open(HttpOptions.DEFAULT
                .withAuth(server.url(""), HttpAuth.bearer("first"))
                .withAuth(other.url(""), HttpAuth.basic("me", "second")))) {
            mine.get(server.url("/start")).text();
        }

        assertThat(server.seen.getLast().header("Authorization")).isEqualTo("Bearer first");
        assertThat(other.seen.getLast().header("Authorization")).isEqualTo("Basic bWU6c2Vjb25k");
    }

    @Test
    void a_user_name_in_an_address_is_basic_authentication_of_that_origin_only() throws Exception {
        redirect("/start", 302, other.url("/end"));

        http.get(server.url("/start").replace("//", "//me:pass@")).text();

        assertThat(server.seen.getLast().header("Authorization")).isEqualTo("Basic bWU6cGFzcw==");
        assertThat(other.seen.getLast().header("Authorization")).isNull();
    }

    @Test
    void a_user_name_in_a_redirect_is_ignored() throws Exception {
        redirect("/start", 302, server.url("/end").replace("//", "//evil:pass@"));

        http.get(server.url("/start")).text();

        assertThat(server.seen.getLast().header("Authorization")).isNull();
    }

    @Test
    void eleven_redirects_are_too_many() {
        redirect("/loop", 302, "/loop");

        assertThatThrownBy(() -> http.get(server.url("/loop")).text())
                .isInstanceOfSatisfying(
                        HttpRefusedException.class, e -> assertThat(e.rule()).isEqualTo(Rule.TOO_MANY_REDIRECTS));
        assertThat(server.seen).hasSize(11);
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void nobody_may_ask_for_more_than_ten() {
        assertThatThrownBy(() -> RedirectPolicy.DEFAULT.withMax(11)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void with_none_allowed_the_redirect_is_the_answer() throws Exception {
        redirect("/start", 302, "/end");

        HttpResponse response =
                http.get(server.url("/start")).redirects(RedirectPolicy.NEVER).fetch();

        assertThat(response.status()).isEqualTo(302);
        assertThat(response.headers().value("location")).contains("/end");
    }

    @Test
    void a_redirect_to_something_else_than_the_web_is_refused() {
        redirect("/start", 302, "file:///etc/passwd");

        assertThatThrownBy(() -> http.get(server.url("/start")).text())
                .isInstanceOfSatisfying(
                        HttpRefusedException.class, e -> assertThat(e.rule()).isEqualTo(Rule.BAD_REDIRECT));
    }

    @Test
    void a_body_that_can_be_written_once_is_not_sent_on() {
        redirect("/start", 307, "/end");

        assertThatThrownBy(() -> http.post(server.url("/start"))
                        .body(HttpBody.of("data").once())
                        .text())
                .isInstanceOfSatisfying(
                        HttpRefusedException.class, e -> assertThat(e.rule()).isEqualTo(Rule.BODY_NOT_REPEATABLE));
    }
}
