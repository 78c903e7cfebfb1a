package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import okhttp3.Connection;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What comes over a connection of HTTP/1.1. OkHttp reads as much as there is, and takes what follows one answer for the
 * beginning of the next: what a server sends beyond its answer, by mistake or in malice, would be the answer to another
 * request. So this stream hands out one part of an answer after the other, and nothing beyond its end; if there is more, or
 * something comes while nobody has asked, the connection is not used again.
 *
 * <p>It knows no more of HTTP than where an answer ends, as OkHttp sees it: {@link AnswerBounds} tells it when a request is
 * sent and what the answer's head says; of a body in chunks it follows the framing. Until the first request, and over
 * HTTP/2, it passes everything on.
 *
 * <p><b>Threads.</b> For one at a time: who has the connection, or is about to take it from the pool.
 */
final class AnswerInput extends InputStream {
    /** A socket that has one. */
    interface Source {
        AnswerInput answers() throws IOException;
    }

    private enum Part {
        /** Nobody counts. */
        UNKNOWN,
        HEAD,
        /** A body whose length is known. */
        LENGTH,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK,
        CHUNK_END,
        TRAILERS,
        /** There is no body, although OkHttp waits for one. */
        NONE,
        /** The answer is over; what comes now is nobody's. */
        OVER
    }

    /** As long as any line between chunks should be; OkHttp would keep one without end. */
    private static final int MOST_IN_LINE = 16 * 1024;

    /** Servers that close idle connections wait for some seconds at least. */
    private static final long TRUSTED_NANOS = 1_000_000_000;

    private static final int BRIEFLY_MILLIS = 1;
    private static final int NEW_LINE = '\n';
    private static final int RETURN = '\r';
    private static final byte[] NOTHING = {};

    /** An array that is longer is not held for the next answer. */
    private static final int MOST_HELD = 2048;

    private final InputStream in;
    private final Driver driver;
    private Part part = Part.UNKNOWN;

    /** Of a body or chunk: how many bytes are to come. */
    private long left;

    /** Of a line: how many bytes it has so far. */
    private long inLine;

    /** Whether the last of them is a return, which belongs to the line's end if that is next. */
    private boolean afterReturn;

    /** What was read beyond the end of a part is in here; the array may be used again. */
    private byte[] kept = NOTHING;

    // Of that array: what is still to be handed out.
    private int keptFrom;
    private int keptTo;

    /** Whether the connection is not to be used again. */
    private boolean spoiled;

    /** When the head of the last answer had been read. */
    private long answeredNanos;

    AnswerInput(InputStream in, Driver driver) {
        this.in = in;
        this.driver = driver;
    }

    /** That of a connection, or null if it has none that counts. */
    static @Nullable AnswerInput of(@Nullable Connection connection) throws IOException {
        return connection != null
                        && (connection.protocol() == Protocol.HTTP_1_1 || connection.protocol() == Protocol.HTTP_1_0)
                        && connection.socket() instanceof Source source
                ? source.answers()
                : null;
    }

    // ---------------------------------------------------------------- what is expected

    /**
     * A request is going to be sent.
     *
     * @throws Surplus if it must not be, since its answer would not be the next thing to come
     */
    void expectHead() throws Surplus {
        if (spoiled || keptFrom < keptTo) {
            throw new Surplus();
        }
        part = Part.HEAD;
        beginLine();
    }

    /**
     * The head of an answer has been read; its body is next.
     *
     * @return false if there is none, whatever the head says of its length: OkHttp believes that it is there, and finds that
     *     it has broken off
     */
    boolean expectBody(Response head) {
        answeredNanos = driver.nanoTime();
        spoiled |= isLast(head);
        if (head.request().method().equals("HEAD")) {
            part = Part.OVER;
        } else if (isBare(head.code())) {
            part = isChunked(head) || lengthOf(head) > 0 ? Part.NONE : Part.OVER;
        } else if (isChunked(head)) {
            part = Part.CHUNK_SIZE;
            left = 0;
        } else {
            left = lengthOf(head);
            part = left < 0 ? Part.UNKNOWN : left == 0 ? Part.OVER : Part.LENGTH;
        }
        return part != Part.NONE;
    }

    /** Whether the status says that there is no body. What the head says of a length is then that of another answer. */
    static boolean isBare(int status) {
        return (status >= 100 && status < 200) || status == 204 || status == 304;
    }

    /** Whether the server closes the connection after this answer. OkHttp knows only the plainest way to say so. */
    private static boolean isLast(Response head) {
        boolean isOld = head.protocol() == Protocol.HTTP_1_0;
        if (head.header("Connection") == null) {
            return isOld;
        }
        List<String> options = head.headers("Connection").stream()
                .flatMap(line -> Arrays.stream(line.toLowerCase(Locale.ROOT).split(",")))
                .map(String::strip)
                .toList();
        return options.contains("close") || (isOld && !options.contains("keep-alive"));
    }

    private static boolean isChunked(Response head) {
        return "chunked".equalsIgnoreCase(head.header("Transfer-Encoding"));
    }

