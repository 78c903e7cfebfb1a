/**
 * Visits the pages of websites concurrently, bounded and politely. {@link dev.yibu.crawler.Crawler} is the entry; it hands
 * each {@link dev.yibu.crawler.Page} to its caller, keeps it in a {@link dev.yibu.crawler.CrawlStore} and ends with a {@link
 * dev.yibu.crawler.CrawlReport}.
 */
@NullMarked
package dev.yibu.crawler;

import org.jspecify.annotations.NullMarked;
