package dev.yibu.crawler;

import crawlercommons.robots.BaseRobotRules;
import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRules.RobotRulesMode;
import crawlercommons.robots.SimpleRobotRulesParser;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What the robots.txt of a host says to this crawler, as RFC 9309 and custom have it.
 *
 * @param sitemaps what it names as sitemaps, as it names them
 */
record Robots(BaseRobotRules rules, Duration crawlDelay, List<String> sitemaps) {
    /** What the crawler is called, in robots.txt and to servers. */
    static final String NAME = "yibu-crawler";

    /** What is read of a robots.txt; the rest doesn't count. */
    static final int LONGEST = 500 * 1024;

    static final int MOST_SITEMAPS = 100;

    /** Who asks for more than this between two requests asks not to be crawled. */
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);

    /** No robots.txt: everything is allowed. */
    static Robots absent() {
        return new Robots(new SimpleRobotRules(RobotRulesMode.ALLOW_ALL), Duration.ZERO, List.of());
    }

    /** Reads a robots.txt, or the first part of one. */
    static Robots parse(URI url, byte[] content) {
        byte[] read = content.length < LONGEST ? content : wholeLines(content);
        SimpleRobotRulesParser parser = new SimpleRobotRulesParser(LONGEST_DELAY.toMillis(), 0);
        // Whatever the server calls it: a robots.txt that says it is HTML often is a robots.txt.
        SimpleRobotRules rules = parser.parseContent(url.toString(), read, "text/plain", List.of(NAME));
        Duration delay = Duration.ofMillis(Math.max(0, rules.getCrawlDelay())); // unset is negative
        List<String> sitemaps = rules.getSitemaps();
        return new Robots(rules, delay, List.copyOf(sitemaps.subList(0, Math.min(MOST_SITEMAPS, sitemaps.size()))));
    }

    /** A rule that was cut off would be another rule. */
    private static byte[] wholeLines(byte[] content) {
        int end = LONGEST;
        while (end > 0 && content[end - 1] != '\n' && content[end - 1] != '\r') {
            end--;
        }
        return Arrays.copyOf(content, end);
    }

    boolean allows(URI address) {
        return rules.isAllowed(address.toString());
    }
}
