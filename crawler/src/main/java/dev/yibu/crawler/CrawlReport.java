package dev.yibu.crawler;

import java.time.Duration;

/**
 * What a crawl has done, and what it has left out.
 *
 * @param pages how many pages it delivered, those with an error included
 * @param errors how many of them had an error
 * @param notHtml how many answers were something else than HTML; they are not delivered
 * @param duplicates how many addresses led by a redirect to a page that was known already; they are not delivered
 * @param linksElsewhere how many links led to other hosts, counted once for each page that has them; they are not followed
 * @param unvisited how many addresses were found but not visited because the number of pages was reached
 * @param bytes the length of all delivered bodies
 * @param elapsed how long it took
 */
public record CrawlReport(
        int pages,
        int errors,
        int notHtml,
        int duplicates,
        long linksElsewhere,
        int unvisited,
        long bytes,
        Duration elapsed) {}
