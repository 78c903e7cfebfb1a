package dev.yibu.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a file in lines. Fetches bytes in large chunks; decodes and splits them on the asking task's thread. A
 * cancelled step has taken nothing: all that was fetched stays in the fields.
 */
final class Lines extends Pieces<String> {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final AsyncFile file;
    private final Charset charset;
    private final int longest;
    private final boolean closesFile;
    private final CharsetDecoder decoder;

    private ByteBuffer bytes = NO_BYTES;
    private CharBuffer chars = CharBuffer.allocate(0);
    private final StringBuilder begun = new StringBuilder();
    private @Nullable IOException failure;
    private long decoded;
    private long lines;
    private boolean afterReturn;
    private boolean fetchedAll;

    Lines(AsyncFile file, Charset charset, int longest, boolean closesFile) {
        if (longest < 1) {
            throw new IllegalArgumentException("the longest line has " + longest + " characters; one is the smallest");
        }
        this.file = file;
        this.charset = charset;
        this.longest = longest;
        this.closesFile = closesFile;
        this.decoder = Text.strictDecoder(charset);
    }

    @Override
    @Nullable
    String read() throws IOException {
        while (true) {
            if (afterReturn && chars.hasRemaining()) {
                afterReturn = false;
                if (chars.get(chars.position()) == '\n') {
                    chars.get();
                }
            }
            int length = lengthOfLine();
            boolean ends = length < chars.remaining();
            if ((long) begun.length() + length > longest) {
                throw tooLong();
            }
            if (ends && begun.isEmpty()) {
                String line = new String(chars.array(), chars.position(), length);
                chars.position(chars.position() + length);
                endLine();
                return line;
            }
            if (length > 0) {
                begun.append(chars.array(), chars.position(), length);
                chars.position(chars.position() + length);
            }
            if (ends) {
                endLine();
                return begunLine();
            }
            if (!decodeMore()) {
                return begun.isEmpty() ? null : begunLine();
            }
        }
    }

    private int lengthOfLine() {
        char[] array = chars.array();
        int end = chars.limit();
        for (int i = chars.position(); i < end; i++) {
            if (array[i] == '\n' || array[i] == '\r') {
                return i - chars.position();
            }
        }
        return chars.remaining();
    }

    private void endLine() {
        afterReturn = chars.get() == '\r';
        lines++;
    }

    private String begunLine() {
        String line = begun.toString();
        begun.setLength(0);
        if (begun.capacity() > Disk.CHUNK) {
            begun.trimToSize();
        }
        return line;
    }

    private FileSystemException tooLong() {
        return new FileSystemException(
                file.path().toString(),
                null,
                "line " + (lines + 1) + " has more than " + longest
                        + " characters; if that is as it should be, allow longer lines");
    }

    /** Decodes what has been fetched, or fetches more; returns whether there may be further characters. */
    private boolean decodeMore() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (fetchedAll) {
            return false;
        }
        ByteBuffer fetched = file.some();
        boolean end = !fetched.hasRemaining();
        ByteBuffer in = bytes.hasRemaining()
                ? ByteBuffer.allocate(bytes.remaining() + fetched.remaining())
                        .put(bytes)
                        .put(fetched)
                        .flip()
                : fetched;
        CharBuffer out = CharBuffer.allocate((int) Math.ceil(in.remaining() * (double) decoder.maxCharsPerByte()) + 16);
        CoderResult result = decoder.decode(in, out, end);
        if (end && result.isUnderflow()) {
            result = decoder.flush(out);
        }
        decoded += in.position();
        bytes = in.hasRemaining() ? in.slice() : NO_BYTES;
        chars = out.flip();
        fetchedAll = end;
        if (result.isError()) {
            failure = MalformedTextException.read(file.path(), charset, decoded, lineOfFailure());
        }
        return true;
    }

    private long lineOfFailure() {
        return lines + 1 + chars.chars().filter(c -> c == '\n').count();
    }

    @Override
    public void close() throws IOException {
        if (closesFile) {
            file.close();
        }
    }
}
