package dev.yibu.http;

import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Keeps OkHttp from the one repetition that can't be switched off: of what was answered with 503 and {@code Retry-After: 0}.
 * The header passes it in a form that it does not understand.
 */
final class NoSecondTry {
    private static final String HEADER = "Retry-After";
    private static final String DISGUISED = "+0";

    private NoSecondTry() {}

    /** The answer as OkHttp may see it. */
    static Response disguised(Response response) {
        if (response.code() != 503) {
            return response;
        }
        String wait = response.header(HEADER);
        return wait == null || !wait.matches("0+")
                ? response
                : response.newBuilder().header(HEADER, DISGUISED).build();
    }

    /** The header as it came. */
    static HttpHeaders headersOf(Response response) {
        @Nullable String wait = response.code() == 503 ? response.header(HEADER) : null;
        return new HttpHeaders(
                DISGUISED.equals(wait)
                        ? response.headers().newBuilder().set(HEADER, "0").build()
                        : response.headers());
    }
}
