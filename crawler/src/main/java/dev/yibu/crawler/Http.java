package dev.yibu.crawler;

import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Throwing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;

/** One GET at a time on the calling task's thread; redirects, retries and timeouts are its callers' business. */
final class Http implements AutoCloseable {
    /** What is read of a body that nobody wants, so that its connection can be used again. */
    private static final int DRAINED = 64 * 1024;

    private static final ForeignCall GET = ForeignCall.named("HTTP GET");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private final int maxBytes;

    Http(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * An answer.
     *
     * @param body empty if it was longer than allowed, or of no interest
     */
    record Answer(int status, HttpHeaders headers, Optional<byte[]> body) {
        boolean isSuccess() {
            return status / 100 == 2;
        }

        /** Whether this is HTML; an answer that doesn't say is taken for it. */
        boolean isHtml() {
            return Http.isHtml(headers);
        }

        Optional<String> redirect() {
            return switch (status) {
                case 301, 302, 303, 307, 308 -> headers.firstValue("location");
                default -> Optional.empty();
            };
        }
    }

    /** Sends a request and reads the whole answer. A cancellation closes the connection. */
    Answer get(URI url) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("User-Agent", "yibu-crawler")
                .header("Accept", "text/html, application/xhtml+xml")
                .build();
        HttpResponse<Optional<byte[]>> response = GET.call(() -> {
            try {
                return client.send(request, this::body);
            } catch (InterruptedException e) {
                throw Throwing.<RuntimeException>any(e); // becomes Cancelled where the cancelled scope ends
            }
        });
        return new Answer(response.statusCode(), response.headers(), response.body());
    }

    private CappedBody body(ResponseInfo answer) {
        boolean wanted = answer.statusCode() / 100 == 2 && isHtml(answer.headers());
        int cap = wanted ? maxBytes : DRAINED;
        return new CappedBody(cap, answer.headers().firstValueAsLong("content-length"));
    }

    private static boolean isHtml(HttpHeaders headers) {
        Optional<String> type = headers.firstValue("content-type");
        return type.isEmpty() || type.get().matches("(?i)\\s*(text/html|application/xhtml\\+xml)\\s*(;.*)?");
    }

    /** To be called when no request is under way. */
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
