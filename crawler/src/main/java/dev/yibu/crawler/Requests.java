package dev.yibu.crawler;

import static dev.yibu.Async.deadline;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;

import dev.yibu.TimeoutException;
import dev.yibu.http.HttpException;
import dev.yibu.http.HttpRefusedException;
import dev.yibu.http.HttpRefusedException.Rule;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests with their timeouts and retries, each through the gate of its host. */
final class Requests implements AutoCloseable {
    /** How much longer than its timeout a request may take, from when its host is entered until it is left. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private final CrawlOptions options;
    private final Storage storage;
    private final AtomicInteger inFlight;
    private final Http http;
    private final Map<String, HostGate> gates = new ConcurrentHashMap<>();

    Requests(CrawlOptions options, Storage storage, AtomicInteger inFlight) {
        this.options = options;
        this.storage = storage;
        this.inFlight = inFlight;
        this.http = new Http(options, BodyRoom.of(options));
    }

    HostGate gate(String site) {
        Politeness politeness = options.politeness();
        return gates.computeIfAbsent(
                site, _ -> new HostGate(site, politeness.perHost(), politeness.delay(), door(site)));
    }

    private HostGate.Door door(String site) {
        Duration most = options.timeout().plus(SLACK);
        return new HostGate.Door() {
            @Override
            public Duration enter() {
                return storage.enter(site, most);
            }

            @Override
            public void leave(Duration delay) {
                storage.leave(site, delay);
            }
        };
    }

    /**
     * Sends a request as often as it is worth, and reads the whole answer.
     *
     * @throws TimeoutException if an attempt takes too long; that is not repeated
     */
    Answer get(URI url, Wanted wanted, Validators known) throws IOException, Refusal {
        HostGate gate = gate(Addresses.site(url));
        for (int attempt = 0; ; attempt++) {
            boolean last = attempt == options.retries();
            Duration pause = Backoff.pauseAfter(attempt);
            try {
                Answer answer = gate.<Answer, IOException>pass(() -> attempt(url, wanted, known));
                if (!Backoff.mayPass(answer.status())) {
                    return answer;
                }
                Optional<Duration> asked = Backoff.retryAfter(answer.header("retry-after"));
                asked.ifPresent(gate::leaveAlone);
                if (asked.isPresent() && asked.get().compareTo(Backoff.LONGEST_WAIT) > 0) {
                    throw new Refusal(
                            url,
                            answer.status(),
                            "HTTP " + answer.status() + ", and asks to be left alone for "
                                    + asked.get().toSeconds() + " s");
                }
                if (last) {
                    return answer;
                }
                pause = asked.isPresent() && asked.get().compareTo(pause) > 0 ? Duration.ZERO : pause;
            } catch (HostGate.Closed e) {
                throw new Refusal(url, 0, "the host asks to be left alone for " + e.left.toSeconds() + " s");
            } catch (IOException e) {
                if (last || !Backoff.mayPass(e)) {
                    throw e;
                }
            }
            sleep(pause);
        }
    }

    private Answer attempt(URI url, Wanted wanted, Validators known) throws IOException {
        inFlight.incrementAndGet();
        try {
            return timeout(options.timeout(), () -> http.get(url, wanted, known, deadline()));
        } finally {
            inFlight.decrementAndGet();
        }
    }

    /** What a failed request is called in words, without the address; the client's own have none, or too many. */
    String describe(Exception failure) {
        if (failure instanceof TimeoutException) {
            return "no answer within " + seconds(options.timeout());
        }
        if (failure instanceof HttpRefusedException refused && refused.rule() == Rule.FORBIDDEN_ADDRESS) {
            return "the host has a private address, and those are not allowed";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "the host has no address";
            }
            if (cause instanceof ConnectException) {
                return "the host can't be connected to";
            }
        }
        String message = failure.getMessage();
        if (failure instanceof HttpException http) {
            return String.valueOf(message).replace(http.method() + ' ' + http.url() + ": ", "");
        }
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1e3).replaceFirst("\\.?0+$", "") + " s";
    }

    @Override
    public void close() {
        http.close();
    }
}
