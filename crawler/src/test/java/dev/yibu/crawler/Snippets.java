package dev.yibu.crawler;

import java.util.List;

/** The code that the Javadoc shows. {@code CrawlerTest} runs it. */
final class Snippets {
    private Snippets() {}

    static CrawlReport crawl(String start, List<String> lines) {
        // @start region="crawl"
        Crawler crawler = new Crawler(CrawlOptions.defaults().withMaxPages(100));
        CrawlReport report =
                crawler.crawl(List.of(Crawler.address(start)), page -> lines.add(page.status() + " " + page.title()));
        // @end
        return report;
    }
}
