package dev.yibu.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** A website of so many pages, each of which links to some others, with a log of its requests. */
final class NumberedSite implements AutoCloseable {
    private final int size;
    private final long latencyMillis;
    private final HttpServer server;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();
    private volatile CountDownLatch opened = new CountDownLatch(0);

    NumberedSite(int size, long latencyMillis) throws IOException {
        this.size = size;
        this.latencyMillis = latencyMillis;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(handlers);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Holds the start page back until the latch is open. */
    void holdStart(CountDownLatch latch) {
        opened = latch;
    }

    String start() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/0";
    }

    /** The paths of all requests for pages, in their order. */
    List<String> requests() {
        return List.copyOf(log);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/robots.txt")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            log.add(path);
            int number = Integer.parseInt(path.substring(1));
            if (number == 0) {
                opened.await();
            }
            Thread.sleep(latencyMillis); // as answers of the web take
            StringBuilder html = new StringBuilder("<title>page " + number + "</title>");
            for (int i = 1; i <= 5; i++) {
                html.append("<a href=/").append((number * 3L + i * 7L) % size).append(">x</a>");
                html.append("<a href=/").append((number + i) % size).append(">x</a>");
            }
            byte[] body = html.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        handlers.shutdownNow();
        handlers.close();
    }
}
