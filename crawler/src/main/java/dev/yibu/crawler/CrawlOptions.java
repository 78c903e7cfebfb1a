package dev.yibu.crawler;

import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link Crawler} is to behave. Immutable; start from {@link #defaults()}.
 *
 * @param concurrency how many addresses are asked at a time, at most, retries included; with 1, one page is fetched and
 *     parsed after the other
 * @param maxPages how many {@linkplain Page pages} are delivered, at most; those with an error count
 * @param timeout how long one request may take, from the connection to the last byte of the answer
 * @param retries how often a request is repeated after a failure that may pass: an I/O error, 429, 502, 503 or 504. A
 *     timeout is not repeated
 * @param maxBytes how long a body may be; of a longer one no more than this is read. Nor is one parsed that has more than a
 *     million tags
 * @param politeness how hosts are treated
 * @param rules which links are followed
 * @param extraction what is taken out of pages
 * @param allowPrivate whether hosts with private, loopback and other special addresses are visited
 * @param lease how long an address stays with a crawler that shares a store and gives no sign of life; then another one
 *     visits it
 */
public record CrawlOptions(
        int concurrency,
        int maxPages,
        Duration timeout,
        int retries,
        int maxBytes,
        Politeness politeness,
        FollowRules rules,
        Extraction extraction,
        boolean allowPrivate,
        Duration lease) {
    private static final int MOST_AT_A_TIME = 10_000;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if {@code retries} is negative, another argument not positive, {@code concurrency}
     *     above 10,000, or {@code lease} below a second
     */
    public CrawlOptions {
        atLeast(1, concurrency, "concurrency");
        if (concurrency > MOST_AT_A_TIME) {
            throw new IllegalArgumentException("the concurrency is " + concurrency + "; more than " + MOST_AT_A_TIME
                    + " requests at a time are an attack");
        }
        atLeast(1, maxPages, "number of pages");
        atLeast(0, retries, "number of retries");
        atLeast(1, maxBytes, "number of bytes");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(politeness, "politeness");
        Objects.requireNonNull(rules, "rules");
        Objects.requireNonNull(extraction, "extraction");
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("the timeout is " + timeout + "; a request needs some time");
        }
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("the lease is " + lease + "; it has to be at least a second");
        }
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException("the " + name + " is " + value + "; it has to be at least " + least);
        }
    }

    /**
     * Ten at a time, a thousand pages, ten seconds a request, two retries, ten million bytes; no private addresses; a
     * lease of a minute.
     *
     * @return the options
     */
    public static CrawlOptions defaults() {
        return new CrawlOptions(
                10,
                1_000,
                Duration.ofSeconds(10),
                2,
                10_000_000,
                Politeness.defaults(),
                FollowRules.defaults(),
                Extraction.none(),
                false,
                Duration.ofMinutes(1));
    }

    /**
     * These options with another bound on concurrency.
     *
     * @param concurrency how many addresses are asked at a time
     * @return the options
     */
    public CrawlOptions withConcurrency(int concurrency) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another number of pages.
     *
     * @param maxPages how many pages are delivered
     * @return the options
     */
    public CrawlOptions withMaxPages(int maxPages) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another timeout.
     *
     * @param timeout how long one request may take
     * @return the options
     */
    public CrawlOptions withTimeout(Duration timeout) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another number of retries.
     *
     * @param retries how often a request is repeated; zero for never
     * @return the options
     */
    public CrawlOptions withRetries(int retries) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another bound on bodies.
     *
     * @param maxBytes how long a body may be
     * @return the options
     */
    public CrawlOptions withMaxBytes(int maxBytes) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with other treatment of hosts.
     *
     * @param politeness how hosts are treated
     * @return the options
     */
    public CrawlOptions withPoliteness(Politeness politeness) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with other rules.
     *
     * @param rules which links are followed
     * @return the options
     */
    public CrawlOptions withRules(FollowRules rules) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another extraction.
     *
     * @param extraction what is taken out of pages
     * @return the options
     */
    public CrawlOptions withExtraction(Extraction extraction) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with or without private addresses.
     *
     * @param allowPrivate whether hosts with private, loopback and other special addresses are visited
     * @return the options
     */
    public CrawlOptions withAllowPrivate(boolean allowPrivate) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }

    /**
     * These options with another lease.
     *
     * @param lease how long an address stays with a crawler that gives no sign of life
     * @return the options
     */
    public CrawlOptions withLease(Duration lease) {
        return new CrawlOptions(
                concurrency, maxPages, timeout, retries, maxBytes, politeness, rules, extraction, allowPrivate, lease);
    }
}
