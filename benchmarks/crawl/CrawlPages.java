// Pages a second of a whole crawl, cold and warm, beside what Python's libraries do: see README.md.
//
//   java -cp 'APP/*' CrawlPages.java serve JAR          serves the pages of a Javadoc jar, prints their address
//   java -cp 'APP/*' CrawlPages.java crawl URL RUNS     crawls them so often, prints pages a second of each run

import com.sun.net.httpserver.HttpServer;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.CrawlStore;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.Politeness;
import java.nio.file.Files;
import java.util.zip.ZipFile;

void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
        case "serve" -> serve(new ZipFile(arguments[1]));
        case "crawl" -> crawl(arguments[1], Integer.parseInt(arguments[2]));
        default -> throw new IllegalArgumentException("serve JAR, or crawl URL RUNS");
    }
}

void serve(ZipFile pages) throws IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> {
        try (exchange) {
            var entry = pages.getEntry(exchange.getRequestURI().getPath().substring(1));
            if (entry == null || entry.isDirectory()) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body;
            try (var in = pages.getInputStream(entry)) {
                body = in.readAllBytes();
            }
            exchange.getResponseHeaders()
                    .set("Content-Type", entry.getName().endsWith(".html") ? "text/html; charset=utf-8" : "text/plain");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    });
    server.start();
    IO.println("http://127.0.0.1:" + server.getAddress().getPort() + "/index.html");
}

void crawl(String url, int runs) throws Exception {
    CrawlOptions options = CrawlOptions.defaults()
            .withAllowPrivate(true)
            .withMaxPages(100_000)
            .withConcurrency(50)
            .withPoliteness(Politeness.defaults().withPerHost(50));
    for (int run = 1; run <= runs; run++) {
        Path file = Files.createTempFile("crawl", ".db");
        Files.delete(file);
        CrawlReport report;
        try (CrawlStore store = CrawlStore.file(file)) {
            report = new Crawler(options).crawl(store, List.of(Crawler.address(url)), _ -> {}, _ -> {});
        }
        Files.delete(file);
        double seconds = report.elapsed().toNanos() / 1e9;
        IO.println("%s: %d pages, %d errors, %.2f s, %.0f pages/s".formatted(
                run == 1 ? "cold" : "run " + run, report.pages(), report.errors(), seconds, report.pages() / seconds));
    }
}
