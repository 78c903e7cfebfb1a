package dev.yibu.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/** Header fields in their order; names are the same whatever their case. Immutable. */
public final class HttpHeaders {
    /** No header at all. */
    public static final HttpHeaders EMPTY = new HttpHeaders(Headers.EMPTY);

    private final Headers fields;

    HttpHeaders(Headers fields) {
        this.fields = fields;
    }

    Headers fields() {
        return fields;
    }

    /**
     * Headers of which each has one value.
     *
     * @param fields names and values
     * @return the headers
     * @throws IllegalArgumentException if a name or value has a character that is not allowed, such as a line break
     */
    public static HttpHeaders of(Map<String, String> fields) {
        Objects.requireNonNull(fields, "fields").forEach((name, value) -> check(name, value.strip()));
        return new HttpHeaders(Headers.of(fields));
    }

    /**
     * These and one more value.
     *
     * @param name the name
     * @param value the value
     * @return the headers
     * @throws IllegalArgumentException if either has a character that is not allowed, such as a line break
     */
    public HttpHeaders with(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        check(name, value);
        return new HttpHeaders(fields.newBuilder().add(name, value).build());
    }

    /** Refuses what OkHttp refuses too, but does not show the value, which may be a secret with a line break at its end. */
    static void check(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "the value of the header %s has the character U+%04X at %d, which is not allowed",
                        name.lines().findFirst().orElse(""),
                        (int) c,
                        i));
            }
        }
    }

    /**
     * The value of a header; if there are several, the last.
     *
     * @param name the name
     * @return the value
     */
    public Optional<String> value(String name) {
        return Optional.ofNullable(find(name));
    }

    @Nullable
    String find(String name) {
        return fields.get(Objects.requireNonNull(name, "name"));
    }

    /**
     * All values of a header.
     *
     * @param name the name
     * @return the values in their order
     */
    public List<String> values(String name) {
        return List.copyOf(fields.values(Objects.requireNonNull(name, "name")));
    }

    /**
     * What {@code Content-Length} says.
     *
     * @return the length, if it is there and a number
     */
    public OptionalLong contentLength() {
        String value = find("Content-Length");
        try {
            return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value.strip()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * All of them, the names in lower case.
     *
     * @return a copy
     */
    public Map<String, List<String>> toMap() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i).toLowerCase(Locale.ROOT);
            all.computeIfAbsent(name, this::values);
        }
        return all;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HttpHeaders headers && headers.fields.equals(fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    /**
     * The names alone, since values may be secret.
     *
     * @return the names
     */
    @Override
    public String toString() {
        return fields.names().toString();
    }
}
