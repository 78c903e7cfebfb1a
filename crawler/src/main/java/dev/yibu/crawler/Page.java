package dev.yibu.crawler;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One address that was visited: an HTML page, or an address that should have been one and an error.
 *
 * @param url where the page was found, after redirects, without fragment
 * @param depth how many links were followed from a start address to it, on the way by which it was found first
 * @param status the HTTP status; 0 if there was no answer
 * @param title the text of its {@code title} element; empty if it has none
 * @param bytes the length of the body
 * @param links the web addresses that it links to, each once, in the order of the page; those of other hosts too
 * @param elapsed how long the visit took, with redirects, retries and the pauses between them, without parsing
 * @param error why it is no page that could be read, in words, without addresses; empty if all went well
 */
public record Page(
        URI url,
        int depth,
        int status,
        String title,
        long bytes,
        List<URI> links,
        Duration elapsed,
        Optional<String> error) {
    /**
     * Copies the links.
     *
     * @throws NullPointerException if an argument is null
     */
    public Page {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(title, "title");
        links = List.copyOf(links);
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(error, "error");
    }
}
