package dev.yibu.crawler;

import java.net.URI;

/**
 * An address to visit, as a store hands it out.
 *
 * @param id what the store knows it by
 * @param depth how many links led to it; of a sitemap, how many sitemaps
 * @param known what an earlier crawl has learnt of it for conditional requests
 */
record Target(long id, URI url, int depth, Kind kind, Validators known) {
    /** What is expected there. */
    enum Kind {
        PAGE,
        SITEMAP
    }
}
