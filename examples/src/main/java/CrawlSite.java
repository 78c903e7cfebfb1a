// A crawler
// A whole site, page by page, many at a time: each page once, robots.txt obeyed, the parts that are wanted picked out.

import static dev.yibu.Async.*;

import com.sun.net.httpserver.HttpServer;
import dev.yibu.crawler.CrawlOptions;
import dev.yibu.crawler.CrawlReport;
import dev.yibu.crawler.Crawler;
import dev.yibu.crawler.Extraction;
import java.nio.charset.StandardCharsets;

// @start region=tour
void crawl(CrawlOptions options) {
    Map<String, String> prices = new TreeMap<>();
    CrawlReport report = new Crawler(options.withExtraction(Extraction.of(List.of("price=.price"))))
            .crawl(List.of(SITE), page -> // called for each page when it is there
                    page.fields().get("price").forEach(price -> prices.put(page.title(), price)));

    prices.forEach((title, price) -> IO.println(title + ": " + price));
    IO.println(report.pages() + " pages, " + report.disallowed() + " forbidden by robots.txt");
}

void main() {
    run(() -> crawl(OPTIONS.withConcurrency(10)));
}
// @end

void oneAfterTheOther() {
    crawl(OPTIONS.withConcurrency(1));
}

static final CrawlOptions OPTIONS = CrawlOptions.defaults().withAllowPrivate(true); // the site is on this machine
static final URI SITE = Site.start();

/** A shop in this process; each of its answers takes 50 ms. */
static final class Site {
    private static final List<String> TEAS =
            List.of("Assam", "Ceylon", "Darjeeling", "Keemun", "Longjing", "Matcha", "Oolong", "Pu-erh", "Sencha");

    static URI start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.setExecutor(task -> Thread.ofVirtual().start(task));
            server.createContext("/", exchange -> {
                sleep(Duration.ofMillis(50));
                byte[] body = page(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            Thread.startVirtualThread(server::start); // its own thread is a daemon too, and ends with the program
            URI site = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            // Loads what a first crawl needs, before anybody takes the time.
            new Crawler(OPTIONS.withMaxPages(1)).crawl(List.of(site), _ -> {});
            return site;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String page(String path) {
        if (path.equals("/robots.txt")) {
            return "User-agent: *\nDisallow: /staff\n";
        }
        if (path.equals("/")) {
            return "<title>A shop</title><a href=/staff>staff</a>"
                    + TEAS.stream().map(tea -> "<a href=/" + tea + ">" + tea + "</a>").collect(Collectors.joining());
        }
        String tea = path.substring(1);
        return "<title>" + tea + "</title><p>from <span class=price>" + tea.length() + ".50</span>";
    }
}

// Output:
// Assam: 5.50
// Ceylon: 6.50
// Darjeeling: 10.50
// Keemun: 6.50
// Longjing: 8.50
// Matcha: 6.50
// Oolong: 6.50
// Pu-erh: 6.50
// Sencha: 6.50
// 10 pages, 1 forbidden by robots.txt
