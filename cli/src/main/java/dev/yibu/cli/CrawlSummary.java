package dev.yibu.cli;

import dev.yibu.crawler.Page;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What reports say of the pages of a crawl, collected page by page in little memory. */
final class CrawlSummary {
    /** When a visit was under way, in milliseconds since 1970. */
    record Visit(long from, long to, int status) {}

    /**
     * A slow page.
     *
     * @param address without query, which may be a secret
     */
    record Slow(String address, long millis, int status) {}

    private static final int SLOWEST = 20;
    private static final int KINDS_OF_ERRORS = 1_000;
    private static final int VISITS = 400;
    private static final int READABLE = 2_000;

    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final Map<String, Integer> kindsOfErrors = new TreeMap<>();
    private final PriorityQueue<Slow> slowest = new PriorityQueue<>(Comparator.comparingLong(Slow::millis));
    private final EvenSample<Visit> visits = new EvenSample<>(VISITS);
    private final EvenSample<URI> readable = new EvenSample<>(READABLE);
    private final Timeline timeline = new Timeline();

    // Read by the progress line.
    private final AtomicInteger pages = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private volatile int earlier;

    void add(Page page) {
        pages.incrementAndGet();
        statuses.merge(page.status(), 1, Integer::sum);
        long from = page.started().toEpochMilli();
        long to = from + page.elapsed().toMillis();
        visits.add(new Visit(from, to, page.status()));
        timeline.add(to, page.error().isPresent());
        slowest.add(new Slow(shown(page.url()), page.elapsed().toMillis(), page.status()));
        if (slowest.size() > SLOWEST) {
            slowest.remove();
        }
        if (page.error().isEmpty()) {
            readable.add(page.url());
            return;
        }
        errors.incrementAndGet();
        String kind = page.error().get();
        kindsOfErrors.merge(
                kindsOfErrors.size() < KINDS_OF_ERRORS || kindsOfErrors.containsKey(kind) ? kind : "others",
                1,
                Integer::sum);
    }

    private static String shown(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    }

    /** The pages until now come from the store, those that follow are fetched. */
    void begin() {
        earlier = pages.get();
    }

    int pages() {
        return pages.get();
    }

    /** How many pages do not come from the store. */
    int fetched() {
        return pages.get() - earlier;
    }

    int errors() {
        return errors.get();
    }

    Map<Integer, Integer> statuses() {
        return statuses;
    }

    /** The most frequent first. */
    List<Map.Entry<String, Integer>> kindsOfErrors() {
        return kindsOfErrors.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .toList();
    }

    /** The slowest first. */
    List<Slow> slowest() {
        List<Slow> sorted = new ArrayList<>(slowest);
        sorted.sort(Comparator.comparingLong(Slow::millis).reversed());
        return sorted;
    }

    /** Some of the visits, evenly spread. */
    List<Visit> visits() {
        return visits.all();
    }

    EvenSample<URI> readable() {
        return readable;
    }

    Timeline timeline() {
        return timeline;
    }
}
