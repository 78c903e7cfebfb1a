package dev.yibu.crawler;

import dev.yibu.crawler.Visit.Fate;
import java.util.Map;

/**
 * What a store holds of the crawl at a moment.
 *
 * @param waiting how many addresses nobody has taken
 * @param fates how many addresses had which fate
 */
record Tally(long waiting, Map<Fate, Long> fates, long errors, long unchanged, long bytes, Skipped skipped) {
    long of(Fate fate) {
        return fates.getOrDefault(fate, 0L);
    }
}
