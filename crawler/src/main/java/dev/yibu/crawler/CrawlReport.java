package dev.yibu.crawler;

import java.time.Duration;

/**
 * What a crawl has done, and what it has left out. Of a crawl that was resumed or shared, the whole of it.
 *
 * @param pages how many pages it delivered, those with an error included
 * @param errors how many of them had an error
 * @param unchanged how many of them are what an earlier crawl found, as the server says
 * @param notHtml how many answers were something else than HTML; they are not delivered
 * @param duplicates how many addresses redirected to another; that one is delivered, once
 * @param disallowed how many addresses robots.txt forbids; they were not asked
 * @param sitemaps how many sitemaps were read
 * @param badSitemaps how many sitemaps could not be read
 * @param skipped how many links were not followed, and why
 * @param unvisited how many addresses were found but not visited because the number of pages was reached
 * @param bytes the length of all delivered bodies
 * @param elapsed how long it took; of a crawl that was resumed, since then
 */
public record CrawlReport(
        long pages,
        long errors,
        long unchanged,
        long notHtml,
        long duplicates,
        long disallowed,
        long sitemaps,
        long badSitemaps,
        Skipped skipped,
        long unvisited,
        long bytes,
        Duration elapsed) {}
