package dev.yibu.cli;

import static dev.yibu.Async.sleep;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A real website on this machine: the Javadoc of Eclipse Collections, from the jar that the build puts beside the program,
 * served on the loopback address. Each answer takes a while, as answers of the web do, and has a tag by which a second crawl
 * can ask whether the page has changed.
 */
final class EmbeddedSite implements AutoCloseable {
    static final String NAME = "the Javadoc of Eclipse Collections";
    private static final Pattern START = Pattern.compile("http://127\\.0\\.0\\.1:(\\d{1,5})/index\\.html");
    private static final InetAddress HOST = InetAddress.ofLiteral("127.0.0.1");
    private static final Path JAR = Path.of("sites", "eclipse-collections-javadoc.jar");

    private final ZipFile pages;
    private final HttpServer server;
    private final Duration latency;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();

    private EmbeddedSite(ZipFile pages, HttpServer server, Duration latency) {
        this.pages = pages;
        this.server = server;
        this.latency = latency;
    }

    /** The port at which the site was, if a crawl from this address was one of it. */
    static OptionalInt portOf(URI start) {
        Matcher matcher = START.matcher(start.toString());
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /**
     * Starts serving.
     *
     * @param port where; 0 for a port that is free
     */
    static EmbeddedSite open(int port, Duration latency) throws IOException {
        // Or else an answer's body waits for the acknowledgement of its head.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        ZipFile pages = new ZipFile(jar().toFile());
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(HOST, port), 0);
        } catch (BindException e) {
            pages.close();
            throw new IOException(
                    "port " + port
                            + ", where the site was when it was crawled before, is in use; try again later, or start"
                            + " anew with --no-resume",
                    e);
        } catch (IOException e) {
            pages.close();
            throw e;
        }
        EmbeddedSite site = new EmbeddedSite(pages, server, latency);
        server.setExecutor(site.handlers);
        server.createContext("/", site::answer);
        server.start();
        return site;
    }

    private static Path jar() throws IOException {
        CodeSource source = EmbeddedSite.class.getProtectionDomain().getCodeSource();
        try {
            Path program = Path.of(source.getLocation().toURI());
            Path jar = program.resolveSibling(JAR);
            if (!Files.isRegularFile(jar)) {
                throw new IOException(
                        "the website to crawl, " + jar + ", is missing; start the program by ./yibu, or give a URL");
            }
            return jar;
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    URI start() {
        return URI.create(
                "http://" + HOST.getHostAddress() + ':' + server.getAddress().getPort() + "/index.html");
    }

    long size() {
        return pages.stream().filter(entry -> entry.getName().endsWith(".html")).count();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            sleep(latency);
            String name = exchange.getRequestURI().getPath().substring(1);
            ZipEntry entry = pages.getEntry(name.isEmpty() ? "index.html" : name);
            if (entry == null || entry.isDirectory()) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            String tag = "\"%08x-%x\"".formatted(entry.getCrc(), entry.getSize());
            exchange.getResponseHeaders().set("ETag", tag);
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
            byte[] page;
            try (InputStream in = pages.getInputStream(entry)) {
                page = in.readAllBytes();
            }
            exchange.getResponseHeaders().set("Content-Type", contentType(entry.getName()));
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
        }
    }

    private static String contentType(String name) {
        return name.endsWith(".html") ? "text/html; charset=utf-8" : "application/octet-stream";
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        handlers.shutdownNow();
        handlers.close();
        pages.close();
    }
}
