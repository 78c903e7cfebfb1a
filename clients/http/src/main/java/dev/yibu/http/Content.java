package dev.yibu.http;

import dev.yibu.http.HttpRefusedException.Rule;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body, decompressed as a stream, and stopped where it grows too large, altogether or in proportion to what
 * came over the wire. For use inside the exchange's bracket.
 */
final class Content extends InputStream {
    /** The ratio counts from here on: what is small does no harm. */
    private static final long RATIO_FROM = 1024 * 1024;

    /** As many encodings one over another as anybody uses, and one more. */
    private static final int MOST_ENCODINGS = 3;

    private static final int BUFFER = 16 * 1024;

    /** An array of this size is made because the server says so; a larger one grows with what comes. */
    private static final int TRUSTED = 1024 * 1024;

    private static final int GROWTH = 4;

    private final Exchange exchange;
    private final Wire wire;
    private final List<String> encodings;
    private final int maxRatio;
    private long limit;
    private long count;

    /** What is read; made at the first read, since the decoders read a header when they are made. */
    private @Nullable InputStream decoded;

    private @Nullable Inflater inflater;

    Content(Exchange exchange, Wire wire, @Nullable String encodings, long limit, int maxRatio) {
        this.exchange = exchange;
        this.wire = wire;
        this.encodings = parse(encodings);
        this.limit = limit;
        this.maxRatio = maxRatio;
    }

    private static List<String> parse(@Nullable String encodings) {
        return encodings == null
                ? List.of()
                : Arrays.stream(encodings.toLowerCase(Locale.ROOT).split(","))
                        .map(String::strip)
                        .filter(encoding -> !encoding.isEmpty() && !encoding.equals("identity"))
                        .toList();
    }

    boolean isPlain() {
        return encodings.isEmpty();
    }

    /** Lowers the limit. */
    void atMost(long bytes) {
        limit = Math.min(limit, bytes);
    }

    private InputStream decoded() throws IOException {
        InputStream stream = decoded;
        if (stream == null) {
            stream = wire;
            if (!encodings.isEmpty() && !wire.isExhausted()) {
                if (encodings.size() > MOST_ENCODINGS) {
                    throw new HttpContentException(
                            exchange.target(), encodings.size() + " encodings one over another", null);
                }
                for (String encoding : encodings.reversed()) {
                    stream = decoder(encoding, stream);
                }
            }
            decoded = stream;
        }
        return stream;
    }

    private InputStream decoder(String encoding, InputStream encoded) throws IOException {
        return switch (encoding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(encoded, BUFFER);
            case "deflate" -> inflater(encoded);
            default ->
                throw new HttpContentException(
                        exchange.target(),
                        "the body has the encoding \"" + Quoted.of(encoding) + "\", which this client doesn't know",
                        null);
        };
    }

    /** What is called deflate has the header of zlib around it, but not from all servers. */
    private InputStream inflater(InputStream encoded) throws IOException {
        PushbackInputStream start = new PushbackInputStream(encoded, 2);
        byte[] header = start.readNBytes(2);
        start.unread(header);
        boolean isZlib =
                header.length == 2 && (header[0] & 15) == 8 && (((header[0] & 255) << 8) | (header[1] & 255)) % 31 == 0;
        Inflater made = new Inflater(!isZlib);
        inflater = made;
        return new InflaterInputStream(start, made, BUFFER);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int read;
        try {
            read = decoded().read(b, off, len);
        } catch (ZipException | EOFException e) {
            throw new HttpContentException(exchange.target(), "the compressed body is broken: " + Failures.words(e), e);
        }
        if (read > 0) {
            count += read;
            check();
        } else if (read < 0) {
            drainTo(BUFFER); // what follows the compressed data, such as the end of the chunks
            close();
        }
        return read;
    }

    /** Frees what the decoders have outside of the heap. */
    @Override
    public void close() {
        InputStream stream = decoded;
        if (stream != null && stream != wire) {
            try {
                stream.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // what it closes is nothing but memory
            }
            decoded = InputStream.nullInputStream();
        }
        Inflater own = inflater;
        if (own != null) {
            own.end();
        }
    }

    private void check() throws HttpRefusedException {
        if (count > limit) {
            throw tooLarge();
        }
        if (!isPlain() && count > RATIO_FROM && count / Math.max(1, wire.count()) >= maxRatio) {
            throw new HttpRefusedException(
                    exchange.target(),
                    Rule.COMPRESSION_BOMB,
                    "the body has grown from " + wire.count() + " to " + count + " bytes, more than " + maxRatio
                            + " times",
                    null);
        }
    }

    private HttpRefusedException tooLarge() {
        return new HttpRefusedException(
                exchange.target(),
                Rule.BODY_TOO_LARGE,
                "the body is longer than the " + limit + " bytes allowed",
                null);
    }

    /** Refuses a body that says itself that it is too long; {@code length} is negative if it doesn't say. */
    void expect(long length) throws HttpRefusedException {
        if (isPlain() && length > limit) {
            throw tooLarge();
        }
    }

    /** Fills as much of the array as there is; -1 if there is nothing any more. */
    int fill(byte[] chunk) throws IOException {
        int filled = 0;
        while (filled < chunk.length) {
            int read = read(chunk, filled, chunk.length - filled);
            if (read < 0) {
                break;
            }
            filled += read;
        }
        return filled == 0 && chunk.length > 0 ? -1 : filled;
    }

    /** The whole body; {@code length} is what its header says, or negative. */
    byte[] readAll(long length) throws IOException {
        expect(length);
        boolean known = isPlain() && length >= 0;
        int most = (int) (known ? length : limit + 1); // one more shows that it is too much
        byte[] bytes = new byte[Math.min(most, known ? TRUSTED : BUFFER)];
        int filled = 0;
        for (; ; ) {
            if (filled == bytes.length) {
                if (filled == most) {
                    break;
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(most, (long) bytes.length * GROWTH));
            }
            int read = read(bytes, filled, bytes.length - filled);
            if (read < 0) {
                break;
            }
            filled += read;
        }
        if (filled == most) {
            drainTo(0);
        }
        return filled == bytes.length ? bytes : Arrays.copyOf(bytes, filled);
    }

    /** Reads on, at most so many bytes and one, so that a short rest does not cost the connection. */
    void drainTo(int most) throws IOException {
        byte[] sink = new byte[Math.min(most + 1, BUFFER)];
        for (long left = most + 1L; left > 0; ) {
            int read = wire.read(sink, 0, (int) Math.min(sink.length, left));
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }
}
