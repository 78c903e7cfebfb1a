package dev.yibu.http;

import dev.yibu.Async;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request. Immutable; one object may serve any number of requests, unless its content can be read only {@link
 * #once()}.
 */
public final class HttpBody {
    /** Writes a body. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes the body from its beginning. Called on the thread of the task that sends the request, once for each time
         * that it is sent; may wait. The server gets what is written when it is some kilobytes, and at the end; a writer
         * that lets it wait for the rest flushes.
         *
         * @param out where to; need be neither flushed nor closed
         * @throws IOException if the body can't be had; the request fails with this very exception
         */
        void writeTo(OutputStream out) throws IOException;
    }

    private final @Nullable String contentType;
    private final long length;
    private final boolean repeatable;
    private final Writer writer;

    private HttpBody(@Nullable String contentType, long length, boolean repeatable, Writer writer) {
        this.contentType = contentType;
        this.length = length;
        this.repeatable = repeatable;
        this.writer = writer;
    }

    /**
     * Bytes.
     *
     * @param bytes the body; must not be changed until it was sent
     * @param contentType what they are, such as {@code image/png}
     * @return the body
     */
    public static HttpBody of(byte[] bytes, String contentType) {
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(contentType, "contentType");
        return new HttpBody(contentType, bytes.length, true, out -> out.write(bytes));
    }

    /**
     * Plain text, in UTF-8.
     *
     * @param text the text
     * @return the body
     */
    public static HttpBody of(String text) {
        return of(text, "text/plain; charset=utf-8");
    }

    /**
     * Text of some kind, in UTF-8.
     *
     * @param text the text
     * @param contentType what it is, such as {@code application/xml}
     * @return the body
     */
    public static HttpBody of(String text, String contentType) {
        return of(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8), contentType);
    }

    /**
     * The fields of a form, as {@code application/x-www-form-urlencoded}.
     *
     * @param fields names and values, in their order
     * @return the body
     */
    public static HttpBody form(Map<String, String> fields) {
        return of(FormEncoding.encode(Objects.requireNonNull(fields, "fields")), "application/x-www-form-urlencoded");
    }

    /**
     * A file, read as it is sent. It must not change meanwhile. If a read hangs, a request that is cancelled leaves it
     * behind; see {@code Async.abandon}.
     *
     * @param file the file
     * @param contentType what it is
     * @return the body
     * @throws IOException if there is no such file
     */
    public static HttpBody ofFile(Path file, String contentType) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(contentType, "contentType");
        long length = Async.<Long, IOException>abandon(() -> Files.size(file));
        return new HttpBody(contentType, length, true, out -> {
            try (FileReading reading = FileReading.open(file)) {
                reading.copyTo(out);
            }
        });
    }

    /**
     * What a writer writes, of unknown length.
     *
     * @param contentType what it is
     * @param writer writes it; is called again if the body has to be sent again
     * @return the body
     */
    public static HttpBody writing(String contentType, Writer writer) {
        return new HttpBody(
                Objects.requireNonNull(contentType, "contentType"), -1, true, Objects.requireNonNull(writer, "writer"));
    }

    /**
     * What a writer writes, of a length that is known.
     *
     * @param contentType what it is
     * @param length how many bytes it writes; another number is an error
     * @param writer writes it; is called again if the body has to be sent again
     * @return the body
     */
    public static HttpBody writing(String contentType, long length, Writer writer) {
        if (length < 0) {
            throw new IllegalArgumentException("the body's length is negative: " + length);
        }
        return new HttpBody(
                Objects.requireNonNull(contentType, "contentType"),
                length,
                true,
                Objects.requireNonNull(writer, "writer"));
    }

    static HttpBody empty() {
        return new HttpBody(null, 0, true, _ -> {});
    }

    /**
     * This body, which can be written only once: a request with it is neither retried, nor sent again by a redirect.
     *
     * @return the body
     */
    public HttpBody once() {
        return new HttpBody(contentType, length, false, writer);
    }

    /**
     * How long it is.
     *
     * @return the number of bytes, or -1 if that is not known
     */
    public long length() {
        return length;
    }

    @Nullable
    String contentType() {
        return contentType;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    void writeTo(OutputStream out) throws IOException {
        writer.writeTo(out);
    }

    /** Says what it is, not what is in it. */
    @Override
    public String toString() {
        return (contentType == null ? "no body" : contentType) + (length < 0 ? "" : " of " + length + " bytes");
    }
}
