package dev.yibu.crawler;

import dev.yibu.Deadline;
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
    private final BodyRoom room;

    Http(CrawlOptions options, BodyRoom room) {
        this.room = room;
        int connections = options.concurrency();
        HttpOptions http = HttpOptions.DEFAULT
                .withHeader("User-Agent", Robots.NAME)
                .withTimeouts(
                        new HttpTimeouts(HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE))
                .withLimits(HttpLimits.DEFAULT
                        .withConnections(connections, connections)
                        .withMaxInMemory(options.maxBytes()))
                .withRedirects(RedirectPolicy.NEVER);
        this.session = HttpSession.open(options.allowPrivate() ? http : http.withGuard(AddressGuard.publicOnly()));
    }

    /**
     * Sends a request.
     *
     * @param deadline of this request; stands still while it waits for room for its answer
     */
    Answer get(URI url, Wanted wanted, Validators known, Deadline deadline) throws IOException {
        HttpRequest request =
                session.get(url.toString()).header("Accept", wanted.accept()).anyStatus();
        if (!known.etag().isEmpty()) {
            request = request.header("If-None-Match", known.etag());
        }
        if (!known.lastModified().isEmpty()) {
            request = request.header("If-Modified-Since", known.lastModified());
        }
        return request.<Answer, IOException>send(response -> answer(response, wanted, deadline));
    }

    private Answer answer(HttpResponse response, Wanted wanted, Deadline deadline) throws IOException {
        Answer head = new Answer(
                response.status(), name -> response.headers().value(name).orElse(""), Optional.empty());
        boolean read = head.isSuccess() && wanted.accepts(head);
        return read ? new Answer(head.status(), head.headers(), body(response, wanted, deadline)) : head;
    }

    private Optional<BodyRoom.Body> body(HttpResponse response, Wanted wanted, Deadline deadline) throws IOException {
        boolean encoded = response.headers().value("Content-Encoding").isPresent();
        long announced = encoded ? -1 : response.headers().contentLength().orElse(-1);
        try (InputStream in = response.body()) {
            return wanted.prefix()
                    ? Optional.of(room.readBeginning(in, wanted.cap()))
                    : room.read(in, announced, deadline);
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
