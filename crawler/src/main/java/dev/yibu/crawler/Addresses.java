package dev.yibu.crawler;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Web addresses in one form, so that equal ones are equal: scheme and host in lower case, no default port, no dot
 * segments, no fragment, nothing but ASCII, and nothing percent-encoded that need not be. References are resolved as RFC
 * 3986, section 5.2, says (which {@link URI#resolve} does not, for {@code ?query} and empty segments), and forgiven as
 * browsers do: what a URI may not contain is percent-encoded.
 */
final class Addresses {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Pattern PORT = Pattern.compile("0*\\d{1,5}");

    private Addresses() {}

    /** A start address, or an exception that says what is wrong with it. */
    static URI start(String text) {
        String shown = '"' + withoutSecrets(text) + '"';
        URI uri = parse(text.strip());
        if (uri == null || !isWeb(uri.getScheme()) || uri.getRawAuthority() == null) {
            throw new IllegalArgumentException(
                    shown + " is no web address; it has to look like https://example.com/start");
        }
        if (uri.getRawAuthority().indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    shown + " has a user name or a password in it, and the crawler can't sign in; leave them out");
        }
        URI address = resolve(uri, uri.toString());
        if (address == null) {
            throw new IllegalArgumentException(shown + " has no valid host or port; check the part after //");
        }
        if (address.toString().length() > Shape.LONGEST) {
            throw new IllegalArgumentException(shown + " is longer than " + Shape.LONGEST + " characters");
        }
        return address;
    }

    /** What a reference on the page {@code base} leads to; null if that is no web address, or one with a user name. */
    static @Nullable URI resolve(URI base, String reference) {
        int fragment = reference.indexOf('#');
        String text = fragment < 0 ? reference : reference.substring(0, fragment);
        if (isPlainPath(text)) {
            return URI.create(
                    base.getScheme() + "://" + base.getRawAuthority() + withoutDotSegments(merge(base, text)));
        }
        URI parsed = parse(text.strip());
        if (parsed == null || parsed.isOpaque()) {
            return null;
        }
        String scheme = parsed.getScheme();
        String authority = parsed.getRawAuthority();
        String path = parsed.getRawPath();
        String query = parsed.getRawQuery();
        if (scheme == null) {
            scheme = base.getScheme();
            if (authority == null) {
                authority = base.getRawAuthority();
                query = path.isEmpty() && query == null ? base.getRawQuery() : query;
                path = path.isEmpty() ? base.getRawPath() : merge(base, path);
            }
        }
        if (!isWeb(scheme) || authority == null) {
            return null;
        }
        return build(scheme.toLowerCase(Locale.ROOT), authority, path, query);
    }

    /** Whether a reference is a path that needs neither parsing nor encoding, as most are; a shortcut. */
    private static boolean isPlainPath(String text) {
        if (text.isEmpty() || text.startsWith("//")) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= '9') || c == '_';
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private static String merge(URI base, String path) {
        if (path.charAt(0) == '/') {
            return path;
        }
        String basePath = base.getRawPath();
        return basePath.substring(0, basePath.lastIndexOf('/') + 1) + path;
    }

    private static boolean isWeb(@Nullable String scheme) {
        return "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    }

    private static @Nullable URI build(String scheme, String authority, String path, @Nullable String query) {
        String host = canonicalHost(scheme, authority);
        if (host == null) {
            return null;
        }
        String tail = query == null ? "" : '?' + encodedOnce(query);
        try {
            URI uri = new URI(scheme + "://" + host + withoutDotSegments(encodedOnce(path)) + tail);
            return uri.getHost() == null ? null : uri;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Host and port; null if there is a user name, or no host. */
    private static @Nullable String canonicalHost(String scheme, String authority) {
        if (authority.isEmpty() || authority.indexOf('@') >= 0) {
            return null;
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        String host = hasPort ? authority.substring(0, colon) : authority;
        String port = hasPort ? authority.substring(colon + 1) : "";
        if (!isAscii(host)) {
            try {
                host = IDN.toASCII(host);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        host = host.toLowerCase(Locale.ROOT);
        if (port.isEmpty()) {
            return host;
        }
        if (!PORT.matcher(port).matches()) {
            return null;
        }
        int number = Integer.parseInt(port);
        int usual = scheme.equals("http") ? 80 : 443;
        return number == usual ? host : number > 0 && number < 1 << 16 ? host + ':' + number : null;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }

    private static String withoutDotSegments(String path) {
        if (!path.contains("/.")) {
            return path.isEmpty() ? "/" : path;
        }
        StringBuilder kept = new StringBuilder(path.length());
        int length = path.length();
        int end;
        for (int slash = 0; slash < length; slash = end) {
            int next = path.indexOf('/', slash + 1);
            end = next < 0 ? length : next;
            boolean isDot = end - slash == 2 && path.startsWith("/.", slash);
            boolean isTwoDots = end - slash == 3 && path.startsWith("/..", slash);
            if (!isDot && !isTwoDots) {
                kept.append(path, slash, end);
                continue;
            }
            if (isTwoDots) {
                kept.setLength(Math.max(0, kept.lastIndexOf("/")));
            }
            if (end == length) {
                kept.append('/');
            }
        }
        return kept.toString();
    }

    private static @Nullable URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            try {
                return new URI(encoded(text));
            } catch (URISyntaxException stillWrong) {
                return null;
            }
        }
    }

    private static String encoded(String text) {
        int slashes = text.indexOf("//");
        int authorityEnd = 0;
        if (slashes == 0 || (slashes > 0 && text.charAt(slashes - 1) == ':')) {
            int slash = text.indexOf('/', slashes + 2);
            authorityEnd = slash < 0 ? text.length() : slash;
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c == '\t' || c == '\n' || c == '\r') {
                i++;
                continue;
            }
            boolean bracket = c == '[' || c == ']';
            if (i < authorityEnd ? c <= ' ' : bracket || isIllegal(text, i, c)) {
                encode(encoded, c);
            } else {
                encoded.appendCodePoint(c);
            }
            i += Character.charCount(c);
        }
        return encoded.toString();
    }

    /** A path or a query in which just that is encoded which has to be, in upper case. */
    private static String encodedOnce(String text) {
        if (text.indexOf('%') < 0 && isAscii(text)) {
            return text;
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c == '%' && isEncoding(text, i)) {
                int octet = HexFormat.fromHexDigits(text, i + 1, i + 3);
                if (isUnreserved(octet)) {
                    encoded.append((char) octet);
                } else {
                    encode(encoded, (byte) octet);
                }
                i += 3;
                continue;
            }
            if (c < 128) {
                encoded.append((char) c);
            } else {
                encode(encoded, c);
            }
            i += Character.charCount(c);
        }
        return encoded.toString();
    }

    private static void encode(StringBuilder encoded, int c) {
        for (byte octet : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
            encode(encoded, octet);
        }
    }

    private static void encode(StringBuilder encoded, byte octet) {
        encoded.append('%');
        HEX.toHexDigits(encoded, octet);
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static boolean isEncoding(String text, int percent) {
        return percent + 2 < text.length()
                && HexFormat.isHexDigit(text.charAt(percent + 1))
                && HexFormat.isHexDigit(text.charAt(percent + 2));
    }

    private static boolean isIllegal(String text, int index, int c) {
        if (c == '%') {
            return !isEncoding(text, index);
        }
        return c <= ' ' || c >= 127 || "\"<>\\^`{|}".indexOf(c) >= 0;
    }

    /** Host and port, the same for http and https unless a port is given. */
    static String site(URI address) {
        return address.getRawAuthority();
    }

    private static String withoutSecrets(String text) {
        return text.replaceFirst("[?#].*", "").replaceFirst("^([a-zA-Z][\\w+.-]*://)?[^/]*@", "$1");
    }
}
