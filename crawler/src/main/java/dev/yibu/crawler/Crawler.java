package dev.yibu.crawler;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Visits the pages that can be reached from some start addresses, breadth first, many at a time, and politely.
 *
 * {@snippet file="dev/yibu/crawler/Snippets.java" region=crawl}
 *
 * <p><b>What is visited.</b> Pages of the hosts of the start addresses, each once, in the order in which links to them are
 * found. A host is a name and a port; http and https count as the same. Links are those of {@code a}, {@code area},
 * {@code frame} and {@code iframe} elements, and what the sitemaps list that {@code robots.txt} names. {@link FollowRules}
 * say which of them are followed. Links to other hosts, and answers that are not HTML, are counted and left alone; the
 * {@link CrawlReport} tells how many there were. Scripts are not run.
 *
 * <p><b>Politeness.</b> Each server is asked for its {@code robots.txt} first, which is obeyed; a page may ask not to follow
 * its links. {@link Politeness} says how many requests a host gets, and how fast. A host that answers 429 or 503 with
 * {@code Retry-After} is left alone until then, all of it.
 *
 * <p><b>Redirects.</b> Up to ten are followed, within the hosts of the start addresses, and never from https to http; any
 * other makes an error of the page. Nothing but the address goes along: the crawler has no cookies or credentials, and
 * addresses with a user name are not visited.
 *
 * <p><b>Failure.</b> What goes wrong with a page is the page's own {@linkplain Page#error() error}; the crawl goes on.
 * What the receiver of pages throws ends the crawl, and is thrown; so does a {@link StoreException}.
 *
 * <p><b>Cancellation.</b> Requests under way are ended and joined; pages that were delivered stay delivered, and those in
 * the {@link CrawlStore} stay there, which may be a few more. A timeout around {@code crawl} bounds it as a whole.
 *
 * <p><b>Memory.</b> The addresses lie in the store; a window of them, and the pages under way, are in memory. Of all bodies
 * that are being read or wait to be parsed no more is there at a time than a quarter of the heap, or one body if that is
 * longer; what finds no room waits, and that time does not count for its timeout. As many are parsed at a time as there are
 * processors.
 *
 * <p><b>Thread-safety.</b> Immutable, save for gauges: any number of crawls may run at the same time, each with a store of
 * its own.
 */
public final class Crawler {
    private final CrawlOptions options;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong waiting = new AtomicLong();

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
        checked(starts);
        return Async.<CrawlStore, CrawlReport, X>using(
                CrawlStore::temporary, CrawlStore::close, store -> this.<X>crawl(store, starts, _ -> {}, onPage));
    }

    /**
     * Crawls as {@link #crawl(Collection, AsyncConsumer)} does, and keeps it in a store, or goes on with what the store
     * holds.
     *
     * @param store where the crawl is kept
     * @param starts where to start; the same as before, if the store holds a crawl
     * @param onBegin is told first what the store holds; may wait
     * @param onPage receives each page that this call has fetched, when it is in the store; not those that were there
     * @param <X> what the receivers may throw
     * @return what was done and left out, by this call, those before and others that share the store
     * @throws X if a receiver does; the crawl has then ended
     * @throws IllegalArgumentException if there is no start address, or one that {@link #address} refuses
     * @throws StoreException if the store fails, or holds a crawl from other addresses
     */
    public <X extends Throwable> CrawlReport crawl(
            CrawlStore store,
            Collection<URI> starts,
            AsyncConsumer<? super Beginning, ? extends X> onBegin,
            AsyncConsumer<? super Page, ? extends X> onPage)
            throws X {
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(onBegin, "onBegin");
        Objects.requireNonNull(onPage, "onPage");
        Set<URI> addresses = checked(starts);
        Set<String> sites = addresses.stream().map(Addresses::site).collect(Collectors.toUnmodifiableSet());
        Storage storage = store.storage();
        Storage.Standing standing = Crawl.begin(storage, options, addresses);
        onBegin.accept(new Beginning(standing.resumed(), standing.pages(), standing.round()));
        return Async.<Fetcher, CrawlReport, X>using(
                () -> new Fetcher(options, sites, storage, inFlight),
                Fetcher::close,
                fetcher -> new Crawl(options, storage, fetcher, sites, waiting).<X>run(onPage));
    }

    private static Set<URI> checked(Collection<URI> starts) {
        Set<URI> addresses = new LinkedHashSet<>();
        starts.forEach(start -> addresses.add(address(start.toString())));
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a crawl needs an address to start from");
        }
        return addresses;
    }

    /**
     * What a crawl begins with.
     *
     * @param resumed whether it goes on with one that did not come to its end, or that others have begun
     * @param pages how many pages there are already
     * @param round 1 for the first crawl in its store, 2 for the second, which asks only for what has changed
     */
    public record Beginning(boolean resumed, long pages, int round) {}

    /**
     * How many requests are under way.
     *
     * @return the number at this moment, of all crawls of this crawler
     */
    public int inFlight() {
        return inFlight.get();
    }

    /**
     * How many addresses are known and not visited yet.
     *
     * @return the number at this moment, of the crawl of this crawler that looked last
     */
    public long waiting() {
        return waiting.get();
    }
}
