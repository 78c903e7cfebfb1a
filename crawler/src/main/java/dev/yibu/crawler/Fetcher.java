package dev.yibu.crawler;

import static dev.yibu.Async.random;
import static dev.yibu.Async.runInExecutor;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;

import dev.yibu.TimeoutException;
import dev.yibu.crawler.Http.Answer;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Makes visits: requests with their timeouts, retries and redirects, then parsing on as many threads as processors. */
final class Fetcher implements AutoCloseable {
    private static final int MOST_REDIRECTS = 10;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final int MOST_DOUBLINGS = 5;
    private static final int LONGEST_ERROR = 200;
    private static final ForeignCall SLOT = ForeignCall.named("a slot for a visit");

    private final CrawlOptions options;
    private final Set<String> sites;
    private final AtomicInteger inFlight;
    private final Http http;
    private final ExecutorService parsers;
    private final Semaphore slots;

    Fetcher(CrawlOptions options, Set<String> sites, AtomicInteger inFlight) {
        this.options = options;
        this.sites = sites;
        this.inFlight = inFlight;
        this.http = new Http(options.maxBytes());
        this.slots = new Semaphore(options.concurrency(), true);
        this.parsers = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().daemon().name("yibu-parser-", 1).factory());
    }

    /** Why what an address answered is no page. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        final URI url;
        final int status;
        final String reason;

        Refusal(URI url, int status, String reason) {
            super(reason);
            this.url = url;
            this.status = status;
            this.reason = reason;
        }
    }

    /** The answer at the end of a chain of redirects. */
    private record Found(URI url, Answer answer) {}

    /** Visits a target. What goes wrong becomes the page's error; only cancellation is thrown. */
    Visit visit(Target target) {
        acquireSlot();
        long started = Crawl.now();
        URI url = target.url();
        int status = 0;
        String error;
        try {
            return new Visit(target, page(target, started));
        } catch (Refusal refusal) {
            url = refusal.url;
            status = refusal.status;
            error = refusal.reason;
        } catch (TimeoutException e) {
            error = "no answer within " + seconds(options.timeout());
        } catch (IOException | IllegalArgumentException e) {
            error = describe(e);
        }
        return new Visit(
                target,
                new Page(url, target.depth(), status, "", 0, List.of(), since(started), Optional.of(printable(error))));
    }

    /** Gives the slot back when it has an answer. Null if that is not HTML. */
    private @Nullable Page page(Target target, long started) throws IOException, Refusal {
        Found found;
        try {
            found = follow(target.url());
        } finally {
            slots.release();
        }
        Duration elapsed = since(started);
        URI url = found.url();
        Answer answer = found.answer();
        int status = answer.status();
        if (!answer.isSuccess()) {
            throw new Refusal(url, status, "HTTP " + status);
        }
        if (!answer.isHtml()) {
            return null;
        }
        String encoding = answer.headers().firstValue("content-encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new Refusal(url, status, "encoded, although that was not asked for: " + encoding);
        }
        byte[] body = answer.body()
                .orElseThrow(() -> new Refusal(url, status, "longer than " + options.maxBytes() + " bytes"));
        String type = answer.headers().firstValue("content-type").orElse("");
        Html html;
        try {
            html = runInExecutor(parsers, () -> Html.parse(body, type, url));
        } catch (RuntimeException e) {
            throw new Refusal(url, status, "can't be parsed: " + describe(e));
        }
        return new Page(
                url, target.depth(), status, html.title(), body.length, html.links(), elapsed, Optional.empty());
    }

    /** An error may quote the server, and is going to be shown on terminals. */
    private static String printable(String error) {
        String text = error.replaceAll("\\p{C}", "?");
        return text.substring(0, Math.min(LONGEST_ERROR, text.length()));
    }

    private static Duration since(long started) {
        return Duration.ofNanos(Crawl.now() - started);
    }

    private Found follow(URI start) throws IOException, Refusal {
        URI url = start;
        for (int redirects = 0; ; redirects++) {
            Answer answer = request(url);
            Optional<String> location = answer.redirect();
            if (location.isEmpty()) {
                return new Found(url, answer);
            }
            if (redirects == MOST_REDIRECTS) {
                throw new Refusal(start, answer.status(), "redirected more than " + MOST_REDIRECTS + " times");
            }
            URI next = Addresses.resolve(url, location.get());
            if (next == null) {
                throw new Refusal(start, answer.status(), "redirected to what is no web address");
            }
            Optional<String> objection = objection(url, next, sites);
            if (objection.isPresent()) {
                throw new Refusal(start, answer.status(), objection.get());
            }
            url = next;
        }
    }

    /** What forbids to follow a redirect, if anything does. */
    static Optional<String> objection(URI from, URI to, Set<String> sites) {
        if (!sites.contains(Addresses.site(to))) {
            return Optional.of("redirected to another host, " + Addresses.site(to));
        }
        if (from.getScheme().equals("https") && to.getScheme().equals("http")) {
            return Optional.of("redirected from https to http");
        }
        return Optional.empty();
    }

    private Answer request(URI url) throws IOException {
        for (int attempt = 0; ; attempt++) {
            boolean last = attempt == options.retries();
            inFlight.incrementAndGet();
            try {
                Answer answer = timeout(options.timeout(), () -> http.get(url));
                if (last || !mayPass(answer.status())) {
                    return answer;
                }
            } catch (IOException e) {
                if (last || !mayPass(e)) {
                    throw e;
                }
            } finally {
                inFlight.decrementAndGet();
            }
            sleep(pauseAfter(attempt));
        }
    }

    private void acquireSlot() {
        SLOT.call(() -> {
            try {
                slots.acquire();
            } catch (InterruptedException e) {
                throw Throwing.<RuntimeException>any(e); // becomes Cancelled where the cancelled scope ends
            }
            return slots;
        });
    }

    private static boolean mayPass(int status) {
        return switch (status) {
            case 429, 502, 503, 504 -> true;
            default -> false;
        };
    }

    private static boolean mayPass(IOException failure) {
        return !(failure instanceof SSLHandshakeException || failure instanceof SSLPeerUnverifiedException);
    }

    /** Twice as long each time, and between half and one and a half of that, so that failures don't come back at once. */
    private static Duration pauseAfter(int attempt) {
        long nanos = FIRST_PAUSE.toNanos() << Math.min(attempt, MOST_DOUBLINGS);
        return Duration.ofNanos(nanos / 2 + random().nextLong(nanos));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1e3).replaceFirst("\\.?0+$", "") + " s";
    }

    /** An exception in words; the client's own often have none. */
    private static String describe(Exception failure) {
        boolean connecting = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "the host has no address";
            }
            connecting |= cause instanceof ConnectException;
        }
        if (connecting) {
            return "the host can't be connected to";
        }
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    @Override
    public void close() {
        http.close();
        parsers.close();
    }
}
