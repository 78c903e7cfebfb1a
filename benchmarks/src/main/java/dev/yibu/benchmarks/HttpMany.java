package dev.yibu.benchmarks;

import dev.yibu.Async;
import dev.yibu.http.HttpLimits;
import dev.yibu.http.HttpOptions;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTls;
import dev.yibu.http.HttpVersion;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Very many requests at a time, each to a server that takes a second: all are answered, in little more than that second, and
 * in little memory. Arguments: how many (10,000), the server's milliseconds (1,000), its streams to a connection of HTTP/2
 * (20,000; Jetty's own choice is 128), how
 * the names of the ways to try begin (all of them). Give it {@code -Xmx1g}, and more open files than requests ({@code ulimit -n}).
 */
final class HttpMany {
    private final int requests;
    private final int millis;

    private HttpMany(int requests, int millis) {
        this.requests = requests;
        this.millis = millis;
    }

    public static void main(String[] args) throws Exception {
        int requests = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int millis = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
        int streams = args.length > 2 ? Integer.parseInt(args[2]) : 20_000;
        System.out.println(Machine.here().text());
        HttpMany many = new HttpMany(requests, millis);
        System.out.printf("%,d requests at a time, %,d ms each%n%n", requests, millis);
        System.out.println("| | answered | cold | warm | again | CPU, warm | heap in use, most | connections |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
        try (WebServers servers = WebServers.start(streams)) {
            String path = "/slow/" + millis;
            List<Way> ways = List.of(
                    new Way("HTTP/1.1", servers.plain(path), HttpVersion.HTTP_1_1),
                    new Way("HTTP/1.1, Jetty", servers.jetty(path), HttpVersion.HTTP_1_1),
                    new Way("HTTP/2", servers.jetty(path), HttpVersion.HTTP_2_CLEARTEXT),
                    new Way("HTTP/2, TLS", servers.jettySecure(path), HttpVersion.BEST));
            String wanted = args.length > 3 ? args[3] : "";
            for (Way way : ways) {
                if (way.name().startsWith(wanted)) {
                    many.run(way, servers.keys());
                }
            }
        }
        System.exit(0);
    }

    private record Way(String name, String url, HttpVersion version) {}

    private void run(Way way, Keys keys) throws Exception {
        HttpOptions options = HttpOptions.DEFAULT
                .withVersion(way.version())
                .withTls(HttpTls.DEFAULT.trusting(keys.trusted()))
                .withLimits(HttpLimits.DEFAULT.withConnections(requests, requests));
        System.gc();
        heaps().forEach(MemoryPoolMXBean::resetPeakUsage);
        AtomicInteger answered = new AtomicInteger();
        AtomicReference<IOException> failure = new AtomicReference<>();
        List<Cost> costs = new ArrayList<>();
        int connections;
        try (HttpSession session = HttpSession.open(options)) {
            session.get(way.url()).bytes();
            for (int i = 0; i < 3; i++) {
                costs.add(Cost.of(
                        1,
                        () -> Async.run(() -> Async.forEach(Collections.nCopies(requests, way.url()), one -> {
                            try {
                                session.get(one).bytes();
                                answered.incrementAndGet();
                            } catch (IOException e) {
                                failure.compareAndSet(null, e);
                            }
                        }))));
            }
            connections = session.statistics().connections();
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d of %,d | %.2f s | %.2f s | %.2f s | %.2f s | %,d MB | %,d |%n",
                way.name(),
                answered.get(),
                3 * requests,
                costs.get(0).nanos() / 1e9,
                costs.get(1).nanos() / 1e9,
                costs.get(2).nanos() / 1e9,
                costs.get(1).cpuNanos() / 1e9,
                heaps().stream()
                                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                                .sum()
                        >> 20,
                connections);
        if (failure.get() != null) {
            System.out.println("the first failure: " + failure.get());
        }
    }

    private static List<MemoryPoolMXBean> heaps() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }
}
