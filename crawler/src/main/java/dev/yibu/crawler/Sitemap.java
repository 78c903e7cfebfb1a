package dev.yibu.crawler;

import crawlercommons.sitemaps.AbstractSiteMap;
import crawlercommons.sitemaps.SiteMap;
import crawlercommons.sitemaps.SiteMapIndex;
import crawlercommons.sitemaps.SiteMapParser;
import crawlercommons.sitemaps.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a sitemap lists: pages, or further sitemaps. XML, feeds and plain text, also compressed; no document type
 * definitions, so no entities from elsewhere.
 */
record Sitemap(List<URI> pages, List<URI> sitemaps) {
    /** How many levels of sitemaps that list sitemaps are read. */
    static final int DEEPEST = 3;

    private static final int MOST_ADDRESSES = 50_000;

    /**
     * Reads a sitemap. Computes; doesn't wait.
     *
     * @param cap how long it may be uncompressed
     * @throws IOException if it is none, or too long; the message says so
     */
    static Sitemap parse(byte[] body, URI url, int cap) throws IOException {
        byte[] plain = uncompressed(body, cap);
        SiteMapParser parser = new SiteMapParser(false, true); // strangers' addresses are judged elsewhere
        parser.setStrictNamespace(false);
        URL base = url.toURL();
        AbstractSiteMap read;
        try {
            read = parser.parseSiteMap(isMarkup(plain) ? "text/xml" : "text/plain", plain, base);
        } catch (UnknownFormatException | RuntimeException e) {
            throw new IOException("no sitemap: " + e.getMessage(), e);
        }
        List<@Nullable URL> pages = new ArrayList<>();
        List<@Nullable URL> sitemaps = new ArrayList<>();
        if (read instanceof SiteMapIndex index) {
            index.getSitemaps().forEach(inner -> sitemaps.add(inner.getUrl()));
        } else if (read instanceof SiteMap map) {
            map.getSiteMapUrls().forEach(page -> pages.add(page.getUrl()));
        }
        return new Sitemap(resolved(url, pages), resolved(url, sitemaps));
    }

    private static List<URI> resolved(URI base, List<@Nullable URL> urls) {
        Set<URI> resolved = new LinkedHashSet<>();
        for (URL url : urls) {
            URI address = url == null ? null : Addresses.resolve(base, url.toString());
            if (address != null && resolved.size() < MOST_ADDRESSES) {
                resolved.add(address);
            }
        }
        return List.copyOf(resolved);
    }

    private static byte[] uncompressed(byte[] body, int cap) throws IOException {
        boolean compressed = body.length > 2 && body[0] == (byte) 0x1f && body[1] == (byte) 0x8b;
        if (!compressed) {
            return body;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] plain = in.readNBytes(cap);
            if (in.read() >= 0) {
                throw new IOException("a sitemap longer than " + cap + " bytes when uncompressed");
            }
            return plain;
        }
    }

    private static boolean isMarkup(byte[] text) {
        for (byte b : text) {
            if (b == '<') {
                return true;
            }
            boolean skipped = b <= ' '; // white space and byte order marks
            if (!skipped) {
                return false;
            }
        }
        return false;
    }
}
