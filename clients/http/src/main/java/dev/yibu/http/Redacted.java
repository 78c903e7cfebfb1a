package dev.yibu.http;

import okhttp3.HttpUrl;

/** Addresses as they may be logged. */
final class Redacted {
    private Redacted() {}

    /** Scheme, host, port and path. */
    static String of(HttpUrl url) {
        StringBuilder text = new StringBuilder(url.scheme()).append("://");
        boolean isIpv6 = url.host().indexOf(':') >= 0;
        text.append(isIpv6 ? "[" : "").append(url.host()).append(isIpv6 ? "]" : "");
        if (url.port() != HttpUrl.defaultPort(url.scheme())) {
            text.append(':').append(url.port());
        }
        return text.append(url.encodedPath()).toString();
    }

    /** What a text that is no address, or not yet, may show of itself. */
    static String of(String text) {
        return text.replaceFirst("[?#].*", "").replaceFirst("^([a-zA-Z][\\w+.-]*:)?//[^/]*@", "$1//");
    }
}
