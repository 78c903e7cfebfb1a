package dev.yibu.http;

import dev.yibu.Coroutine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** The body as users read it: each read that may wait is a foreign call of its own. */
final class BodyStream extends InputStream {
    private static final int TRANSFER = 256 * 1024;

    private final Exchange exchange;
    private final Wire wire;
    private final Content content;

    BodyStream(Exchange exchange, Wire wire, Content content) {
        this.exchange = exchange;
        this.wire = wire;
        this.content = content;
    }

    <T> T inBracket(Coroutine<? extends T, ? extends IOException> read) throws IOException {
        if (exchange.hasEnded() && !wire.isAtEnd()) {
            throw new IOException("the answer is closed");
        }
        boolean done = false;
        Throwable failure = null;
        try {
            T value = exchange.bracket().<T, IOException>call(read);
            done = true;
            return value;
        } catch (Throwable t) {
            failure = t;
            throw t;
        } finally {
            if (!done) {
                exchange.end(failure);
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        if (content.isPlain() && wire.isReady() && !exchange.hasEnded()) {
            return content.read(b, off, len); // it need not wait
        }
        return inBracket(() -> content.read(b, off, len));
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        Objects.requireNonNull(out, "out");
        byte[] chunk = new byte[TRANSFER];
        long sum = 0;
        for (; ; ) {
            int filled = inBracket(() -> content.fill(chunk));
            if (filled < 0) {
                return sum;
            }
            out.write(chunk, 0, filled);
            sum += filled;
        }
    }

    @Override
    public int available() {
        return content.isPlain() ? wire.available() : 0;
    }

    @Override
    public void close() {
        exchange.end(null);
    }
}
