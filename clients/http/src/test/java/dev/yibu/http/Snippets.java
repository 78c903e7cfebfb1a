package dev.yibu.http;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;

import dev.yibu.Retry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the Javadoc shows; {@link SnippetsTest} runs it. */
final class Snippets {
    private Snippets() {}

    static List<String> session(String a, String b) throws IOException {
        // @start region="session"
        try (HttpSession http = HttpSession.open()) {
            List<String> pages = run(() -> gather(
                    () -> http.get(a).text(), // both at a time
                    () -> http.get(b).text()));
            return pages;
        }
        // @end
    }

    record Item(String name, int amount) {}

    static int request(HttpSession http) throws IOException {
        // @start region="request"
        Item found = http.get("/items/7").query("detail", "full").json(Item.class);

        http.post("/items")
                .jsonBody(new Item("tea", 2))
                .timeout(Duration.ofSeconds(5))
                .fetch();

        int status = http.get("/items/8").send(response -> response.status()); // any status will do
        // @end
        return found.amount() + status;
    }

    static HttpBody multipart(Path photo) throws IOException {
        // @start region="multipart"
        HttpBody form = Multipart.create()
                .field("title", "Sunset")
                .file("photo", photo, "image/jpeg")
                .body();
        // @end
        return form;
    }

    static HttpOptions options() {
        // @start region="options"
        HttpOptions options = HttpOptions.DEFAULT
                .withBaseUrl("https://api.example/v1/")
                .withAuth("https://api.example", HttpAuth.bearer("token"))
                .withJson(JacksonCodec.create())
                .withLimits(HttpLimits.DEFAULT.withConnections(200, 20))
                .withTimeouts(HttpTimeouts.DEFAULT.withTotal(Duration.ofSeconds(30)))
                .withRetry(Retry.exponential(4, Duration.ofMillis(200)));
        // @end
        return options;
    }
}
