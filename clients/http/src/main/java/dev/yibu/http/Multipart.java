package dev.yibu.http;

import dev.yibu.Async;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A body of several parts, as {@code multipart/form-data}: forms with files. Nothing is held in memory but what its parts
 * hold.
 *
 * {@snippet file="dev/yibu/http/Snippets.java" region=multipart}
 *
 * <p>For one task.
 */
public final class Multipart {
    private record Part(String head, HttpBody body) {
        byte[] headBytes() {
            return head.getBytes(StandardCharsets.UTF_8);
        }
    }

    private final List<Part> parts = new ArrayList<>();

    private Multipart() {}

    /**
     * A form without parts yet.
     *
     * @return the form
     */
    public static Multipart create() {
        return new Multipart();
    }

    /**
     * Adds a field.
     *
     * @param name its name
     * @param value its value
     * @return this form
     */
    public Multipart field(String name, String value) {
        return part(name, null, null, HttpBody.of(value));
    }

    /**
     * Adds a file under its own name.
     *
     * @param name the field's name
     * @param file the file; it must not change until it was sent
     * @param contentType what it is
     * @return this form
     * @throws IOException if there is no such file
     */
    public Multipart file(String name, Path file, String contentType) throws IOException {
        Path last = Objects.requireNonNull(file, "file").getFileName();
        return part(name, last == null ? "file" : last.toString(), HttpBody.ofFile(file, contentType));
    }

    /**
     * Adds a file whose content is any body.
     *
     * @param name the field's name
     * @param fileName what the file is called
     * @param content what is in it
     * @return this form
     */
    public Multipart part(String name, String fileName, HttpBody content) {
        Objects.requireNonNull(fileName, "fileName");
        Objects.requireNonNull(content, "content");
        return part(name, fileName, content.contentType(), content);
    }

    private Multipart part(String name, @Nullable String fileName, @Nullable String contentType, HttpBody content) {
        Objects.requireNonNull(name, "name");
        String head = "Content-Disposition: form-data; name=\"" + escaped(name) + '"'
                + (fileName == null ? "" : "; filename=\"" + escaped(fileName) + '"')
                + (contentType == null ? "" : "\r\nContent-Type: " + oneLine(contentType))
                + "\r\n\r\n";
        parts.add(new Part(head, content));
        return this;
    }

    /** As browsers do it. */
    private static String escaped(String name) {
        return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String oneLine(String contentType) {
        if (contentType.indexOf('\r') >= 0 || contentType.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a content type can't have a line break in it");
        }
        return contentType;
    }

    /**
     * The body with the parts so far.
     *
     * @return the body; its length is known if that of all parts is
     * @throws IllegalStateException if there are no parts
     */
    public HttpBody body() {
        if (parts.isEmpty()) {
            throw new IllegalStateException("the form has no parts");
        }
        byte[] random = new byte[16];
        Async.random().nextBytes(random);
        String boundary = "yibu-" + HexFormat.of().formatHex(random);
        byte[] between = ("--" + boundary + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        List<Part> all = List.copyOf(parts);
        HttpBody.Writer writer = out -> write(all, between, end, out);
        String contentType = "multipart/form-data; boundary=" + boundary;
        long length = length(all, between.length, end.length);
        HttpBody body =
                length < 0 ? HttpBody.writing(contentType, writer) : HttpBody.writing(contentType, length, writer);
        return all.stream().allMatch(part -> part.body().isRepeatable()) ? body : body.once();
    }

    private static long length(List<Part> parts, int between, int end) {
        long sum = end;
        for (Part part : parts) {
            if (part.body().length() < 0) {
                return -1;
            }
            sum += between + part.headBytes().length + part.body().length() + 2;
        }
        return sum;
    }

    private static void write(List<Part> parts, byte[] between, byte[] end, OutputStream out) throws IOException {
        for (Part part : parts) {
            out.write(between);
            out.write(part.headBytes());
            part.body().writeTo(out);
            out.write('\r');
            out.write('\n');
        }
        out.write(end);
    }
}
