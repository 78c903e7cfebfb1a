package dev.yibu.crawler;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;

/**
 * What a crawl takes from a page.
 *
 * @param mayFollow whether the page lets robots follow its links
 */
record Html(String title, List<URI> links, boolean mayFollow, String text, Map<String, List<String>> fields) {
    private static final Pattern NOFOLLOW =
            Pattern.compile("(?:^|[,\\s])(?:nofollow|none)(?:$|[,\\s])", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_TITLE = 10_000;
    private static final int MOST_LINKS = 10_000;

    /**
     * Reads a page. Computes; doesn't wait.
     *
     * @param contentType may name the charset
     */
    static Html parse(byte[] body, String contentType, URI url, Extraction extraction) {
        String charset = Charsets.of(body, contentType).name();
        Document document;
        try {
            document = Jsoup.parse(new ByteArrayInputStream(body), charset, url.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not from memory
        }
        return new Html(
                Characters.clean(document.title(), LONGEST_TITLE),
                links(document, url),
                mayFollow(document),
                extraction.textOf(document),
                extraction.fieldsOf(document));
    }

    private static boolean mayFollow(Document document) {
        for (Element meta : document.head().getElementsByTag("meta")) {
            if (meta.attr("name").equalsIgnoreCase("robots") && !mayFollow(meta.attr("content"))) {
                return false;
            }
        }
        return true;
    }

    /** What a robots directive of a page or a header says about its links. */
    static boolean mayFollow(String directives) {
        return !NOFOLLOW.matcher(directives).find();
    }

    private static List<URI> links(Document document, URI url) {
        URI stated = Addresses.resolve(url, document.baseUri());
        URI base = stated == null ? url : stated;
        Set<String> references = new HashSet<>();
        Set<URI> links = new LinkedHashSet<>();
        document.traverse((node, depth) -> {
            String reference = reference(node);
            int fragment = reference.indexOf('#');
            String address = fragment < 0 ? reference : reference.substring(0, fragment);
            if (!address.isEmpty() && links.size() < MOST_LINKS && references.add(address)) {
                URI link = Addresses.resolve(base, address);
                if (link != null) {
                    links.add(link);
                }
            }
        });
        return new ArrayList<>(links);
    }

    /** What an element refers to; empty for the page itself, and for elements that are no links. */
    private static String reference(Node node) {
        return switch (node.normalName()) {
            case "a", "area" -> node.attr("href");
            case "frame", "iframe" -> node.attr("src");
            default -> "";
        };
    }
}
