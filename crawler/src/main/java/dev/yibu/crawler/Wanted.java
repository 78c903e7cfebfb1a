package dev.yibu.crawler;

/**
 * What a request asks for.
 *
 * @param cap how long a body may be
 * @param prefix whether the beginning will do if it is longer
 * @param html whether other types are left alone
 */
record Wanted(String accept, int cap, boolean prefix, boolean html) {
    static Wanted page(int cap) {
        return new Wanted("text/html, application/xhtml+xml", cap, false, true);
    }

    static Wanted robots() {
        return new Wanted("text/plain", Robots.LONGEST, true, false);
    }

    static Wanted sitemap(int cap) {
        return new Wanted("application/xml, text/xml, text/plain, application/gzip", cap, false, false);
    }

    boolean accepts(Answer head) {
        return !html || head.isHtml();
    }
}
