package dev.yibu.crawler;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Visits the pages that can be reached from some start addresses, breadth first, many at a time.
 *
 * {@snippet file="dev/yibu/crawler/Snippets.java" region=crawl}
 *
 * <p><b>What is visited.</b> Pages of the hosts of the start addresses, each once, in the order in which links to them are
 * found. A host is a name and a port; http and https count as the same. Links are those of {@code a}, {@code area},
 * {@code frame} and {@code iframe} elements. Links to other hosts, and answers that are not HTML, are counted and left
 * alone; the {@link CrawlReport} tells how many there were.
 *
 * <p><b>What is not done yet.</b> {@code robots.txt} is <em>not read</em>, and there is no pause between requests: point
 * it at sites that are yours, or whose owners agree, and keep the concurrency low. Scripts are not run. Bodies are asked
 * for uncompressed.
 *
 * <p><b>Redirects.</b> Up to ten are followed, within the hosts of the start addresses, and never from https to http; any
 * other makes an error of the page. Nothing but the address goes along: the crawler has no cookies or credentials, and
 * addresses with a user name are not visited.
 *
 * <p><b>Failure.</b> What goes wrong with a page is the page's own {@linkplain Page#error() error}; the crawl goes on.
 * What the receiver of pages throws ends the crawl, and is thrown.
 *
 * <p><b>Cancellation.</b> Requests under way are ended and joined; pages that were delivered stay delivered. A timeout
 * around {@code crawl} bounds it as a whole.
 *
 * <p><b>Memory.</b> Every address found on these hosts is kept until the end, also beyond the number of pages.
 *
 * <p><b>Thread-safety.</b> Immutable, save for a gauge: any number of crawls may run at the same time.
 */
public final class Crawler {
    private final CrawlOptions options;
    private final AtomicInteger inFlight = new AtomicInteger();

    /**
     * A crawler with options.
     *
     * @param options bounds and limits
     */
    public Crawler(CrawlOptions options) {
        this.options = Objects.requireNonNull(options, "options");
    }

    /**
     * A start address, as a person typed it.
     *
     * @param text the address, with http or https
     * @return the address in its canonical form: without fragment, default port and dot segments
     * @throws IllegalArgumentException if it is none; the message says why, without user name and query
     */
    public static URI address(String text) {
        return Addresses.start(Objects.requireNonNull(text, "text"));
    }

    /**
     * Crawls, and returns when there is nothing left to visit, or the number of pages is reached.
     *
     * @param starts where to start, one address or more
     * @param onPage receives each page when it has been read, one at a time, on the calling thread; may wait, and holds
     *     up the crawl meanwhile
     * @param <X> what the receiver may throw
     * @return what was done and left out
     * @throws X if the receiver does; the crawl has then ended
     * @throws IllegalArgumentException if there is no start address, or one that {@link #address} refuses
     */
    public <X extends Throwable> CrawlReport crawl(
            Collection<URI> starts, AsyncConsumer<? super Page, ? extends X> onPage) throws X {
        Objects.requireNonNull(onPage, "onPage");
        Set<URI> addresses = new LinkedHashSet<>();
        starts.forEach(start -> addresses.add(address(start.toString())));
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a crawl needs an address to start from");
        }
        Set<String> sites = addresses.stream().map(Addresses::site).collect(Collectors.toUnmodifiableSet());
        return Async.<Fetcher, CrawlReport, X>using(
                () -> new Fetcher(options, sites, inFlight),
                Fetcher::close,
                fetcher -> new Crawl(options, addresses, sites).<X>run(fetcher, onPage));
    }

    /**
     * How many requests are under way.
     *
     * @return the number at this moment, of all crawls of this crawler
     */
    public int inFlight() {
        return inFlight.get();
    }
}
