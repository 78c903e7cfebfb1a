package dev.yibu.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import okio.BufferedSource;

/** An answer's body as it comes, without the framing of HTTP. For use inside the exchange's bracket. */
final class Wire extends InputStream {
    private final Exchange exchange;
    private final BufferedSource source;
    private final long length;
    private long count;
    private boolean atEnd;

    /**
     * Nothing has been read.
     *
     * @param length how long the body is to be, or negative; over HTTP/2 OkHttp does not see that it is shorter
     */
    Wire(Exchange exchange, BufferedSource source, long length) {
        this.exchange = exchange;
        this.source = source;
        this.length = length;
    }

    /** How many bytes have been read. */
    long count() {
        return count;
    }

    /** Whether the whole body has been read. */
    boolean isAtEnd() {
        return atEnd;
    }

    /** Whether the next read will not have to wait, since bytes are there. */
    boolean isReady() {
        return source.getBuffer().size() > 0;
    }

    /** Whether there is nothing left; waits for a byte to be sure. */
    boolean isExhausted() throws IOException {
        if (isReady()) {
            return false;
        }
        exchange.reading();
        try {
            if (!source.exhausted()) {
                return false;
            }
        } catch (IOException e) {
            throw exchange.failure(e);
        } finally {
            exchange.pausing();
        }
        finish();
        return true;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (atEnd) {
            return -1;
        }
        int read;
        if (isReady()) {
            read = source.read(b, off, len);
        } else {
            exchange.reading();
            try {
                read = source.read(b, off, len);
            } catch (IOException e) {
                throw exchange.failure(e);
            } finally {
                exchange.pausing();
            }
        }
        if (read < 0) {
            finish();
        } else {
            count += read;
        }
        return read;
    }

    @Override
    public int available() {
        return (int) Math.min(source.getBuffer().size(), Integer.MAX_VALUE);
    }

    private void finish() throws IOException {
        if (count < length) {
            throw exchange.failure(new EOFException());
        }
        atEnd = true;
        exchange.end(null);
    }
}
