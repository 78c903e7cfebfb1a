package dev.yibu.http;

import java.io.IOException;
import java.io.OutputStream;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way through OkHttp. It tells what goes wrong with the body itself from what goes wrong with the connection:
 * the former is the caller's own exception and stays so.
 */
final class Outgoing extends RequestBody {
    private static final int PIECE = 64 * 1024;

    private final HttpBody body;
    private final Exchange exchange;
    private @Nullable Throwable ofConnection;
    private @Nullable Throwable ofBody;

    Outgoing(HttpBody body, Exchange exchange) {
        this.body = body;
        this.exchange = exchange;
    }

    @SuppressWarnings("ReferenceEquality") // this very exception
    boolean isOwnFailure(Throwable thrown) {
        return thrown == ofBody;
    }

    /** The header is among the hop's. */
    @Override
    public @Nullable MediaType contentType() {
        return null;
    }

    @Override
    public long contentLength() {
        return body.length();
    }

    /** So that OkHttp never sends it again by itself. */
    @Override
    public boolean isOneShot() {
        return true;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // as it was thrown, it comes through the body
    public void writeTo(BufferedSink sink) throws IOException {
        exchange.pausing(); // until the body has something to send
        try {
            body.writeTo(new Paced(sink));
        } catch (Throwable t) {
            if (t != ofConnection) {
                ofBody = t;
            }
            throw t;
        }
    }

    /** Only the time that the other side takes counts, not what the body takes. */
    private final class Paced extends OutputStream {
        private final BufferedSink sink;

        Paced(BufferedSink sink) {
            this.sink = sink;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            for (int written = 0; written < len; ) {
                int piece = Math.min(PIECE, len - written);
                int from = off + written;
                paced(() -> sink.write(b, from, piece));
                written += piece;
            }
        }

        @Override
        public void flush() throws IOException {
            paced(sink::flush);
        }

        private void paced(Step step) throws IOException {
            exchange.sending();
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                ofConnection = e;
                throw e;
            } finally {
                exchange.pausing();
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }
}