    private static long lengthOf(Response head) {
        String length = head.header("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Whether an answer has ended, and there is something after it, or nothing can be. Does not wait. */
    boolean hasSurplus() {
        try {
            return part == Part.OVER && (spoiled || keptFrom < keptTo || in.available() > 0);
        } catch (IOException e) {
            return true; // whatever it is, nobody wants this connection
        }
    }

    boolean isOver() {
        return part == Part.OVER;
    }

    /**
     * Whether a second look is worth its while: the last answer came long enough ago for the server to have closed the
     * connection meanwhile, and the call at hand could not be repeated if it has.
     */
    boolean isWorthASecondLook() {
        return driver.nanoTime() - answeredNanos > TRUSTED_NANOS && Exchange.hasOneTry();
    }

    /**
     * Whether an answer has ended, and there is something after it, the end of the stream too: that shows only when one
     * reads. Waits for a millisecond if there is nothing.
     *
     * @param socket what this is the input of
     */
    boolean hasSurplusAtSecondLook(Socket socket) {
        try {
            int usual = socket.getSoTimeout();
            socket.setSoTimeout(BRIEFLY_MILLIS);
            try {
                read(); // takes note of what it finds
            } catch (SocketTimeoutException e) {
                return hasSurplus(); // it found nothing for us
            } finally {
                socket.setSoTimeout(usual);
            }
        } catch (IOException e) {
            return true;
        }
        return hasSurplus();
    }

    // ---------------------------------------------------------------- reading

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (part == Part.NONE) {
            return -1;
        }
        int most = part == Part.LENGTH ? (int) Math.min(len, left) : len;
        boolean again = keptFrom < keptTo;
        int read = again ? takeKept(b, off, most) : in.read(b, off, most);
        if (part == Part.OVER) {
            spoiled |= read != 0;
            return read == 0 ? 0 : -1; // it may be OkHttp that looks; it would keep what it finds
        }
        if (read <= 0) {
            return read;
        }
        int ours = walk(b, off, read);
        if (again) {
            keptFrom -= read - ours;
        } else if (ours < read) {
            keep(b, off + ours, read - ours);
        }
        if (keptFrom == keptTo && kept.length > MOST_HELD) {
            kept = NOTHING;
            keptFrom = 0;
            keptTo = 0;
        }
        return ours;
    }

    private int takeKept(byte[] b, int off, int most) {
        int taken = Math.min(most, keptTo - keptFrom);
        System.arraycopy(kept, keptFrom, b, off, taken);
        keptFrom += taken;
        return taken;
    }

    private void keep(byte[] b, int off, int count) {
        if (kept.length < count) {
            kept = new byte[count];
        }
        System.arraycopy(b, off, kept, 0, count);
        keptFrom = 0;
        keptTo = count;
    }

    /** Follows the answer; returns how many of these bytes belong to the part at hand, which is at least one. */
    private int walk(byte[] b, int off, int count) throws ProtocolException {
        return switch (part) {
            case UNKNOWN -> count;
            case HEAD -> walkHead(b, off, count);
            case LENGTH -> {
                left -= count; // no more was asked for
                part = left == 0 ? Part.OVER : Part.LENGTH;
                yield count;
            }
            default -> walkChunks(b, off, count);
        };
    }

    /** To the end of an empty line; the rest waits for what this head says. */
    private int walkHead(byte[] b, int off, int count) {
        int end = off + count;
        for (int at = off; at < end; ) {
            int start = at;
            while (at < end && b[at] != NEW_LINE) {
                at++;
            }
            if (at > start) {
                inLine += at - start;
                afterReturn = b[at - 1] == RETURN;
            }
            if (at < end) {
                at++;
                if (endsLine()) {
                    return at - off;
                }
            }
        }
        return count;
    }

    private int walkChunks(byte[] b, int off, int count) throws ProtocolException {
        for (int i = 0; i < count; ) {
            if (part == Part.CHUNK) {
                int passed = (int) Math.min(left, count - i);
                left -= passed;
                i += passed;
                if (left == 0) {
                    beginLine();
                    part = Part.CHUNK_END;
                }
            } else {
                inChunkLine(b[off + i++] & 255);
            }
            if (part == Part.OVER) {
                return i;
            }
        }
        if (inLine > MOST_IN_LINE && part != Part.TRAILERS) {
            throw new ProtocolException("a line between two chunks has more than " + MOST_IN_LINE + " bytes");
        }
        return count;
    }

    private void beginLine() {
        inLine = 0;
        afterReturn = false;
    }

    /** At a line's end; returns whether the line is empty. */
    private boolean endsLine() {
        boolean empty = inLine == (afterReturn ? 1 : 0);
        beginLine();
        return empty;
    }

    /** One byte of a line between chunks, or of the size before one. */
    private void inChunkLine(int b) {
        if (part == Part.CHUNK_SIZE) {
            int digit = Character.digit(b, 16);
            if (digit >= 0) {
                inLine++;
                left = (left << 4) + digit; // too many digits are an error of OkHttp's
                return;
            }
            part = Part.CHUNK_EXTENSION;
        }
        if (b != NEW_LINE) {
            inLine++;
            afterReturn = b == RETURN;
            return;
        }
        boolean empty = endsLine();
        switch (part) {
            case CHUNK_EXTENSION -> part = left == 0 ? Part.TRAILERS : left < 0 ? Part.UNKNOWN : Part.CHUNK;
            case CHUNK_END -> part = Part.CHUNK_SIZE; // with nothing left
            case TRAILERS -> part = empty ? Part.OVER : Part.TRAILERS;
            default -> {
                // nobody knows any more where it ends
            }
        }
    }

    @Override
    public int available() throws IOException {
        return in.available() + keptTo - keptFrom;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
