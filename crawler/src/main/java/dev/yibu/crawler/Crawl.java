package dev.yibu.crawler;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.sleep;

import dev.yibu.AsyncConsumer;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.crawler.Target.Kind;
import dev.yibu.crawler.Visit.Fate;
import dev.yibu.lowlevel.Strand;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** One crawl: takes targets from its storage, has them visited, and records what came of them. */
final class Crawl {
    /** So that a late renewal is still in time. */
    private static final int RENEWALS_IN_A_LEASE = 3;

    private static final int LEAST_AT_A_TIME = 16;
    private static final int MOST_AT_A_TIME = 500;

    private final CrawlOptions options;
    private final Storage storage;
    private final Fetcher fetcher;
    private final Frontier frontier;
    private final AtomicLong waiting;
    private final AtomicBoolean storeFailed = new AtomicBoolean();
    private final long started = now();

    /**
     * A crawl.
     *
     * @param waiting a gauge of how many addresses wait, to be kept up
     */
    Crawl(CrawlOptions options, Storage storage, Fetcher fetcher, Set<String> sites, AtomicLong waiting) {
        this.options = options;
        this.storage = storage;
        this.fetcher = fetcher;
        this.waiting = waiting;
        int atATime = Math.clamp(2L * options.concurrency(), LEAST_AT_A_TIME, MOST_AT_A_TIME);
        this.frontier = new Frontier(storage, sites, atATime, fetcher::capacity);
    }

    /** The time of the calling strand's driver. */
    static long now() {
        return Objects.requireNonNull(Strand.current()).driver().nanoTime();
    }

    /** Finds its place in a storage. */
    static Storage.Standing begin(Storage storage, CrawlOptions options, Set<URI> starts) {
        Storage.Plan plan = new Storage.Plan(
                List.copyOf(starts),
                options.maxPages(),
                options.rules().maxAlike(),
                options.extraction().toString(),
                options.lease());
        return storage.begin(
                plan,
                starts.stream()
                        .map(start -> new Discovered(start, 0, Kind.PAGE, null))
                        .toList());
    }

    <X extends Throwable> CrawlReport run(AsyncConsumer<? super Page, ? extends X> onPage) throws X {
        frontier.waiting(storage.tally().waiting());
        TaskGroup.<X>run(group -> {
            Task<?> renewing = group.start("renewal of leases", this::renew);
            // While as many pages as may be requested at a time are under way, almost as many more may wait to be
            // parsed.
            int workers = 2 * options.concurrency() - 1;
            asCompleted(() -> frontier, workers, this::settled).<X>each(settled -> {
                Page page = settled.page();
                if (page != null) {
                    onPage.accept(page);
                }
                frontier.settle(settled);
                waiting.set(frontier.left());
            });
            renewing.cancel();
        });
        storage.end();
        return report();
    }

    /** Where the store fails for many at the same time, one of them says so, and ends the crawl. */
    private Settled settled(Target target) {
        try {
            return storage.settle(fetcher.visit(target));
        } catch (StoreException e) {
            if (storeFailed.getAndSet(true)) {
                sleep(ChronoUnit.FOREVER.getDuration()); // until the first failure has cancelled this task
            }
            throw e;
        }
    }

    private void renew() {
        for (; ; ) {
            sleep(options.lease().dividedBy(RENEWALS_IN_A_LEASE));
            storage.renew();
        }
    }

    private CrawlReport report() {
        Tally tally = storage.tally();
        return new CrawlReport(
                tally.of(Fate.PAGE),
                tally.errors(),
                tally.unchanged(),
                tally.of(Fate.NOT_HTML),
                tally.of(Fate.DUPLICATE),
                tally.of(Fate.DISALLOWED),
                tally.of(Fate.SITEMAP),
                tally.of(Fate.BAD_SITEMAP),
                tally.skipped(),
                tally.waiting(),
                tally.bytes(),
                Duration.ofNanos(now() - started));
    }
}
