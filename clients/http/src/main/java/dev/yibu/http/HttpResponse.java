package dev.yibu.http;

import dev.yibu.AsyncConsumer;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * A server's answer. Status and headers are there; the body is read as it is asked for, once, or is in memory already if
 * the answer comes from {@link HttpRequest#fetch}.
 *
 * <p><b>Closing.</b> An answer has a connection until its body was read to the end or it is closed; {@link HttpRequest#send}
 * closes it, one of {@link HttpRequest#open} is closed by its user, and at the latest when the enclosing scope ends. What is
 * closed unread costs the connection, unless little was left.
 *
 * <p><b>Cancellation.</b> Each read is a checkpoint; a cancelled one closes the connection.
 *
 * <p><b>Thread-safety.</b> For one task at a time; that two read in the same moment is an error. {@code close} may be called
 * by any thread: a read that is under way on another one fails with an {@link HttpTransferException}, and gives everything
 * back when it does.
 *
 * <p><b>After the end.</b> A method that has to read the body of a closed answer throws an {@code IllegalStateException}, as
 * everywhere in Yibu; the stream of {@link #body()} throws an {@code IOException}, as the JDK wants it of streams. What is in
 * memory already stays there.
 */
public final class HttpResponse implements AutoCloseable {
    private static final int EXCERPT = 4096;

    private final Exchange exchange;
    private final Response response;
    private final HttpHeaders headers;
    private final Content content;
    private final BodyStream stream;
    private byte @Nullable [] inMemory;
    private boolean taken;
    private @Nullable OpenScope scope;

    /** Called inside the exchange's bracket. */
    HttpResponse(Exchange exchange, Response response) {
        this.exchange = exchange;
        this.response = response;
        this.headers = NoSecondTry.headersOf(response);
        Wire wire = new Wire(exchange, response.body().source(), length());
        exchange.openBody(wire);
        this.content = new Content(
                exchange,
                wire,
                headers.find("Content-Encoding"),
                Long.MAX_VALUE,
                exchange.engine.options().limits().maxRatio());
        this.stream = new BodyStream(exchange, wire, content);
    }

    // ---------------------------------------------------------------- what it says

    /**
     * The status.
     *
     * @return such as 200 and 404
     */
    public int status() {
        return NoSecondTry.statusOf(response);
    }

    /**
     * Whether the status is from 200 to 299.
     *
     * @return whether the server did what it was asked for
     */
    public boolean isSuccess() {
        return response.isSuccessful();
    }

    /**
     * The headers.
     *
     * @return the headers, as they came
     */
    public HttpHeaders headers() {
        return headers;
    }

    /**
     * Where the answer comes from, after redirects.
     *
     * @return the address, with its query
     */
    public URI url() {
        return exchange.hop.url().uri();
    }

    /**
     * The version of HTTP that was spoken.
     *
     * @return {@code http/1.1} or {@code h2}
     */
    public String protocol() {
        return response.protocol().toString();
    }

    Exchange exchange() {
        return exchange;
    }

    Content content() {
        return content;
    }

    /** The length that the answer says its body has on the wire, or -1. */
    long length() {
        return AnswerInput.isBare(status()) ? -1 : response.body().contentLength(); // over HTTP/2 too
    }

    // ---------------------------------------------------------------- the body

    /**
     * The body as a stream, decompressed. Reads what is there; several small reads cost little more than a large one. Where
     * the body breaks off, a read throws an {@link HttpException} and never ends as if all were well.
     *
     * @return the stream; closing it closes this answer
     */
    public InputStream body() {
        byte[] bytes = inMemory;
        if (bytes != null) {
            return new ByteArrayInputStream(bytes);
        }
        taken = true;
        return stream;
    }

    /**
     * The whole body, decompressed.
     *
     * @return the bytes
     * @throws HttpException if it is too large, breaks off or is too slow
     * @throws IllegalStateException if the stream has been asked for already, or the answer is closed
     * @throws Cancelled if the caller is cancelled; the connection is closed
     */
    public byte[] bytes() throws IOException {
        byte[] bytes = inMemory;
        if (bytes == null) {
            if (taken) {
                throw new IllegalStateException("the body was asked for as a stream already");
            }
            bytes = stream.inBracket(
                    () -> readAll(exchange.engine.options().limits().maxInMemory()));
            inMemory = bytes;
        }
        return bytes;
    }

    /** Inside the bracket. */
    byte[] readAll(long limit) throws IOException {
        content.atMost(limit);
        return content.readAll(length());
    }

    /** Keeps the body; inside the bracket. */
    HttpResponse keep(long limit) throws IOException {
        inMemory = readAll(limit);
        return this;
    }

    /**
     * The whole body as text. Its character set is what its byte order mark says, else what {@code Content-Type} says, else
     * UTF-8; bytes that are none of its characters become U+FFFD.
     *
     * @return the text
     * @throws HttpException as {@link #bytes()}; an {@link HttpContentException} if the JVM doesn't know the character set
     * @throws Cancelled if the caller is cancelled; the connection is closed
     */
    public String text() throws IOException {
        return text(bytes(), null);
    }

    /**
     * The whole body as text in a character set, whatever the headers say.
     *
     * @param charset the character set
     * @return the text
     * @throws HttpException as {@link #bytes()}
     * @throws Cancelled if the caller is cancelled; the connection is closed
     */
    public String text(Charset charset) throws IOException {
        return text(bytes(), Objects.requireNonNull(charset, "charset"));
    }

    String text(byte[] bytes, @Nullable Charset charset) throws HttpContentException {
        return Charsets.decode(exchange.target(), bytes, headers.find("Content-Type"), charset);
    }

    /**
     * The whole body as an object, by the session's codec.
     *
     * @param type what it is to be
     * @param <T> the type
     * @return the object
     * @throws HttpException as {@link #bytes()}; an {@link HttpContentException} if it doesn't fit the type, or is null
     * @throws IllegalStateException if the session has no codec
     * @throws Cancelled if the caller is cancelled; the connection is closed
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
     * @throws HttpException as {@link #bytes()}; an {@link HttpContentException} if it doesn't fit the type, or is null
     * @throws IllegalStateException if the session has no codec
     * @throws Cancelled if the caller is cancelled; the connection is closed
     */
    public Object json(Type type) throws IOException {
        return decode(bytes(), Objects.requireNonNull(type, "type"));
    }

    Object decode(byte[] bytes, Type type) throws IOException {
        JsonCodec codec = exchange.engine.codec();
        Object value;
        try {
            value = codec.decode(bytes, type);
        } catch (IOException | RuntimeException e) {
            throw new HttpContentException(
                    exchange.target(), "the JSON is no " + type.getTypeName() + ": " + e.getMessage(), e);
        }
        if (value == null) {
            throw new HttpContentException(exchange.target(), "the JSON is null, and no " + type.getTypeName(), null);
        }
        return value;
    }

    /**
     * Passes the body on, chunk by chunk, with a large buffer that is used again: for copying much.
     *
     * @param chunkBytes how large the chunks are, but for the last one
     * @param action is given each chunk, and must be done with it when it returns; may wait
     * @param <X> what the action may throw
     * @throws IOException an {@link HttpException} if the body is too large, breaks off or is too slow
     * @throws X if the action does
     * @throws IllegalStateException if the answer is closed
     * @throws Cancelled if the caller is cancelled; the connection is closed
     */
    public <X extends Throwable> void forEachChunk(
            int chunkBytes, AsyncConsumer<? super ByteBuffer, ? extends X> action) throws IOException, X {
        Objects.requireNonNull(action, "action");
        if (chunkBytes < 1) {
            throw new IllegalArgumentException("chunks of " + chunkBytes + " bytes; 1 is the least");
        }
        byte[] chunk = new byte[chunkBytes];
        taken = true;
        for (; ; ) {
            int filled = stream.inBracket(() -> content.fill(chunk));
            if (filled < 0) {
                return;
            }
            action.accept(ByteBuffer.wrap(chunk, 0, filled));
        }
    }

    /** The exception for a status that the caller does not want; inside the bracket. */
    HttpStatusException statusException() throws IOException {
        String excerpt = "";
        try {
            byte[] start = new byte[EXCERPT];
            int filled = Math.max(0, content.fill(start));
            excerpt = new String(start, 0, filled, excerptCharset());
            content.drainTo(EXCERPT);
        } catch (HttpException unreadable) {
            excerpt = excerpt.isEmpty() ? "" : excerpt; // the status says more than its body
        }
        return new HttpStatusException(exchange.target(), status(), headers, excerpt);
    }

    private Charset excerptCharset() {
        try {
            return Charsets.declared(exchange.target(), headers.find("Content-Type"));
        } catch (HttpContentException unknown) {
            return StandardCharsets.UTF_8;
        }
    }

    // ---------------------------------------------------------------- the end

    /** Ties this answer to the current scope of the strand. */
    HttpResponse tieTo(Strand strand) {
        if (!exchange.hasEnded()) {
            OpenScope open = new OpenScope(strand, this);
            scope = open;
            strand.scope().adopt(open);
        }
        return this;
    }

    boolean hasEnded() {
        return exchange.hasEnded();
    }

    /** Called when the scope ends in which it was opened, and also before that if it has nothing to give back any more. */
    void abandoned() {
        if (!exchange.hasEnded()) { // else somebody may still read what is left in memory
            stream.close();
        }
    }

    /**
     * Gives the connection back, or closes it if much of the body is unread. Idempotent; never waits for the server for long.
     * Any thread may call it: see above.
     */
    @Override
    public void close() {
        stream.close();
        OpenScope open = scope;
        if (open != null) {
            open.closed();
        }
    }

    @Override
    public String toString() {
        return exchange.target().method() + ' ' + exchange.target().url() + ": " + status();
    }
}
