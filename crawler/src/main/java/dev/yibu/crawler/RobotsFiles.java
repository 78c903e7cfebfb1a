package dev.yibu.crawler;

import dev.yibu.TimeoutException;
import dev.yibu.crawler.Redirects.Found;
import dev.yibu.crawler.Target.Kind;
import dev.yibu.sync.Mutex;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The robots.txt of each server of a crawl, asked for before anything else and then remembered. As RFC 9309 has it: where
 * there is none, everything is allowed; where it can't be had, nothing is.
 */
final class RobotsFiles {
    private static final long REMEMBER_FAILURES_NANOS = Duration.ofSeconds(30).toNanos();

    private final Requests requests;
    private final Set<String> sites;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    RobotsFiles(Requests requests, Set<String> sites) {
        this.requests = requests;
        this.sites = sites;
    }

    private static final class Entry {
        final URI url;
        final Mutex mutex;

        volatile @Nullable Robots robots;

        // Guarded by the mutex.
        @Nullable
        Refusal failure;

        long failedAt;

        Entry(URI url) {
            this.url = url;
            this.mutex = Mutex.create(url.toString());
        }
    }

    /**
     * What a server allows.
     *
     * @param found receives the sitemaps that it names, the first time
     * @throws Refusal if that can't be found out
     */
    Robots of(URI address, List<Discovered> found) throws Refusal {
        String origin = address.getScheme() + "://" + address.getRawAuthority();
        Entry entry = entries.computeIfAbsent(origin, _ -> new Entry(URI.create(origin + "/robots.txt")));
        Robots known = entry.robots;
        return known == null ? load(entry, address, found) : known;
    }

    private Robots load(Entry entry, URI address, List<Discovered> found) throws Refusal {
        try (Mutex.Hold _ = entry.mutex.hold()) {
            Robots known = entry.robots;
            if (known != null) {
                return known;
            }
            Refusal failure = entry.failure;
            if (failure == null || Crawl.now() - entry.failedAt > REMEMBER_FAILURES_NANOS) {
                try {
                    Robots robots = fetch(entry.url);
                    requests.gate(Addresses.site(entry.url)).slowDown(robots.crawlDelay());
                    found.addAll(sitemaps(entry.url, robots));
                    entry.robots = robots;
                    return robots;
                } catch (Refusal e) {
                    failure = e;
                    entry.failure = e;
                    entry.failedAt = Crawl.now();
                }
            }
            throw new Refusal(address, failure.status, failure.reason);
        }
    }

    private Robots fetch(URI url) throws Refusal {
        Found found;
        try {
            // To other hosts too: what is found there is what this one has to say.
            found = Redirects.follow(
                    url, (_, _) -> Optional.empty(), hop -> requests.get(hop, Wanted.robots(), Validators.NONE));
        } catch (Refusal e) {
            if (e.status / 100 == 3) {
                return Robots.absent(); // it leads to nowhere
            }
            throw new Refusal(url, e.status, "robots.txt: " + e.reason);
        } catch (IOException | IllegalArgumentException | TimeoutException e) {
            throw new Refusal(url, 0, requests.describe(e));
        }
        Answer answer = found.answer();
        int status = answer.status();
        if (status / 100 == 5 || status == 429) {
            throw new Refusal(url, status, "robots.txt answers HTTP " + status + ", so nothing is allowed");
        }
        return answer.isSuccess() && answer.body().isPresent()
                ? Robots.parse(url, answer.body().get().bytes())
                : Robots.absent();
    }

    private List<Discovered> sitemaps(URI url, Robots robots) {
        List<Discovered> sitemaps = new ArrayList<>();
        for (String sitemap : robots.sitemaps()) {
            URI address = Addresses.resolve(url, sitemap);
            if (address != null && sites.contains(Addresses.site(address))) {
                sitemaps.add(new Discovered(address, 0, Kind.SITEMAP, Finder.SITEMAPS));
            }
        }
        return sitemaps;
    }
}
