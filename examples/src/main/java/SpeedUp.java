// The speed-up
// Ten real HTTP requests, to a server that takes 200 ms for each: the time of one.

import static dev.yibu.Async.*;

// @start region=tour
String fetch(int page) throws IOException { // the JDK's ordinary blocking client
    try (InputStream body = SITE.resolve("/" + page).toURL().openStream()) {
        return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
}

void main() throws IOException {
    List<Integer> pages = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    IO.println(run(() -> gather(pages, this::fetch)));
}
// @end

void oneAfterTheOther() throws IOException {
    for (int page = 1; page <= 10; page++) {
        IO.println(fetch(page));
    }
}

static final URI SITE = Server.start();

/** A web server in this process, on virtual threads. */
static final class Server {
    static URI start() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
            Thread.startVirtualThread(() -> serve(socket));
            URI site = URI.create("http://127.0.0.1:" + socket.getLocalPort());
            // Loads what a first request needs, before anybody takes the time.
            site.toURL().openStream().close();
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
            String page = request.readLine().replaceAll("GET /(.*) HTTP.*", "$1");
            while (!request.readLine().isEmpty()) {
                // a header
            }
            sleep(Duration.ofMillis(200));
            String answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + "page " + page;
            connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

// Output:
// [page 1, page 2, page 3, page 4, page 5, page 6, page 7, page 8, page 9, page 10]
