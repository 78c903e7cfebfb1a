package dev.yibu.crawler;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Node;
import org.jspecify.annotations.Nullable;

/** What a crawl needs of a page. */
record Html(String title, List<URI> links) {
    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*[\"']?([^\\s;\"']+)", Pattern.CASE_INSENSITIVE);

    /**
     * Reads a page. Computes; doesn't wait.
     *
     * @param contentType names the charset; if it doesn't, or nobody knows that charset, the page itself is asked
     */
    static Html parse(byte[] body, String contentType, URI url) {
        Document document;
        try {
            document = Jsoup.parse(new ByteArrayInputStream(body), charset(contentType), url.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not from memory
        }
        return new Html(document.title(), links(document, url));
    }

    private static @Nullable String charset(String contentType) {
        Matcher matcher = CHARSET.matcher(contentType);
        if (!matcher.find()) {
            return null;
        }
        String name = matcher.group(1);
        try {
            return Charset.isSupported(name) && Charset.forName(name).canEncode() ? name : null;
        } catch (IllegalCharsetNameException e) {
            return null;
        }
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
            if (!address.isEmpty() && references.add(address)) {
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
