package dev.yibu.benchmarks;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** Crawlers as one writes them in an hour: no store, no retries, no limits but the number at a time. */
abstract class PageVisits {
    private static final String LINKS = "a[href], area[href], frame[src], iframe[src]";

    /** Visits all pages of a site; returns how many there are. */
    abstract int all(String start) throws Exception;

    /** The addresses on a page that lie on its site. */
    private static List<String> links(String html, String url) {
        Document page = Jsoup.parse(html, url);
        if (page.title().length() > html.length()) {
            throw new IllegalStateException("a title longer than its page");
        }
        String site = url.substring(0, url.indexOf('/', "http://".length()) + 1);
        return page.select(LINKS).stream()
                .map(PageVisits::address)
                .filter(address -> address.startsWith(site))
                .distinct()
                .toList();
    }

    private static String address(Element link) {
        String address = link.absUrl(link.hasAttr("href") ? "href" : "src");
        int fragment = address.indexOf('#');
        return fragment < 0 ? address : address.substring(0, fragment);
    }

    private static boolean isHtml(String contentType) {
        return contentType.startsWith("text/html");
    }

    static PageVisits oneByOne() {
        return new PageVisits() {
            @Override
            int all(String start) throws Exception {
                int pages = 0;
                Set<String> known = new HashSet<>(Set.of(start));
                Queue<String> waiting = new ArrayDeque<>(known);
                try (HttpClient client = HttpClient.newHttpClient()) {
                    for (String url; (url = waiting.poll()) != null; ) {
                        HttpResponse<String> response = client.send(
                                HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
                        if (response.statusCode() == 200
                                && isHtml(response.headers()
                                        .firstValue("Content-Type")
                                        .orElse(""))) {
                            pages++;
                            for (String link : links(response.body(), url)) {
                                if (known.add(link)) {
                                    waiting.add(link);
                                }
                            }
                        }
                    }
                }
                return pages;
            }
        };
    }

    static PageVisits concurrent(int atATime) {
        return new Concurrent(atATime);
    }

    private static final class Concurrent extends PageVisits {
        private final Semaphore slots;
        private final Phaser visits = new Phaser(1);
        private final Set<String> known = ConcurrentHashMap.newKeySet();
        private final AtomicInteger pages = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final OkHttpClient client;

        Concurrent(int atATime) {
            slots = new Semaphore(atATime);
            client = new OkHttpClient.Builder()
                    .connectionPool(new ConnectionPool(atATime, 1, TimeUnit.MINUTES))
                    .build();
        }

        @Override
        int all(String start) {
            visit(start);
            visits.arriveAndAwaitAdvance();
            client.connectionPool().evictAll();
            if (failure.get() != null) {
                throw new IllegalStateException("a page could not be read", failure.get());
            }
            return pages.get();
        }

        private void visit(String url) {
            if (known.add(url)) {
                visits.register();
                Thread.startVirtualThread(() -> {
                    try {
                        get(url);
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                    } finally {
                        visits.arriveAndDeregister();
                    }
                });
            }
        }

        private void get(String url) throws Exception {
            String html;
            slots.acquire();
            try (Response response =
                    client.newCall(new Request.Builder().url(url).build()).execute()) {
                if (response.code() != 200 || !isHtml(response.header("Content-Type", ""))) {
                    return;
                }
                html = response.body().string();
            } finally {
                slots.release();
            }
            pages.incrementAndGet();
            links(html, url).forEach(this::visit);
        }
    }
}
