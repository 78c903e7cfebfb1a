/**
 * Visits the pages of a website concurrently and bounded. {@link dev.yibu.crawler.Crawler} is the entry; it hands each
 * {@link dev.yibu.crawler.Page} to its caller and ends with a {@link dev.yibu.crawler.CrawlReport}.
 */
@NullMarked
package dev.yibu.crawler;

import org.jspecify.annotations.NullMarked;
