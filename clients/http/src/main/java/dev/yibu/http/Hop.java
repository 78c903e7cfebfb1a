package dev.yibu.http;

import java.util.Set;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * What is sent to one address; a redirect is another hop.
 *
 * @param headers all of them, but what OkHttp adds for the connection itself
 * @param idempotent whether to do it twice is the same as to do it once
 */
record Hop(
        String method,
        HttpUrl url,
        Headers headers,
        @Nullable HttpBody body,
        boolean idempotent) {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

    static boolean isIdempotent(String method) {
        return IDEMPOTENT.contains(method);
    }

    Origin origin() {
        return Origin.of(url);
    }

    /** Whether it may be sent again although the server may have acted on it. */
    boolean mayRepeat() {
        return idempotent && hasRepeatableBody();
    }

    boolean hasRepeatableBody() {
        return body == null || body.isRepeatable();
    }

    HttpException.Target target() {
        return new HttpException.Target(method, Redacted.of(url));
    }

    /** What listings call it. */
    String name() {
        return "HTTP " + method + ' ' + url.host();
    }
}
