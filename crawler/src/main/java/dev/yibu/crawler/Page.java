package dev.yibu.crawler;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One address that was visited: an HTML page, or an address that should have been one and an error.
 *
 * @param url where the page was found, after redirects, without fragment
 * @param depth how many links were followed from a start address to it, on the way by which it was found first
 * @param status the HTTP status; 0 if there was no answer; 304 if the page is what an earlier crawl found, and all else
 *     here is from then
 * @param title the text of its {@code title} element; empty if it has none
 * @param bytes the length of the body
 * @param links the web addresses that it links to, each once, in the order of the page; those of other hosts too. No more
 *     than ten thousand
 * @param started when the visit began
 * @param elapsed how long the visit took, with redirects, retries and the pauses between them, without parsing
 * @param error why it is no page that could be read, in words, without addresses; empty if all went well
 * @param text what a reader sees of it, if that was {@linkplain Extraction#withText wanted}; at most a million characters
 * @param fields what the {@linkplain Extraction#of selectors} found, by their names and in their order; at most a thousand
 *     values each, of ten thousand characters
 */
public record Page(
        URI url,
        int depth,
        int status,
        String title,
        long bytes,
        List<URI> links,
        Instant started,
        Duration elapsed,
        Optional<String> error,
        String text,
        Map<String, List<String>> fields) {
    /**
     * Copies the links and the fields.
     *
     * @throws NullPointerException if an argument is null
     */
    public Page {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(title, "title");
        links = List.copyOf(links);
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(text, "text");
        fields = fields.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** An address that is no page that could be read. */
    static Page failed(URI url, int depth, int status, Instant started, Duration elapsed, String error) {
        return new Page(url, depth, status, "", 0, List.of(), started, elapsed, Optional.of(error), "", Map.of());
    }

    /**
     * The page as an object in JSON, on one line: the address, status, title, length, number of links, depth, milliseconds
     * and error; the text and the fields only if there are any.
     *
     * @return the object, without an end of line
     */
    public String toJson() {
        StringBuilder json = new StringBuilder(256);
        json.append("{\"url\":");
        Json.quote(json, url.toString());
        json.append(",\"status\":").append(status).append(",\"title\":");
        Json.quote(json, title);
        json.append(",\"bytes\":").append(bytes);
        json.append(",\"links\":").append(links.size());
        json.append(",\"depth\":").append(depth);
        json.append(",\"millis\":").append(elapsed.toMillis()).append(",\"error\":");
        if (error.isPresent()) {
            Json.quote(json, error.get());
        } else {
            json.append("null");
        }
        if (!fields.isEmpty()) {
            json.append(",\"fields\":");
            Json.fields(json, fields);
        }
        if (!text.isEmpty()) {
            json.append(",\"text\":");
            Json.quote(json, text);
        }
        return json.append('}').toString();
    }
}
