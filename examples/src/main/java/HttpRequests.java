// HTTP requests
// A session keeps the connections; each request is an ordinary call, and waits in its own task.

import static dev.yibu.Async.*;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.yibu.http.HttpSession;

// @start region=tour
List<String> pages() {
    return List.of(SITE + "noodles", SITE + "tea", SITE + "dumplings");
}

void main() throws IOException {
    try (HttpSession http = HttpSession.open()) {
        List<String> texts = run(() -> gather(pages(), page -> http.get(page).text()));
        for (String text : texts) {
            IO.println(text + ": " + text.length() + " characters");
        }
    }
}
// @end

void oneAfterTheOther() throws IOException {
    try (HttpSession http = HttpSession.open()) {
        for (String page : pages()) {
            IO.println(http.get(page).text());
        }
    }
}

static final URI SITE = Server.start();

/** A web server in this process that takes 200 ms to answer with the name of the page. */
static final class Server {
    static URI start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", Server::answer);
            Thread.ofVirtual().start(server::start).join(); // so that its own thread is a daemon
            URI site = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            try (HttpSession http = HttpSession.open()) {
                http.get(site.toString()).text(); // loads what a first request needs, before anybody takes the time
            }
            return site;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        sleep(Duration.ofMillis(200));
        String page = exchange.getRequestURI().getPath().substring(1);
        byte[] answer = ("a page about " + page).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }
}

// Output:
// a page about noodles: 20 characters
// a page about tea: 16 characters
// a page about dumplings: 22 characters
