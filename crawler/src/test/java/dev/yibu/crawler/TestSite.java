package dev.yibu.crawler;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A website of a few pages, made by a test. Each request is noted by its path and query. */
final class TestSite implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, HttpHandler> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile HttpHandler otherwise = missing -> missing.sendResponseHeaders(404, -1);
    private final CountDownLatch closing = new CountDownLatch(1);

    private record Request(String path, long time) {}

    TestSite() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(handlers);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            requests.add(new Request(path, System.nanoTime()));
            answers.getOrDefault(path, otherwise).handle(exchange);
        }
    }

    /** A page with a title and links. */
    TestSite page(String path, String title, String... links) {
        return html(path, document(title, links));
    }

    static String document(String title, String... links) {
        return Stream.of(links)
                .map(link -> "<a href=\"" + link + "\">there</a>")
                .collect(Collectors.joining("\n", "<!doctype html><title>" + title + "</title>", ""));
    }

    TestSite html(String path, String html) {
        return on(
                path,
                exchange -> send(exchange, 200, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8)));
    }

    TestSite bytes(String path, String contentType, byte[] body) {
        return on(path, exchange -> send(exchange, 200, contentType, body));
    }

    TestSite redirect(String path, int status, String location) {
        return on(path, exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(status, -1);
        });
    }

    /** Answers only when the site closes. */
    TestSite hang(String path) {
        return on(path, exchange -> awaitClosing());
    }

    private void awaitClosing() {
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    TestSite on(String path, HttpHandler answer) {
        answers.put(path, answer);
        return this;
    }

    static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    URI at(String path) {
        return URI.create("http://" + host() + path);
    }

    /** What is answered where nothing else is. */
    TestSite otherwise(HttpHandler answer) {
        otherwise = answer;
        return this;
    }

    List<String> allRequests() {
        return requests.stream().map(Request::path).toList();
    }

    /** All but those for robots.txt. */
    List<String> requests() {
        return allRequests().stream()
                .filter(path -> !path.equals("/robots.txt"))
                .toList();
    }

    long requestsFor(String path) {
        return allRequests().stream().filter(path::equals).count();
    }

    /** The nanoseconds from each request to the next. */
    List<Long> pauses() {
        List<Request> all = List.copyOf(requests);
        return IntStream.range(1, all.size())
                .mapToObj(i -> all.get(i).time() - all.get(i - 1).time())
                .toList();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        handlers.shutdownNow();
        handlers.close();
    }
}
