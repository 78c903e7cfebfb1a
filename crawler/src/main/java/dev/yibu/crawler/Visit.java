package dev.yibu.crawler;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a target.
 *
 * @param page what is to be delivered; null unless the fate is {@link Fate#PAGE}
 * @param links the page's links; none without a page
 * @param found what is to be visited because of it, in order
 */
record Visit(
        Target target,
        Fate fate,
        @Nullable Page page,
        LinkList links,
        Validators validators,
        List<Discovered> found,
        Skipped skipped) {
    /** What became of an address. Stores keep the names. */
    enum Fate {
        /** A page, perhaps one with an error. */
        PAGE,
        /** An answer of another type. */
        NOT_HTML,
        /** A redirect to a page that was known. */
        DUPLICATE,
        /** Forbidden by robots.txt. */
        DISALLOWED,
        /** A sitemap that was read. */
        SITEMAP,
        /** A sitemap that could not be read. */
        BAD_SITEMAP
    }

    static Visit without(Target target, Fate fate, List<Discovered> found) {
        return new Visit(target, fate, null, LinkList.EMPTY, Validators.NONE, found, Skipped.NONE);
    }

    static Visit failed(Target target, Page page, List<Discovered> found) {
        return new Visit(target, Fate.PAGE, page, LinkList.EMPTY, Validators.NONE, found, Skipped.NONE);
    }
}
