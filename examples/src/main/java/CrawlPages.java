// Fetching and parsing pages
// Ten pages are fetched at the same time, and each is parsed as soon as it is there. Parsing computes, so it has threads
// of its own.

import static dev.yibu.Async.*;

import com.sun.net.httpserver.HttpServer;
import dev.yibu.http.HttpSession;
import java.nio.charset.StandardCharsets;
import org.jsoup.Jsoup;

// @start region=tour
String title(HttpSession http, String url) throws IOException {
    String html = http.get(url).text();
    return runInExecutor(PARSERS, () -> Jsoup.parse(html, url).title());
}

void main() throws IOException {
    try (HttpSession http = HttpSession.open()) { // keeps its connections for the next request
        List<String> titles = run(() -> gather(PAGES, url -> title(http, url)));
        titles.forEach(IO::println);
    }
}
// @end

void oneAfterTheOther() throws IOException {
    try (HttpSession http = HttpSession.open()) {
        for (String url : PAGES) {
            IO.println(title(http, url));
        }
    }
}

static final ExecutorService PARSERS = Executors.newFixedThreadPool(
        Runtime.getRuntime().availableProcessors(), Thread.ofPlatform().daemon().factory());
static final List<String> PAGES = Site.start();

/** A website in this process; each of its answers takes 100 ms. */
static final class Site {
    static List<String> start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.setExecutor(task -> Thread.ofVirtual().start(task));
            server.createContext("/", exchange -> {
                sleep(Duration.ofMillis(100));
                String page = "<title>Chapter " + exchange.getRequestURI().getPath().substring(1) + "</title>";
                byte[] body = page.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            Thread.startVirtualThread(server::start); // its own thread is a daemon too, and ends with the program
            List<String> pages = IntStream.rangeClosed(1, 10)
                    .mapToObj(i -> "http://127.0.0.1:" + server.getAddress().getPort() + "/" + i)
                    .toList();
            // Loads what a first request needs, before anybody takes the time.
            try (HttpSession http = HttpSession.open()) {
                Jsoup.parse(http.get(pages.getFirst()).text());
            }
            return pages;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

// Output:
// Chapter 1
// Chapter 2
// Chapter 3
// Chapter 4
// Chapter 5
// Chapter 6
// Chapter 7
// Chapter 8
// Chapter 9
// Chapter 10
