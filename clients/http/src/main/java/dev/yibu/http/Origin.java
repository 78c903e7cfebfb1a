package dev.yibu.http;

import java.util.Locale;
import okhttp3.HttpUrl;

/** Scheme, host and port: what credentials and connections belong to. */
record Origin(String scheme, String host, int port) {
    static Origin of(HttpUrl url) {
        return new Origin(url.scheme(), url.host(), url.port());
    }

    boolean isOf(HttpUrl url) {
        return port == url.port() && host.equals(url.host()) && scheme.equals(url.scheme());
    }

    static Origin parse(String text) {
        HttpUrl url = HttpUrl.parse(text);
        if (url == null || !url.encodedPath().equals("/") || url.encodedQuery() != null) {
            throw new IllegalArgumentException("\"" + Redacted.of(text)
                    + "\" is no origin; it has to look like https://api.example or http://localhost:8080");
        }
        return of(url);
    }

    @Override
    public String toString() {
        return (scheme + "://" + host + ":" + port).toLowerCase(Locale.ROOT);
    }
}
