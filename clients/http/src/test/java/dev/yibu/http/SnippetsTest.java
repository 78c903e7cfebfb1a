package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SnippetsTest {
    @Test
    void the_snippet_of_the_session_fetches_two_pages() throws Exception {
        try (Server server = new Server()) {
            server.text("/a", "A");
            server.text("/b", "B");
            assertThat(Snippets.session(server.url("/a"), server.url("/b"))).containsExactly("A", "B");
        }
    }

    @Test
    void the_snippet_of_the_request_sends_three() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open(
                        HttpOptions.DEFAULT.withBaseUrl(server.url("/")).withJson(JacksonCodec.create()))) {
            server.on(
                    "/items",
                    exchange -> Server.answer(
                            exchange, 200, "{\"name\": \"tea\", \"amount\": 7}".getBytes(StandardCharsets.UTF_8)));
            assertThat(Snippets.request(http)).isEqualTo(207);
            assertThat(server.seen)
                    .extracting(Server.Seen::target)
                    .containsExactly("/items/7?detail=full", "/items", "/items/8");
        }
    }

    @Test
    void the_snippets_of_options_and_forms_are_valid(@TempDir Path folder) throws Exception {
        assertThat(Snippets.options().limits().connectionsPerHost()).isEqualTo(20);
        assertThat(Snippets.multipart(Files.write(folder.resolve("a.jpg"), new byte[3]))
                        .length())
                .isPositive();
    }
}
