package dev.yibu.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A website from a jar, in a child process, without latency. */
final class SiteServer implements AutoCloseable {
    private final ServerProcess process;

    private SiteServer(ServerProcess process) {
        this.process = process;
    }

    static SiteServer start(Path jar) throws IOException {
        List<String> options = List.of("-Xmx1g", "-Dsun.net.httpserver.nodelay=true");
        return new SiteServer(ServerProcess.start(SiteServer.class, options, jar.toString()));
    }

    /** The address of its first page. */
    String start() {
        return process.said();
    }

    /** The child. */
    public static void main(String[] args) throws Exception {
        ZipFile pages = new ZipFile(args[0]);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(pages, exchange));
        server.start();
        ServerProcess.serve("http://127.0.0.1:" + server.getAddress().getPort() + "/index.html");
    }

    private static void answer(ZipFile pages, HttpExchange exchange) throws IOException {
        try (exchange) {
            ZipEntry entry = pages.getEntry(exchange.getRequestURI().getPath().substring(1));
            if (entry == null || entry.isDirectory()) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body;
            try (InputStream in = pages.getInputStream(entry)) {
                body = in.readAllBytes();
            }
            boolean html = entry.getName().endsWith(".html");
            exchange.getResponseHeaders().set("Content-Type", html ? "text/html; charset=utf-8" : "text/plain");
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
