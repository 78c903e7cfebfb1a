package dev.yibu.crawler;

import static dev.yibu.Async.asCompleted;

import dev.yibu.AsyncConsumer;
import dev.yibu.lowlevel.Strand;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** One crawl: what its owner's thread knows. */
final class Crawl {
    private final CrawlOptions options;
    private final Set<String> sites;
    private final Frontier frontier;
    private final long started = now();

    private int pages;
    private int errors;
    private int notHtml;
    private int duplicates;
    private long linksElsewhere;
    private long bytes;

    Crawl(CrawlOptions options, Set<URI> starts, Set<String> sites) {
        this.options = options;
        this.sites = sites;
        this.frontier = new Frontier(options.maxPages());
        frontier.add(starts, 0);
    }

    /** The time of the calling strand's driver. */
    static long now() {
        return Objects.requireNonNull(Strand.current()).driver().nanoTime();
    }

    <X extends Throwable> CrawlReport run(Fetcher fetcher, AsyncConsumer<? super Page, ? extends X> onPage) throws X {
        // While as many pages as may be requested at a time are under way, almost as many more may wait to be parsed.
        int workers = 2 * options.concurrency() - 1;
        asCompleted(() -> frontier, workers, fetcher::visit).<X>each(visit -> {
            Page page = visit.page();
            if (page == null) {
                notHtml++;
            } else if (!page.url().equals(visit.target().url()) && !frontier.claim(page.url())) {
                duplicates++;
            } else {
                frontier.add(linksToFollow(page), page.depth() + 1);
                pages++;
                errors += page.error().isPresent() ? 1 : 0;
                bytes += page.bytes();
                onPage.accept(page);
                frontier.settle(true);
                return;
            }
            frontier.settle(false);
        });
        Duration elapsed = Duration.ofNanos(now() - started);
        return new CrawlReport(
                pages, errors, notHtml, duplicates, linksElsewhere, frontier.unvisited(), bytes, elapsed);
    }

    private List<URI> linksToFollow(Page page) {
        List<URI> here = page.links().stream()
                .filter(link -> sites.contains(Addresses.site(link)))
                .toList();
        linksElsewhere += page.links().size() - here.size();
        return here;
    }
}
