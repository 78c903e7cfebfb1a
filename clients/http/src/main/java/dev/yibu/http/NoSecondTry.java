package dev.yibu.http;

import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Keeps OkHttp from the repetitions that can't be switched off: of what was answered with 503 and {@code Retry-After: 0}, and
 * with 407, which it takes for the proxy's whoever says it; a server would be told the proxy's secret. Header and status pass it
 * in forms that it does not understand.
 */
final class NoSecondTry {
    private static final String HEADER = "Retry-After";
    private static final String DISGUISED = "+0";

    private static final int PROXY_WANTS_AUTH = 407;

    /** A status has three digits, so no server can say this. */
    private static final int DISGUISED_STATUS = 1000 + PROXY_WANTS_AUTH;

    private NoSecondTry() {}

    /** The answer as OkHttp may see it. */
    static Response disguised(Response response) {
        return switch (response.code()) {
            case PROXY_WANTS_AUTH ->
                response.request().tag(Exchange.class) == null // sent through the client underneath
                        ? response
                        : response.newBuilder().code(DISGUISED_STATUS).build();
            case 503 -> withoutWait(response);
            default -> response;
        };
    }

    private static Response withoutWait(Response response) {
        String wait = response.header(HEADER);
        return wait == null || !wait.matches("0+")
                ? response
                : response.newBuilder().header(HEADER, DISGUISED).build();
    }

    /** The status as it came. */
    static int statusOf(Response response) {
        return response.code() == DISGUISED_STATUS ? PROXY_WANTS_AUTH : response.code();
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
