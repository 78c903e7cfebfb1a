package dev.yibu.http;

import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.Retry;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * A request that is being put together. Its last call sends it: {@link #text}, {@link #bytes}, {@link #json} and {@link
 * #toFile} are for the content of a good answer; {@link #fetch}, {@link #send} and {@link #open} for answers with whatever
 * status.
 *
 * {@snippet file="dev/yibu/http/Snippets.java" region=request}
 *
 * <p><b>Sending.</b> The request goes out on the calling task's own thread, which waits. It may be sent again, one after the
 * other. Redirects are followed by {@link RedirectPolicy}.
 *
 * <p><b>Cancellation.</b> Each of the sending calls is a checkpoint. A cancelled request has left the queue for the pool, or
 * its connection is closed (over HTTP/2 its stream); whether the server has acted on it is not known. Nothing of it is left
 * in the pool. An interrupt from outside does the same on virtual threads; a platform thread that waits for a server does
 * not notice one.
 *
 * <p><b>Exceptions.</b> What goes wrong is an {@link HttpException}. An {@code IOException} of the request's own body, or of a
 * file that is written, is thrown as it is.
 *
 * <p><b>Thread-safety.</b> For one task.
 */
public final class HttpRequest {
    private final Engine engine;
    private final String method;
    private HttpUrl url;
    private final Headers.Builder headers;
    private @Nullable HttpBody body;
    private @Nullable HttpAuth auth;
    private HttpTimeouts timeouts;
    private RedirectPolicy redirects;
    private @Nullable Retry retry;
    private long maxBody = Long.MAX_VALUE;
    private boolean anyStatus;
    private boolean idempotent;

    HttpRequest(Engine engine, String method, HttpUrl url) {
        HttpOptions options = engine.options();
        this.engine = engine;
        this.method = method;
        this.headers = options.headers().fields().newBuilder();
        this.timeouts = options.timeouts();
        this.redirects = options.redirects();
        this.retry = options.retry();
        this.idempotent = Hop.isIdempotent(method);
        if (url.encodedUsername().isEmpty() && url.encodedPassword().isEmpty()) {
            this.url = url;
        } else {
            this.auth = HttpAuth.basic(url.username(), url.password());
            this.url = url.newBuilder().username("").password("").build();
        }
    }

    // ---------------------------------------------------------------- what is sent

    /**
     * Sets a header, in place of the session's or an earlier one.
     *
     * @param name the name
     * @param value the value
     * @return this request
     * @throws IllegalArgumentException if either has a character that is not allowed, such as a line break, or if it is one
     *     that the client sets itself, such as {@code Content-Length}
     */
    public HttpRequest header(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Framing.check(name, value);
        HttpHeaders.check(name, value);
        headers.set(name, value);
        return this;
    }

    /**
     * Adds a value to a header.
     *
     * @param name the name
     * @param value one more value
     * @return this request
     * @throws IllegalArgumentException if either has a character that is not allowed, such as a line break, or if it is one
     *     that the client sets itself, such as {@code Content-Length}
     */
    public HttpRequest addHeader(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Framing.check(name, value);
        HttpHeaders.check(name, value);
        headers.add(name, value);
        return this;
    }

    /**
     * Adds a parameter to the address's query; it is encoded as needed.
     *
     * @param name the name
     * @param value the value; its {@code toString} counts
     * @return this request
     */
    public HttpRequest query(String name, Object value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        url = url.newBuilder().addQueryParameter(name, value.toString()).build();
        return this;
    }

    /**
     * Adds parameters to the address's query; they are encoded as needed.
     *
     * @param parameters names and values; of a value its {@code toString} counts
     * @return this request
     */
    public HttpRequest query(Map<String, ?> parameters) {
        Objects.requireNonNull(parameters, "parameters").forEach(this::query);
        return this;
    }

    /**
     * Sets the body.
     *
     * @param body the body
     * @return this request
     * @throws IllegalStateException if it is a GET or HEAD, which have none
     */
    public HttpRequest body(HttpBody body) {
        Objects.requireNonNull(body, "body");
        if (method.equals("GET") || method.equals("HEAD")) {
            throw new IllegalStateException("a " + method + " has no body; parameters go into the query");
        }
        this.body = body;
        return this;
    }

    /**
     * Sets the body to an object as JSON, by the session's codec.
     *
     * @param value the object, or null
     * @return this request
     * @throws IOException if the codec can't write it
     * @throws IllegalStateException if the session has no codec, or it is a GET or HEAD, which have no body
     */
    public HttpRequest jsonBody(@Nullable Object value) throws IOException {
        return body(HttpBody.of(engine.codec().encode(value), "application/json"));
    }

    /**
     * Sets the body to the fields of a form.
     *
     * @param fields names and values, in their order
     * @return this request
     * @throws IllegalStateException if it is a GET or HEAD, which have no body
     */
    public HttpRequest formBody(Map<String, String> fields) {
        return body(HttpBody.form(fields));
    }

    /**
     * Sets the credentials, in place of the session's; they go to the origin of this request's address, and to no other
     * that a redirect leads to. User name and password in the address itself are the same as {@link HttpAuth#basic}.
     *
     * @param auth what the server is told
     * @return this request
     */
    public HttpRequest auth(HttpAuth auth) {
        this.auth = Objects.requireNonNull(auth, "auth");
        return this;
    }

    // ---------------------------------------------------------------- how it is sent

    /**
     * Sets the time-outs, in place of the session's.
     *
     * @param timeouts how long it may take
     * @return this request
     */
    public HttpRequest timeouts(HttpTimeouts timeouts) {
        this.timeouts = Objects.requireNonNull(timeouts, "timeouts");
        return this;
    }

    /**
     * Sets how long everything together may take: {@link HttpTimeouts#total()}.
     *
     * @param total the limit
     * @return this request
     */
    public HttpRequest timeout(Duration total) {
        return timeouts(timeouts.withTotal(total));
    }

    /**
     * Sets which redirects are followed, in place of the session's choice.
     *
     * @param redirects which are followed
     * @return this request
     */
    public HttpRequest redirects(RedirectPolicy redirects) {
        this.redirects = Objects.requireNonNull(redirects, "redirects");
        return this;
    }

    /**
     * Sets how a failed request is tried again, in place of the session's choice.
     *
     * <p>Tried again is what could not be connected to; and, if the request is {@link #idempotent} and its body can be
     * written again, what broke off, what a time-out other than the total one has ended, and what was answered with 408, 425,
     * 429, 500, 502, 503 or 504; provided that the options' own predicate agrees. A {@code Retry-After} is honoured, as
     * the least pause; if it is longer than the longest pause of the options, or than the time left, the answer counts.
     * Once {@link #send}, {@link #open} and {@link #toFile} have begun to read the body, nothing is tried again.
     *
     * @param retry how often and with which pauses; null for no retries
     * @return this request
     */
    public HttpRequest retry(@Nullable Retry retry) {
        this.retry = retry;
        return this;
    }

    /**
     * Says that it does no harm to do twice what this request asks for. GET, HEAD, PUT, DELETE, OPTIONS and TRACE are taken
     * to be so.
     *
     * @param idempotent whether it is so
     * @return this request
     */
    public HttpRequest idempotent(boolean idempotent) {
        this.idempotent = idempotent;
        return this;
    }

    /**
     * Sets how long the answer's body may be, after decompression. In memory {@link HttpLimits#maxInMemory()} counts too.
     *
     * @param bytes the most bytes
     * @return this request
     */
    public HttpRequest maxBody(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("the longest body allowed is " + bytes + " bytes");
        }
        this.maxBody = bytes;
        return this;
    }

    /**
     * Takes the content of answers with any status for good: {@link #text}, {@link #bytes}, {@link #json} and {@link #toFile}
     * throw no {@link HttpStatusException} then.
     *
     * @return this request
     */
    public HttpRequest anyStatus() {
        this.anyStatus = true;
        return this;
    }

    // ---------------------------------------------------------------- send it

    /**
     * Sends it and returns the answer's body as text, as {@link HttpResponse#text()} does.
     *
     * @return the text
     * @throws HttpException if there is no good answer
     * @throws Cancelled if the caller is cancelled
     */
    public String text() throws IOException {
        return sendAndRead(response -> response.text(inMemory(response), null));
    }

    /**
     * Sends it and returns the answer's body as text in a character set, whatever the headers say.
     *
     * @param charset the character set
     * @return the text
     * @throws HttpException if there is no good answer
     * @throws Cancelled if the caller is cancelled
     */
    public String text(Charset charset) throws IOException {
        Objects.requireNonNull(charset, "charset");
        return sendAndRead(response -> response.text(inMemory(response), charset));
    }

    /**
     * Sends it and returns the answer's body.
     *
     * @return the bytes, decompressed
     * @throws HttpException if there is no good answer
     * @throws Cancelled if the caller is cancelled
     */
    public byte[] bytes() throws IOException {
        return sendAndRead(this::inMemory);
    }

    /**
     * Sends it and returns the answer's body as an object, by the session's codec.
     *
     * @param type what it is to be
     * @param <T> the type
     * @return the object
     * @throws HttpException if there is no good answer
     * @throws IllegalStateException if the session has no codec
     * @throws Cancelled if the caller is cancelled
     */
    public <T> T json(Class<T> type) throws IOException {
        Objects.requireNonNull(type, "type");
        return type.cast(json((Type) type));
    }

    /**
     * {@link #json(Class)} for types such as {@code List<Item>}.
     *
     * @param type what it is to be
     * @return the object
     * @throws HttpException if there is no good answer
     * @throws IllegalStateException if the session has no codec
     * @throws Cancelled if the caller is cancelled
     */
    public Object json(Type type) throws IOException {
        Objects.requireNonNull(type, "type");
        engine.codec(); // before anything is sent
        if (headers.get("Accept") == null) {
            headers.set("Accept", "application/json");
        }
        return sendAndRead(response -> response.decode(inMemory(response), type));
    }

    /**
     * Sends it and returns the answer, whatever its status, with its body in memory. It has no connection any more and need
     * not be closed.
     *
     * @return the answer
     * @throws HttpException if there is none
     * @throws Cancelled if the caller is cancelled
     */
    public HttpResponse fetch() throws IOException {
        return deliver(
                response -> limited(response).keep(engine.options().limits().maxInMemory()), false);
    }

    /**
     * Sends it and passes the answer, whatever its status, to a function that reads as much of its body as it likes.
     *
     * @param function makes something of the answer, which is closed afterwards; may wait
     * @param <T> what it makes
     * @param <X> what it may throw
     * @return what the function returns
     * @throws IOException an {@link HttpException} if there is no answer
     * @throws X if the function does
     * @throws Cancelled if the caller is cancelled
     */
    public <T extends @Nullable Object, X extends Throwable> T send(
            AsyncFunction<? super HttpResponse, ? extends T, ? extends X> function) throws IOException, X {
        Objects.requireNonNull(function, "function");
        try (HttpResponse response = deliver(this::limited, true)) {
            return function.apply(response);
        }
    }

    /**
     * Sends it and returns the answer, whatever its status, for its body to be read. Close it; at the latest it is closed when
     * the enclosing scope ends.
     *
     * @return the answer
     * @throws HttpException if there is none
     * @throws IllegalStateException outside of any scope, on a thread that is not inside {@code Async.run} or a task: use
     *     {@link #send} there
     * @throws Cancelled if the caller is cancelled
     */
    public HttpResponse open() throws IOException {
        Strand strand = Strand.current();
        if (strand == null) {
            throw new IllegalStateException("an open answer needs a scope that closes it if need be: use it inside"
                    + " run(...) or a task, or use send(...)");
        }
        return deliver(this::limited, true).tieTo(strand);
    }

    /**
     * Sends it and writes the answer's body to a file, which appears when it is complete: until then, and if anything goes
     * wrong, what was at its place stays. Constant memory, whatever the size.
     *
     * <p>This is for content that can be fetched again, and differs from {@code AsyncFiles.replace} of {@code dev.yibu.io} in
     * what it promises. It does not wait until the disk has the content: after a crash of the machine the file may be incomplete or
     * missing. The file is a new one, with the usual permissions and owner of new files, and takes the place of a link that
     * was there, not of what the link leads to. Where the file system can't rename in one step, a reader may find nothing
     * for a moment.
     *
     * @param file where to
     * @return how many bytes it has
     * @throws IOException an {@link HttpException} if there is no good answer, another if the file can't be written
     * @throws Cancelled if the caller is cancelled; what was written is removed
     */
    public long toFile(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        return onStrand(() -> {
            try (HttpResponse response = deliver(this::good, true)) {
                return Download.to(file, response);
            }
        });
    }

    private byte[] inMemory(HttpResponse response) throws IOException {
        return good(response).readAll(engine.options().limits().maxInMemory());
    }

    private HttpResponse good(HttpResponse response) throws IOException {
        if (!anyStatus && !response.isSuccess()) {
            throw response.statusException();
        }
        return limited(response);
    }

    private HttpResponse limited(HttpResponse response) throws IOException {
        response.content().atMost(maxBody);
        response.content().expect(response.length());
        return response;
    }

    private <T> T sendAndRead(Exchange.Reader<? extends T> reader) throws IOException {
        return this.<T>deliver(reader, false);
    }

    private <T> T deliver(Exchange.Reader<? extends T> reader, boolean keepsOpen) throws IOException {
        return HttpRequest.<T>onStrand(
                () -> new Delivery(engine, this, Objects.requireNonNull(Strand.current())).<T>run(reader, keepsOpen));
    }

    private static <T> T onStrand(Coroutine<? extends T, IOException> action) throws IOException {
        return Strand.current() == null ? Strand.<T, IOException>attached(action) : action.run();
    }

    // ---------------------------------------------------------------- for the delivery

    String method() {
        return method;
    }

    HttpUrl url() {
        return url;
    }

    Headers.Builder headers() {
        return headers;
    }

    @Nullable
    HttpBody body() {
        boolean needed = switch (method) {
            case "POST", "PUT", "PATCH", "PROPPATCH", "REPORT", "QUERY" -> true;
            default -> false;
        };
        return body == null && needed ? HttpBody.empty() : body;
    }

    @Nullable
    HttpAuth auth() {
        return auth;
    }

    HttpTimeouts timeouts() {
        return timeouts;
    }

    RedirectPolicy redirects() {
        return redirects;
    }

    @Nullable
    Retry retry() {
        return retry;
    }

    boolean isIdempotent() {
        return idempotent;
    }

    HttpException.Target target() {
        return new HttpException.Target(method, Redacted.of(url));
    }

    @Override
    public String toString() {
        return method + ' ' + Redacted.of(url);
    }
}
