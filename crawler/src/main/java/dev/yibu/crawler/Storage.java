package dev.yibu.crawler;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a crawl is kept: the addresses that wait, are taken or are done, and the pages. All of it is for tasks, any number
 * at a time; what can't be read or written is a {@link StoreException}.
 *
 * <p>An address is taken by one crawler at a time, and each page is delivered by the one that settles it, once. What a
 * crawler has taken when it dies is given out again.
 */
interface Storage extends AutoCloseable {
    /**
     * How a crawl begins.
     *
     * @param resumed whether it goes on with one that has not ended
     * @param pages how many pages there are already
     * @param round 1 for the first crawl in this store, 2 for the second
     */
    record Standing(boolean resumed, long pages, int round) {}

    /**
     * What a crawl is.
     *
     * @param extraction if it is another one than before, what is known of pages is no help
     */
    record Plan(List<URI> starts, int maxPages, int maxAlike, String extraction, Duration lease) {}

    /** What is there. */
    Optional<CrawlStore.Contents> contents();

    /** Forgets everything. */
    void clear();

    /** Goes on with a crawl that has not ended, or starts one: the first, or the same once more. */
    Standing begin(Plan plan, List<Discovered> seeds);

    /** Takes addresses of a site, those first that were found first; none beyond the number of pages. */
    List<Target> take(String site, int most);

    /** Whether others may still bring addresses, or leave some. */
    boolean othersAreAtWork();

    /** Records a visit: at once and as a whole, or not at all. */
    Settled settle(Visit visit);

    /** A page as it was at the last visit. */
    Page known(Target target);

    /**
     * Enters a site that gets one request at a time from all crawlers together.
     *
     * @param most after which time others may enter it all the same; who has entered may have died
     * @return how long others have it at most, before which it may be worth another try; zero if it is entered
     */
    Duration enter(String site, Duration most);

    /** Leaves a site, which nobody enters before a delay is over. */
    void leave(String site, Duration delay);

    /** Keeps what this crawler has taken from being given to others. */
    void renew();

    Tally tally();

    /**
     * Some pages.
     *
     * @param next by which to ask for more; negative if these are the last
     */
    record Pages(List<Page> pages, long next) {}

    /** Pages of the present crawl, in the order in which their addresses were found; to begin with, after 0. */
    Pages pages(long after);

    /** There is nothing left to do; the next crawl is a new one. */
    void end();

    /** Gives back what is taken. */
    @Override
    void close();
}
