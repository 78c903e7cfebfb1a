package dev.yibu.crawler;

import static dev.yibu.Async.clock;

import dev.yibu.Async;
import dev.yibu.TimeoutException;
import dev.yibu.crawler.Finder.Sorted;
import dev.yibu.crawler.Redirects.Found;
import dev.yibu.crawler.Target.Kind;
import dev.yibu.crawler.Visit.Fate;
import dev.yibu.sync.Semaphore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes visits: asks robots.txt, then the address, then parses on as many threads as there are processors. */
final class Fetcher implements AutoCloseable {
    private static final int LONGEST_ERROR = 200;

    private final CrawlOptions options;
    private final Set<String> sites;
    private final Storage storage;
    private final Requests requests;
    private final RobotsFiles robots;
    private final Finder finder;
    private final ExecutorService parsers;
    private final Semaphore slots;

    Fetcher(CrawlOptions options, Set<String> sites, Storage storage, AtomicInteger inFlight) {
        this.options = options;
        this.sites = sites;
        this.storage = storage;
        this.requests = new Requests(options, storage, inFlight);
        this.robots = new RobotsFiles(requests, sites);
        this.finder = new Finder(options.rules(), sites);
        this.slots = Semaphore.of(options.concurrency(), "the slots for visits");
        this.parsers = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().daemon().name("yibu-parser-", 1).factory());
    }

    /** How many requests a site takes at a time. */
    int capacity(String site) {
        return requests.gate(site).capacity();
    }

    /** A visit under way. */
    private record Beginning(Target target, Instant clock, long nanos, List<Discovered> found) {
        Duration elapsed() {
            return Duration.ofNanos(Crawl.now() - nanos);
        }
    }

    /** An answer, and how long it took. */
    private record Fetched(URI url, Answer answer, Duration elapsed) {}

    /** Robots.txt forbids an address. */
    private static final class Forbidden extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Visits a target. What goes wrong becomes the page's error; only cancellation is thrown. */
    Visit visit(Target target) {
        slots.acquire();
        Beginning beginning = new Beginning(target, clock().instant(), Crawl.now(), new ArrayList<>());
        try {
            Fetched fetched;
            try {
                fetched = fetch(beginning);
            } finally {
                slots.release();
            }
            return target.kind() == Kind.SITEMAP ? sitemap(beginning, fetched) : page(beginning, fetched);
        } catch (Forbidden e) {
            return Visit.without(target, Fate.DISALLOWED, beginning.found());
        } catch (Refusal refusal) {
            return failed(beginning, refusal.url, refusal.status, refusal.reason);
        } catch (IOException | IllegalArgumentException | TimeoutException e) {
            return failed(beginning, target.url(), 0, requests.describe(e));
        }
    }

    private static Visit failed(Beginning beginning, URI url, int status, String error) {
        Target target = beginning.target();
        if (target.kind() == Kind.SITEMAP) {
            return Visit.without(target, Fate.BAD_SITEMAP, beginning.found());
        }
        // An error may quote the server, and is going to be shown on terminals.
        String printable = Characters.printable(error, LONGEST_ERROR);
        Page page = Page.failed(url, target.depth(), status, beginning.clock(), beginning.elapsed(), printable);
        return Visit.failed(target, page, beginning.found());
    }

    private Fetched fetch(Beginning beginning) throws IOException, Refusal, Forbidden {
        Target target = beginning.target();
        Wanted wanted =
                target.kind() == Kind.SITEMAP ? Wanted.sitemap(options.maxBytes()) : Wanted.page(options.maxBytes());
        List<URI> forbidden = new ArrayList<>();
        Found found;
        try {
            found = Redirects.follow(target.url(), (from, to) -> objection(target, from, to), hop -> {
                if (!robots.of(hop, beginning.found()).allows(hop)) {
                    forbidden.add(hop);
                    throw new Refusal(hop, 0, "forbidden by robots.txt");
                }
                return requests.get(hop, wanted, hop.equals(target.url()) ? target.known() : Validators.NONE);
            });
        } catch (Refusal e) {
            if (forbidden.isEmpty()) {
                throw e;
            }
            throw new Forbidden();
        }
        return new Fetched(found.url(), found.answer(), beginning.elapsed());
    }

    private Optional<String> objection(Target target, URI from, URI to) {
        boolean always = target.kind() == Kind.SITEMAP || target.depth() == 0;
        return Redirects.objection(from, to, sites)
                .or(() -> always || options.rules().permits(to.toString())
                        ? Optional.empty()
                        : Optional.of("redirected to an address that the patterns exclude"));
    }

    private BodyRoom.Body body(Fetched fetched) throws Refusal {
        Answer answer = fetched.answer();
        return answer.body()
                .orElseThrow(() ->
                        new Refusal(fetched.url(), answer.status(), "longer than " + options.maxBytes() + " bytes"));
    }

    private Visit sitemap(Beginning beginning, Fetched fetched) throws Refusal {
        Target target = beginning.target();
        if (!fetched.answer().isSuccess()) {
            return Visit.without(target, Fate.BAD_SITEMAP, beginning.found());
        }
        try (BodyRoom.Body body = body(fetched)) {
            Sitemap sitemap = parse(fetched, () -> Sitemap.parse(body.bytes(), fetched.url(), options.maxBytes()));
            beginning.found().addAll(finder.listed(sitemap, target.depth()));
        }
        return Visit.without(target, Fate.SITEMAP, beginning.found());
    }

    private Visit page(Beginning beginning, Fetched fetched) throws Refusal {
        Target target = beginning.target();
        Answer answer = fetched.answer();
        if (answer.isUnchanged() && !target.known().isEmpty()) {
            return unchanged(beginning, fetched);
        }
        if (!answer.isSuccess()) {
            throw new Refusal(fetched.url(), answer.status(), "HTTP " + answer.status());
        }
        if (!answer.isHtml()) {
            return Visit.without(target, Fate.NOT_HTML, beginning.found());
        }
        try (BodyRoom.Body body = body(fetched)) {
            return parse(fetched, () -> parsed(beginning, fetched, body.bytes()));
        }
    }

    private Visit parsed(Beginning beginning, Fetched fetched, byte[] body) throws IOException {
        Target target = beginning.target();
        Answer answer = fetched.answer();
        Html html = Html.parse(body, answer.header("content-type"), fetched.url(), options.extraction());
        Page page = new Page(
                fetched.url(),
                target.depth(),
                answer.status(),
                html.title(),
                body.length,
                html.links(),
                beginning.clock(),
                fetched.elapsed(),
                Optional.empty(),
                html.text(),
                html.fields());
        boolean mayFollow = html.mayFollow() && Html.mayFollow(answer.header("x-robots-tag"));
        return visit(
                beginning,
                page,
                mayFollow,
                // Whether links may be followed is not kept: such a page is asked for anew.
                mayFollow ? new Validators(answer.header("etag"), answer.header("last-modified")) : Validators.NONE);
    }

    private Visit unchanged(Beginning beginning, Fetched fetched) throws Refusal {
        Target target = beginning.target();
        Page old = storage.known(target);
        Page page = new Page(
                fetched.url(),
                target.depth(),
                fetched.answer().status(),
                old.title(),
                old.bytes(),
                old.links(),
                beginning.clock(),
                fetched.elapsed(),
                old.error(),
                old.text(),
                old.fields());
        return parse(fetched, () -> visit(beginning, page, true, target.known()));
    }

    private Visit visit(Beginning beginning, Page page, boolean mayFollow, Validators validators) {
        Sorted sorted = finder.links(page.links(), page.depth() + 1, mayFollow);
        beginning.found().addAll(sorted.found());
        return new Visit(
                beginning.target(),
                Fate.PAGE,
                page,
                LinkList.pack(page.links()),
                validators,
                beginning.found(),
                sorted.skipped());
    }

    /** Something that reads what strangers wrote. */
    private interface Parser<T> {
        T parse() throws IOException;
    }

    private static Refusal refusal(Fetched fetched, Exception e) {
        return new Refusal(fetched.url(), fetched.answer().status(), String.valueOf(e.getMessage()));
    }

    private <T> T parse(Fetched fetched, Parser<T> parser) throws Refusal {
        try {
            return Async.<T, IOException>runInExecutor(parsers, parser::parse);
        } catch (IOException e) {
            throw refusal(fetched, e);
        } catch (UncheckedIOException e) {
            throw refusal(fetched, e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            throw new Refusal(fetched.url(), fetched.answer().status(), "can't be parsed: " + requests.describe(e));
        }
    }

    @Override
    public void close() {
        requests.close();
        parsers.close();
    }
}
