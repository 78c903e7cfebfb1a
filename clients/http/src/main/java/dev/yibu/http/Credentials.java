package dev.yibu.http;

import java.util.HashMap;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.Route;
import org.jspecify.annotations.Nullable;

/** Who is told which secret: an origin its own, the proxy its own. */
final class Credentials {
    private static final String PROXY_HEADER = "Proxy-Authorization";

    private final Map<Origin, HttpAuth> byOrigin = new HashMap<>();
    private final @Nullable HttpAuth ofProxy;

    Credentials(HttpOptions options) {
        options.auth().forEach((origin, auth) -> byOrigin.put(Origin.parse(origin), auth));
        HttpProxy proxy = options.proxy();
        this.ofProxy = proxy == null ? null : proxy.auth();
    }

    @Nullable
    HttpAuth of(HttpUrl url) {
        return byOrigin.isEmpty() ? null : byOrigin.get(Origin.of(url));
    }

    /** What the proxy is told with a request that it can read; a tunnel has been told already. */
    @Nullable
    String proxyHeaderFor(HttpUrl url) {
        return ofProxy == null || url.isHttps() ? null : ofProxy.header();
    }

    /**
     * OkHttp's hook: the request for a tunnel with what the proxy wants to be told, or null if that was not enough, or if it is
     * not the proxy who asks: inside a tunnel the server talks.
     */
    @Nullable
    Request forTunnel(@Nullable Route route, Response challenge) {
        Request asked = challenge.request();
        boolean isInTunnel = asked.isHttps() && !asked.method().equals("CONNECT");
        if (ofProxy == null || isInTunnel || asked.header(PROXY_HEADER) != null) {
            return null;
        }
        return asked.newBuilder().header(PROXY_HEADER, ofProxy.header()).build();
    }
}
