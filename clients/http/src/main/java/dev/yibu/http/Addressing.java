package dev.yibu.http;

import java.net.URI;
import java.util.Objects;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** From the caller's text to an address: relative ones, names in other scripts, characters that have to be encoded. */
final class Addressing {
    private Addressing() {}

    static HttpUrl base(URI base) {
        HttpUrl url = HttpUrl.parse(base.toString());
        if (url == null) {
            throw new IllegalArgumentException("the base address \"" + Redacted.of(base.toString())
                    + "\" is no web address; it has to look like https://api.example/v1/");
        }
        return url;
    }

    static HttpUrl resolve(@Nullable HttpUrl base, String text) {
        Objects.requireNonNull(text, "url");
        HttpUrl url = base == null ? HttpUrl.parse(text) : base.resolve(text);
        if (url == null) {
            throw new IllegalArgumentException("\"" + Redacted.of(text) + "\" is no web address; it has to look like"
                    + " https://example.com/path" + (base == null ? ", or the session needs a base address" : ""));
        }
        return url;
    }
}
