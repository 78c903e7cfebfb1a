package dev.yibu.crawler;

import java.util.List;

/** The code that the Javadoc shows. {@code CrawlerTest} runs it. */
final class Snippets {
    private Snippets() {}

    static CrawlReport crawl(CrawlOptions options, String start, List<String> lines) {
        // @start region="crawl"
        Crawler crawler = new Crawler(options.withMaxPages(100));
        CrawlReport report =
                crawler.crawl(List.of(Crawler.address(start)), page -> lines.add(page.status() + " " + page.title()));
        // @end
        return report;
    }
}
