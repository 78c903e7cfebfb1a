package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Async;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpSessionTest {
    private Server server;
    private HttpSession http;

    @BeforeEach
    void open() throws Exception {
        server = new Server();
        http = HttpSession.open(HttpOptions.DEFAULT.withBaseUrl(server.url("/")).withJson(JacksonCodec.create()));
    }

    @AfterEach
    void close() {
        http.close();
        server.close();
    }

    @Test
    void a_get_yields_the_text() throws Exception {
        server.text("/hello", "héllo");

        assertThat(Async.run(() -> http.get("/hello").text())).isEqualTo("héllo");
    }

    @Test
    void a_request_may_be_sent_from_a_thread_that_is_no_task() throws Exception {
        server.text("/hello", "hello");

        assertThat(http.get("/hello").text()).isEqualTo("hello");
    }

    @Test
    void bytes_are_the_body_as_it_is() throws Exception {
        byte[] large = new byte[3_000_001];
        new java.util.Random(7).nextBytes(large);
        server.on("/large", exchange -> Server.answer(exchange, 200, large));

        assertThat(http.get("/large").bytes()).isEqualTo(large);
    }

    @Test
    void the_connection_is_used_again_and_its_place_is_free() throws Exception {
        server.text("/hello", "hello");

        for (int i = 0; i < 20; i++) {
            http.get("/hello").text();
        }

        assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
    }

    @Test
    void a_post_sends_its_body_and_its_type() throws Exception {
        server.text("/items", "ok");

        http.post("/items").body(HttpBody.of("tea", "text/x-tea")).text();

        assertThat(server.seen).hasSize(1);
        assertThat(server.seen.getFirst().method()).isEqualTo("POST");
        assertThat(server.seen.getFirst().body()).isEqualTo("tea");
        assertThat(server.seen.getFirst().header("Content-Type")).isEqualTo("text/x-tea");
    }

    @Test
    void a_method_that_needs_a_body_has_an_empty_one_and_harms_no_later_request() throws Exception {
        server.text("/items", "ok");

        for (String method : List.of("REPORT", "PROPPATCH", "QUERY", "PUT", "GET")) {
            assertThat(http.request(method, "/items").text()).as(method).isEqualTo("ok");
        }
    }

    @Test
    void options_with_credentials_in_their_address_show_no_secrets() {
        HttpOptions options = HttpOptions.DEFAULT.withBaseUrl("https://me:secret@api.example/");

        assertThat(options.toString()).contains("api.example").doesNotContain("secret");
    }

    record Item(String name, int amount) {}

    @Test
    void json_travels_both_ways() throws Exception {
        server.on("/echo", exchange -> Server.answer(exchange, 200, (byte[]) exchange.getAttribute("body")));

        Item back = http.post("/echo").jsonBody(new Item("tea", 2)).json(Item.class);

        assertThat(back).isEqualTo(new Item("tea", 2));
    }

    @Test
    void an_open_answer_is_a_stream() throws Exception {
        server.text("/hello", "hello");

        Async.run(() -> {
            try (HttpResponse response = http.get("/hello").open();
                    InputStream body = response.body()) {
                assertThat(response.status()).isEqualTo(200);
                assertThat(body.readAllBytes()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
            }
        });

        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void many_tasks_share_the_session() throws Exception {
        server.text("/hello", "hello");
        List<Integer> numbers = java.util.stream.IntStream.range(0, 300).boxed().toList();

        List<String> pages =
                Async.run(() -> Async.gather(numbers, _ -> http.get("/hello").text()));

        assertThat(pages).hasSize(300).containsOnly("hello");
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void a_status_that_is_not_good_is_an_exception_where_only_the_content_is_asked_for() {
        server.on("/gone", exchange -> Server.answer(exchange, 410, "it was here"));

        assertThatThrownBy(() -> http.get("/gone?secret=1").text())
                .isInstanceOfSatisfying(HttpStatusException.class, e -> {
                    assertThat(e.status()).isEqualTo(410);
                    assertThat(e.excerpt()).isEqualTo("it was here");
                    assertThat(e.url()).isEqualTo(server.url("/gone"));
                })
                .hasMessage("GET " + server.url("/gone") + ": status 410");
    }

    @Test
    void fetch_shows_any_status_and_needs_no_closing() throws Exception {
        server.on("/gone", exchange -> Server.answer(exchange, 410, "it was here"));

        HttpResponse response = http.get("/gone").fetch();

        assertThat(response.status()).isEqualTo(410);
        assertThat(response.text()).isEqualTo("it was here");
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void a_header_that_is_refused_does_not_show_its_value() {
        for (Throwable thrown : List.of(
                catchThrowable(() -> http.get("/").header("X-Api-Key", "secret\n")),
                catchThrowable(() -> http.get("/").addHeader("X-Api-Key", "secret\n")),
                catchThrowable(() -> HttpHeaders.EMPTY.with("X-Api-Key", "secret\n")),
                catchThrowable(() -> HttpHeaders.of(Map.of("X-Api-Key", "secret\nmore"))))) {
            assertThat(thrown)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the value of the header X-Api-Key has the character U+000A at 6, which is not allowed");
        }
    }
}
