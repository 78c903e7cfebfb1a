package dev.yibu.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Cookie;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Cookies as browsers keep them, by RFC 6265, in memory. A domain that is a public suffix, such as {@code co.uk} and {@code
 * github.io}, can't have cookies for all below it; names that begin with {@code __Secure-} and {@code __Host-} are held to
 * what they promise, and plain http neither sets nor replaces a secure cookie.
 *
 * <p>Whatever goes through sessions with the same jar is one visitor to the servers. A program that acts for several users
 * gives each a jar of their own.
 *
 * <p><b>Limits.</b> 4 KiB for a cookie, 180 cookies for a domain, 3,000 in all; the oldest go first.
 *
 * <p>Any thread may call any method.
 */
public final class CookieJar {
    private static final int LONGEST = 4096;
    private static final int MOST_OF_DOMAIN = 180;
    private static final int MOST = 3000;

    private record Key(String domain, String path, String name) {}

    private record Kept(Cookie cookie, boolean hostOnly, long order) {
        boolean isFor(HttpUrl url) {
            return cookie.matches(url) && (!hostOnly || url.host().equals(cookie.domain()));
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock; the oldest first.
    private final Map<Key, Kept> kept = new LinkedHashMap<>();
    private long orders;

    private CookieJar() {}

    /**
     * An empty jar.
     *
     * @return the jar
     */
    public static CookieJar create() {
        return new CookieJar();
    }

    /**
     * How many cookies there are, with those that have expired and were not looked at since.
     *
     * @return the number
     */
    public int size() {
        lock.lock();
        try {
            return kept.size();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets all cookies. */
    public void clear() {
        lock.lock();
        try {
            kept.clear();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The cookies that a request would have.
     *
     * @param url where it would go
     * @return their values by their names; if there are several of one name, the one with the longest path
     * @throws IllegalArgumentException if it is no web address
     */
    public Map<String, String> cookiesFor(String url) {
        HttpUrl address = Addressing.resolve(null, url);
        Map<String, String> values = new LinkedHashMap<>();
        for (Kept one : matching(address, System.currentTimeMillis())) {
            values.putIfAbsent(one.cookie().name(), one.cookie().value());
        }
        return values;
    }

    /** What a request's {@code Cookie} header is to be, or null. */
    @Nullable
    String headerFor(HttpUrl url, long nowMillis) {
        List<Kept> matching = matching(url, nowMillis);
        if (matching.isEmpty()) {
            return null;
        }
        StringBuilder header = new StringBuilder();
        for (Kept one : matching) {
            header.append(header.isEmpty() ? "" : "; ")
                    .append(one.cookie().name())
                    .append('=')
                    .append(one.cookie().value());
        }
        return header.toString();
    }

    private List<Kept> matching(HttpUrl url, long nowMillis) {
        List<Kept> matching = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Kept> all = kept.values().iterator(); all.hasNext(); ) {
                Kept one = all.next();
                if (one.cookie().expiresAt() <= nowMillis) {
                    all.remove();
                } else if (one.isFor(url)) {
                    matching.add(one);
                }
            }
        } finally {
            lock.unlock();
        }
        matching.sort(Comparator.comparingInt((Kept one) -> -one.cookie().path().length())
                .thenComparingLong(Kept::order));
        return matching;
    }

    /** Takes what an answer sets. */
    void receive(HttpUrl url, Headers headers, long nowMillis) {
        if (headers.get("Set-Cookie") == null) {
            return;
        }
        for (Cookie cookie : Cookie.parseAll(url, headers)) {
            if (cookie.name().length() + cookie.value().length() <= LONGEST && keepsItsPromise(url, cookie)) {
                boolean hostOnly = cookie.hostOnly() || url.topPrivateDomain() == null;
                put(url, cookie, hostOnly, nowMillis);
            }
        }
    }

    private static boolean keepsItsPromise(HttpUrl url, Cookie cookie) {
        String name = cookie.name();
        if (cookie.secure() && !url.isHttps()) {
            return false;
        }
        if (name.regionMatches(true, 0, "__Secure-", 0, 9)) {
            return cookie.secure();
        }
        if (name.regionMatches(true, 0, "__Host-", 0, 7)) {
            return cookie.secure() && cookie.hostOnly() && cookie.path().equals("/");
        }
        return true;
    }

    private void put(HttpUrl url, Cookie cookie, boolean hostOnly, long nowMillis) {
        Key key = new Key(cookie.domain(), cookie.path(), cookie.name());
        lock.lock();
        try {
            if (!url.isHttps() && hidesSecureOne(cookie)) {
                return;
            }
            Kept before = kept.get(key);
            if (cookie.expiresAt() <= nowMillis) {
                kept.remove(key);
                return;
            }
            kept.put(key, new Kept(cookie, hostOnly, before == null ? orders++ : before.order()));
            trim(cookie.domain());
        } finally {
            lock.unlock();
        }
    }

    private boolean hidesSecureOne(Cookie cookie) {
        return kept.values().stream()
                .map(Kept::cookie)
                .anyMatch(other -> other.secure()
                        && other.name().equals(cookie.name())
                        && (isWithin(other.domain(), cookie.domain()) || isWithin(cookie.domain(), other.domain())));
    }

    private static boolean isWithin(String domain, String outer) {
        return domain.equals(outer) || domain.endsWith('.' + outer);
    }

    private void trim(String domain) {
        long ofDomain =
                kept.keySet().stream().filter(k -> k.domain().equals(domain)).count();
        Iterator<Key> oldest = kept.keySet().iterator();
        while (oldest.hasNext() && (ofDomain > MOST_OF_DOMAIN || kept.size() > MOST)) {
            boolean same = oldest.next().domain().equals(domain);
            if (same || kept.size() > MOST) {
                oldest.remove();
                ofDomain -= same ? 1 : 0;
            }
        }
    }

    /** Says how many there are, not what they are. */
    @Override
    public String toString() {
        return Objects.toString(size()) + " cookies";
    }
}
