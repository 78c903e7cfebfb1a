// The speed-up
// Ten real HTTP requests, to a server that takes a second for each: ten seconds one after the other, or the time of one.
// Among all sections, yibu tour gives the server a tenth of that.

import static dev.yibu.Async.*;

import dev.yibu.http.HttpSession;

// @start region=tour
List<String> urls() {
    return List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).stream().map(page -> SITE + "/" + page).toList();
}

void main() throws IOException {
    IO.println(run(() -> gather(urls(), url -> HTTP.get(url).text())));
}
// @end

void oneAfterTheOther() throws IOException {
    for (String url : urls()) {
        IO.println(HTTP.get(url).text());
    }
}

static final HttpSession HTTP = HttpSession.open();
static final URI SITE = Server.start();

/** A web server in this process, on virtual threads. */
static final class Server {
    static final Duration LATENCY = Duration.ofMillis(Boolean.getBoolean("yibu.tour.quick") ? 100 : 1_000);

    static URI start() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
            Thread.startVirtualThread(() -> serve(socket));
            URI site = URI.create("http://127.0.0.1:" + socket.getLocalPort());
            // Loads what a first request needs, before anybody takes the time.
            HTTP.head(site + "/").fetch();
            return site;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(ServerSocket socket) {
        try {
            while (true) {
                Socket connection = socket.accept();
                Thread.startVirtualThread(() -> answer(connection));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(Socket connection) {
        try (connection) {
            BufferedReader request = new BufferedReader(
                    new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
            String page = request.readLine().replaceAll("\\w+ /(.*) HTTP.*", "$1");
            while (!request.readLine().isEmpty()) {
                // a header
            }
            sleep(LATENCY);
            String answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + "page " + page;
            connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

// Output:
// [page 1, page 2, page 3, page 4, page 5, page 6, page 7, page 8, page 9, page 10]
