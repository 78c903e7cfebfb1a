package dev.yibu.crawler;

import dev.yibu.crawler.Target.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Sorts the addresses that were found into those to visit and those to leave alone. */
final class Finder {
    /** All sitemaps are alike. */
    static final String SITEMAPS = "sitemaps";

    private final FollowRules rules;
    private final Set<String> sites;

    Finder(FollowRules rules, Set<String> sites) {
        this.rules = rules;
        this.sites = sites;
    }

    /** What was found, sorted. */
    record Sorted(List<Discovered> found, Skipped skipped) {}

    /** The links of a page. */
    Sorted links(List<URI> links, int depth, boolean mayFollow) {
        List<Discovered> found = new ArrayList<>(links.size());
        int elsewhere = 0;
        int tooDeep = 0;
        int excluded = 0;
        int traps = 0;
        int nofollow = 0;
        for (URI link : links) {
            if (!sites.contains(Addresses.site(link))) {
                elsewhere++;
            } else if (!mayFollow) {
                nofollow++;
            } else if (depth > rules.depth()) {
                tooDeep++;
            } else if (Shape.isTrap(link)) {
                traps++;
            } else if (!rules.permits(link.toString())) {
                excluded++;
            } else {
                found.add(new Discovered(link, depth, Kind.PAGE, Shape.of(link)));
            }
        }
        return new Sorted(found, new Skipped(elsewhere, tooDeep, excluded, traps, nofollow));
    }

    /** What a sitemap lists. Its pages count as linked to by a start address. */
    List<Discovered> listed(Sitemap sitemap, int level) {
        List<Discovered> found = new ArrayList<>(links(sitemap.pages(), 1, true).found());
        if (level < Sitemap.DEEPEST) {
            for (URI inner : sitemap.sitemaps()) {
                if (sites.contains(Addresses.site(inner)) && !Shape.isTrap(inner)) {
                    found.add(new Discovered(inner, level + 1, Kind.SITEMAP, SITEMAPS));
                }
            }
        }
        return found;
    }
}
