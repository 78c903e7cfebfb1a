package dev.yibu.crawler;

import dev.yibu.Async;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
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
    private static final int MOST_TAGS = 1_000_000;

    /** The bytes of a page on their way to the parser, which take a hundred times as much room there if they are all tags. */
    private static final class Tags extends FilterInputStream {
        private int number;

        Tags(byte[] body) {
            super(new ByteArrayInputStream(body));
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Async.checkpoint(); // strangers' pages may take seconds
            int filled = super.read(target, offset, length);
            for (int i = offset; i < offset + filled; i++) {
                number += target[i] == '<' ? 1 : 0;
            }
            if (number > MOST_TAGS) {
                throw new IOException("more than " + MOST_TAGS + " tags");
            }
            return filled;
        }
    }

    /**
     * Reads a page. Computes, and can be cancelled.
     *
     * @param contentType may name the charset
     * @throws IOException if it has more tags than there is room for
     */
    static Html parse(byte[] body, String contentType, URI url, Extraction extraction) throws IOException {
        String charset = Charsets.of(body, contentType).name();
        Document document = Jsoup.parse(new Tags(body), charset, url.toString());
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
