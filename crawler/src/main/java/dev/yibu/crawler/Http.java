package dev.yibu.crawler;

import dev.yibu.http.AddressGuard;
import dev.yibu.http.HttpLimits;
import dev.yibu.http.HttpOptions;
import dev.yibu.http.HttpRefusedException;
import dev.yibu.http.HttpRefusedException.Rule;
import dev.yibu.http.HttpRequest;
import dev.yibu.http.HttpResponse;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTimeouts;
import dev.yibu.http.RedirectPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;

/** One GET at a time on the calling task's thread; redirects, retries and timeouts are its callers' business. */
final class Http implements AutoCloseable {
    private final HttpSession session;
    private final int maxBytes;

    Http(CrawlOptions options) {
        this.maxBytes = options.maxBytes();
        int connections = options.concurrency();
        HttpOptions http = HttpOptions.DEFAULT
                .withHeader("User-Agent", Robots.NAME)
                .withTimeouts(
                        new HttpTimeouts(HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE))
                .withLimits(HttpLimits.DEFAULT
                        .withConnections(connections, connections)
                        .withMaxInMemory(maxBytes))
                .withRedirects(RedirectPolicy.NEVER);
        this.session = HttpSession.open(options.allowPrivate() ? http : http.withGuard(AddressGuard.publicOnly()));
    }

    Answer get(URI url, Wanted wanted, Validators known) throws IOException {
        HttpRequest request =
                session.get(url.toString()).header("Accept", wanted.accept()).anyStatus();
        if (!known.etag().isEmpty()) {
            request = request.header("If-None-Match", known.etag());
        }
        if (!known.lastModified().isEmpty()) {
            request = request.header("If-Modified-Since", known.lastModified());
        }
        return request.<Answer, IOException>send(response -> answer(response, wanted));
    }

    private Answer answer(HttpResponse response, Wanted wanted) throws IOException {
        Answer head = new Answer(
                response.status(), name -> response.headers().value(name).orElse(""), Optional.empty());
        boolean read = head.isSuccess() && wanted.accepts(head);
        return read ? new Answer(head.status(), head.headers(), body(response, wanted)) : head;
    }

    private Optional<byte[]> body(HttpResponse response, Wanted wanted) throws IOException {
        if (wanted.prefix()) {
            try (InputStream in = response.body()) {
                return Optional.of(in.readNBytes(wanted.cap()));
            }
        }
        if (response.headers().contentLength().orElse(0) > maxBytes) {
            return Optional.empty();
        }
        try {
            return Optional.of(response.bytes());
        } catch (HttpRefusedException e) {
            if (e.rule() == Rule.BODY_TOO_LARGE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Ends requests that are under way. */
    @Override
    public void close() {
        session.close();
    }
}
