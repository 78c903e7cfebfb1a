package dev.yibu.http;

import dev.yibu.http.HttpRefusedException.Rule;
import java.util.Locale;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** The one place that decides where a redirect leads, and what travels there. */
final class Redirects {
    /** What a request would be at the place that it is sent on to. */
    record Next(
            String method,
            HttpUrl url,
            Headers headers,
            @Nullable HttpBody body) {}

    private final RedirectPolicy policy;
    private int followed;

    Redirects(RedirectPolicy policy) {
        this.policy = policy;
    }

    /** Whether an answer is a redirect that is to be followed. */
    boolean isOne(HttpResponse response) {
        return policy.max() > 0
                && switch (response.status()) {
                    case 301, 302, 303, 307, 308 -> response.headers().find("Location") != null;
                    default -> false;
                };
    }

    /**
     * Where to go next.
     *
     * @param headers the caller's, as they were sent on this hop
     */
    Next next(Hop hop, Headers headers, HttpResponse response) throws HttpRefusedException {
        if (followed == policy.max()) {
            throw refused(hop, Rule.TOO_MANY_REDIRECTS, "more than " + followed + " redirects");
        }
        followed++;
        HttpUrl url = target(hop, response);
        String method = methodFor(response.status(), hop.method());
        HttpBody body = method.equals(hop.method()) ? hop.body() : null;
        if (body != null && !body.isRepeatable()) {
            throw refused(
                    hop, Rule.BODY_NOT_REPEATABLE, "a redirect wants the body again, which can be written only once");
        }
        boolean sameOrigin = hop.origin().isOf(url);
        return new Next(method, url, travelling(headers, sameOrigin, hop.body() != null && body == null), body);
    }

    private static HttpUrl target(Hop hop, HttpResponse response) throws HttpRefusedException {
        String location = response.headers().find("Location");
        HttpUrl url = location == null ? null : hop.url().resolve(location);
        if (url == null) {
            throw refused(hop, Rule.BAD_REDIRECT, "a redirect to something that is no web address");
        }
        if (hop.url().isHttps() && !url.isHttps()) {
            throw refused(hop, Rule.INSECURE_REDIRECT, "a redirect from https to " + Redacted.of(url));
        }
        return url.newBuilder().username("").password("").fragment(null).build();
    }

    private static String methodFor(int status, String method) {
        return switch (status) {
            case 303 -> method.equals("HEAD") ? method : "GET";
            case 301, 302 -> method.equals("POST") ? "GET" : method;
            default -> method;
        };
    }

    private Headers travelling(Headers headers, boolean sameOrigin, boolean losesBody) {
        Headers.Builder kept = new Headers.Builder();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i).toLowerCase(Locale.ROOT);
            boolean travels = (sameOrigin || policy.acrossOrigins().contains(name))
                    && !name.equals("host")
                    && !(losesBody && name.startsWith("content-"));
            if (travels) {
                kept.add(headers.name(i), headers.value(i));
            }
        }
        return kept.build();
    }

    private static HttpRefusedException refused(Hop hop, Rule rule, String what) {
        return new HttpRefusedException(hop.target(), rule, what, null);
    }
}
