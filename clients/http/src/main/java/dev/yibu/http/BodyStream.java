package dev.yibu.http;

import dev.yibu.Coroutine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The body as users read it: each read that may wait is a foreign call of its own.
 *
 * <p>OkHttp's buffers and the decoders bear one thread at a time. So whoever reads has the body in hand meanwhile, and
 * whoever closes it meanwhile only stops the call: who has the body in hand then closes it when laying it down.
 */
final class BodyStream extends InputStream {
    private static final int TRANSFER = 256 * 1024;

    private enum Stage {
        IDLE,
        IN_HAND,
        /** In hand, and to be closed when it is laid down. */
        UNWANTED,
        CLOSED
    }

    private final Exchange exchange;
    private final Wire wire;
    private final Content content;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.IDLE);

    BodyStream(Exchange exchange, Wire wire, Content content) {
        this.exchange = exchange;
        this.wire = wire;
        this.content = content;
    }

    /** What is done while the body is in hand. */
    @FunctionalInterface
    private interface Use<T> {
        T run() throws IOException;
    }

    /**
     * Reads in a foreign call, for the answer's own methods.
     *
     * @throws IllegalStateException if the answer is closed, or another thread reads it
     */
    <T> T inBracket(Coroutine<? extends T, ? extends IOException> read) throws IOException {
        take(false);
        return inHand(() -> bracketed(read));
    }

    /** For the methods of a stream, of which the JDK wants an IOException when it is closed. */
    private <T> T asStream(Use<? extends T> use) throws IOException {
        take(true);
        return inHand(use);
    }

    private void take(boolean isStream) throws IOException {
        if (stage.compareAndSet(Stage.IDLE, Stage.IN_HAND)) {
            return;
        }
        if (!isClosed()) {
            throw new IllegalStateException("two tasks read one answer in the same moment; let one of them read it");
        }
        if (isStream) {
            throw new IOException("the answer is closed");
        }
        throw new IllegalStateException("the answer is closed");
    }

    private <T> T inHand(Use<? extends T> use) throws IOException {
        try {
            return use.run();
        } finally {
            if (!stage.compareAndSet(Stage.IN_HAND, Stage.IDLE)) {
                stage.set(Stage.CLOSED);
                giveBack();
            }
        }
    }

    private <T> T bracketed(Coroutine<? extends T, ? extends IOException> read) throws IOException {
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
                stage.set(Stage.UNWANTED);
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
        return asStream(() -> content.isPlain() && wire.isReady() && !exchange.hasEnded()
                ? content.read(b, off, len) // it need not wait
                : bracketed(() -> content.read(b, off, len)));
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        Objects.requireNonNull(out, "out");
        byte[] chunk = new byte[TRANSFER];
        long sum = 0;
        for (; ; ) {
            int filled = asStream(() -> bracketed(() -> content.fill(chunk)));
            if (filled < 0) {
                return sum;
            }
            out.write(chunk, 0, filled);
            sum += filled;
        }
    }

    @Override
    public int available() throws IOException {
        return asStream(() -> content.isPlain() ? wire.available() : 0);
    }

    /** Idempotent. Any thread; a read that is under way on another one fails. */
    @Override
    public void close() {
        for (; ; ) {
            switch (stage.get()) {
                case IDLE -> {
                    if (stage.compareAndSet(Stage.IDLE, Stage.CLOSED)) {
                        giveBack();
                        return;
                    }
                }
                case IN_HAND -> {
                    if (stage.compareAndSet(Stage.IN_HAND, Stage.UNWANTED)) {
                        exchange.abort("the answer was closed on another thread");
                        return;
                    }
                }
                default -> {
                    return;
                }
            }
        }
    }

    boolean isClosed() {
        Stage now = stage.get();
        return now == Stage.CLOSED || now == Stage.UNWANTED;
    }

    private void giveBack() {
        exchange.end(null);
        content.close();
    }
}
