package dev.yibu.crawler;

import dev.yibu.AsyncFunction;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Follows redirects, in one place for all requests. */
final class Redirects {
    private static final int MOST = 10;

    private Redirects() {}

    /** The answer at the end of a chain of redirects. */
    record Found(URI url, Answer answer) {}

    /** What a request along a chain of redirects may throw. */
    interface Request extends AsyncFunction<URI, Answer, Exception> {
        @Override
        Answer apply(URI url) throws IOException, Refusal;
    }

    /** What forbids to follow a redirect, if anything does. */
    interface Objection {
        Optional<String> to(URI from, URI next);
    }

    static Found follow(URI start, Objection objection, Request request) throws IOException, Refusal {
        URI url = start;
        for (int redirects = 0; ; redirects++) {
            Answer answer = request.apply(url);
            Optional<String> location = answer.redirect();
            if (location.isEmpty()) {
                return new Found(url, answer);
            }
            if (redirects == MOST) {
                throw new Refusal(start, answer.status(), "redirected more than " + MOST + " times");
            }
            URI next = Addresses.resolve(url, location.get());
            if (next == null || next.toString().length() > Shape.LONGEST) {
                throw new Refusal(start, answer.status(), "redirected to what is no web address");
            }
            Optional<String> forbids = objection.to(url, next);
            if (forbids.isPresent()) {
                throw new Refusal(start, answer.status(), forbids.get());
            }
            url = next;
        }
    }

    /** What forbids to follow a redirect of a page. */
    static Optional<String> objection(URI from, URI to, Set<String> sites) {
        if (!sites.contains(Addresses.site(to))) {
            return Optional.of("redirected to another host, " + Addresses.site(to));
        }
        if (from.getScheme().equals("https") && to.getScheme().equals("http")) {
            return Optional.of("redirected from https to http");
        }
        return Optional.empty();
    }
}
