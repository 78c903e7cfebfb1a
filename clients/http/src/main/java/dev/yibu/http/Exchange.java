package dev.yibu.http;

import dev.yibu.Async;
import dev.yibu.http.HttpException.Target;
import dev.yibu.http.HttpTimeoutException.Phase;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Interruption;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.io.Serial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, from the wait for a place in the pool until the body has been read or closed. It is OkHttp's
 * listener for its own call, and so knows which phase the call is in.
 *
 * <p>Whatever happens, {@link #end} runs once: it gives back the place, stops the watch, and leaves the connection to the pool
 * if the answer was read to its end, or else closes it.
 *
 * <p><b>Threads.</b> The strand that sends the request does everything but {@link #abort}, which any thread may call, and
 * {@link #end}, which may come from whoever closes the answer while nobody reads it: {@link BodyStream} sees to that.
 */
final class Exchange extends EventListener {
    /** How often a request is sent again because it met connections that had gone stale in the pool. */
    private static final int STALE_TRIES = 3;

    /** What is left unread of a body up to here is read by OkHttp on close, so that the connection can be used again. */
    private static final long WORTH_DRAINING = 16 * 1024;

    /** Of a length: a {@code long} holds so many. */
    private static final int MOST_DIGITS = 18;

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** The one whose call the thread is about to take a connection for, or to make one. */
    static final ThreadLocal<@Nullable Exchange> CONNECTING = new ThreadLocal<>();

    /** What is done with an answer while its call's bracket is still open. */
    @FunctionalInterface
    interface Reader<T extends @Nullable Object> {
        T read(HttpResponse response) throws IOException;
    }

    final Engine engine;
    final Hop hop;
    private final Watch watch;
    private final @Nullable Trace trace;
    private final ForeignCall bracket;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final @Nullable Scouts scouts;
    private volatile Slots.@Nullable Host place;

    // Written by the strand, read by whoever aborts.
    private volatile @Nullable Call call;
    private volatile @Nullable CompletableFuture<?> awaited;

    /** Held while a call is stopped, and while OkHttp takes its connection back: an abort never hits the next user. */
    private final ReentrantLock handOver = new ReentrantLock();

    /** Whether the call has no connection any more that an abort could close. Guarded by the lock. */
    private boolean released;

    /** Why the call was stopped. Written once, by whoever aborts first, under the lock. */
    private volatile @Nullable String aborted;

    // Owned by the strand.
    private boolean acquired;
    private boolean fresh;
    private boolean sent;
    private boolean answered;
    private int addresses = 1;
    private @Nullable Outgoing outgoing;
    private @Nullable Response response;
    private @Nullable Wire wire;
    private Lines.@Nullable Line line;

    Exchange(Engine engine, Strand strand, Hop hop, HttpTimeouts timeouts, long totalDeadline) {
        this.engine = engine;
        this.hop = hop;
        this.scouts = engine.scouts(hop.url());
        this.watch = new Watch(strand.driver(), timeouts, totalDeadline, () -> abort("it took too long"));
        this.trace = engine.trace(strand.driver(), hop);
        this.bracket = ForeignCall.named(hop.name()).onCancel(() -> abort("it was cancelled"), GRACE);
    }

    Target target() {
        return hop.target();
    }

    ForeignCall bracket() {
        return bracket;
    }

    // ---------------------------------------------------------------- the strand

    /**
     * Sends the request and hands the answer to a reader, all in one bracket.
     *
     * @param keepsOpen whether the answer goes on to be read afterwards, and is ended by who reads it
     */
    <T extends @Nullable Object> T run(Reader<? extends T> reader, boolean keepsOpen) throws IOException {
        boolean done = false;
        Throwable failure = null;
        try {
            place = engine.slots().acquire(hop);
            engine.enter(this);
            if (trace != null) {
                trace.queued();
            }
            T value = bracket.<T, IOException>call(() -> reader.read(new HttpResponse(this, execute())));
            done = true;
            return value;
        } catch (Throwable t) {
            failure = t;
            throw t;
        } finally {
            if (!done || !keepsOpen) {
                end(failure);
            }
        }
    }

    private Response execute() throws IOException {
        watch.begin();
        for (int tries = 1; ; tries++) {
            awaitScout();
            Call next = client().newCall(request());
            begin(next);
            if (!hop.mayRepeat()) {
                CONNECTING.set(this); // for the socket of a connection that is there, which asks whether to look
            }
            acquired = false;
            fresh = false;
            sent = false;
            try {
                Response got = next.execute();
                response = got;
                return got;
            } catch (RuntimeException e) {
                if (e instanceof Nonsense || (sent && !answered)) { // neither the body nor its reader is at work
                    throw new HttpTransferException(target(), "the answer makes no sense: " + e.getMessage(), e);
                }
                throw e;
            } catch (IOException e) {
                if (tries == STALE_TRIES || !(isStale() || isUntouched(e))) {
                    throw failure(e);
                }
                leaveStale(tries == STALE_TRIES - 1);
                watch.enter(Phase.CONNECT);
            } finally {
                CONNECTING.remove();
                if (scouts != null) {
                    scouts.gaveUp(hop.origin(), this);
                }
            }
        }
    }

    /** Asked by the socket of a connection that is about to be used again: whether the thread's call could not be repeated. */
    static boolean hasOneTry() {
        Exchange exchange = CONNECTING.get();
        return exchange != null && !exchange.hop.mayRepeat();
    }

    /** Connections that several requests may share are all in one client; of others each has its own. */
    private OkHttpClient client() {
        if (scouts != null) {
            return engine.client();
        }
        Lines.Line taken = line;
        if (taken == null) {
            taken = engine.lines().take(hop.origin());
            line = taken;
        }
        return taken.client();
    }

    /** Another connection is next; if the last attempt is, a new one, since nobody knows how many others are stale. */
    private void leaveStale(boolean lastAttemptIsNext) {
        Lines.Line stale = line;
        if (stale != null) {
            line = null;
            engine.lines().giveBack(stale);
        }
        if (lastAttemptIsNext && stale != null) {
            engine.lines().giveUp(hop.origin());
        } else if (lastAttemptIsNext) {
            engine.client().connectionPool().evictAll();
        }
    }

    /** Waits, on the strand's thread and inside its bracket, while somebody else makes a connection to be shared. */
    private void awaitScout() throws IOException {
        if (scouts == null) {
            return;
        }
        for (; ; ) {
            CompletableFuture<@Nullable Void> over = scouts.before(hop.origin(), this);
            if (over == null) {
                return;
            }
            CompletableFuture<@Nullable Void> own = over.copy();
            awaited = own;
            if (aborted != null) {
                own.completeExceptionally(givenUp());
            }
            try {
                Async.await(own, UnknownHostException.class);
            } catch (UnknownHostException e) {
                throw failure(e);
            } finally {
                awaited = null;
            }
        }
    }

    private static UnknownHostException givenUp() {
        return new UnknownHostException("the lookup was given up");
    }

    private void begin(Call next) {
        handOver.lock();
        try {
            released = false;
            call = next;
        } finally {
            handOver.unlock();
        }
        if (aborted != null) {
            next.cancel();
        }
    }

    private Request request() {
        Request.Builder builder =
                new Request.Builder().url(hop.url()).headers(hop.headers()).tag(Exchange.class, this);
        HttpBody body = hop.body();
        outgoing = body == null ? null : new Outgoing(body, this);
        return builder.method(hop.method(), outgoing).build();
    }

    /**
     * Whether the call failed since the connection that it took from the pool was closed by the server, which could not
     * be known. Nothing else is sent again here, and this only if it may be.
     */
    private boolean isStale() {
        return acquired && !fresh && !answered && aborted == null && watch.expired() == null && hop.mayRepeat();
    }

    /**
     * Whether nothing was sent, or the server says, over HTTP/2, that it has not looked at the request: it has too many, or it
     * shuts the connection down. Then it may be sent again, whatever it asks for.
     */
    private boolean isUntouched(IOException thrown) {
        if (aborted != null || answered) {
            return false;
        }
        if (thrown instanceof Surplus) {
            return true;
        }
        if (!hop.hasRepeatableBody()) {
            return false;
        }
        String type = thrown.getClass().getSimpleName(); // of a package that OkHttp keeps to itself
        return type.equals("ConnectionShutdownException")
                || (type.equals("StreamResetException")
                        && Objects.requireNonNullElse(thrown.getMessage(), "").endsWith("REFUSED_STREAM"));
    }

    /** What an exception of OkHttp's means here. */
    IOException failure(IOException thrown) {
        if (thrown instanceof HttpException known) {
            return known;
        }
        if (Interruption.isBehind(thrown) && Thread.currentThread().isInterrupted()) {
            Async.checkpoint(); // somebody from outside wants the task, or the call on this thread, to end
        }
        Outgoing sent = outgoing;
        if (sent != null && sent.isOwnFailure(thrown)) {
            return thrown;
        }
        Phase late = watch.expired();
        if (late != null) {
            return watch.exception(target(), late, thrown);
        }
        String reason = aborted;
        if (reason != null) {
            return new HttpTransferException(target(), reason, thrown);
        }
        return Failures.of(target(), thrown, acquired, answered);
    }

    // ---------------------------------------------------------------- the body

    void openBody(Wire opened) {
        wire = opened;
    }

    void reading() {
        watch.enter(Phase.BETWEEN_BYTES);
    }

    void sending() {
        watch.enter(Phase.BETWEEN_BYTES);
    }

    void pausing() {
        watch.enter(null);
    }

    // ---------------------------------------------------------------- the end

    /** Stops the call, at once and wherever it is. Any thread; may block for a moment. */
    void abort(String reason) {
        handOver.lock();
        try {
            if (aborted == null) {
                aborted = reason;
            }
        } finally {
            handOver.unlock();
        }
        stop();
        CompletableFuture<?> waiting = awaited;
        if (waiting != null) {
            waiting.completeExceptionally(givenUp());
        }
    }

    private void stop() {
        handOver.lock();
        try {
            Call running = call;
            if (running != null && !released) {
                running.cancel();
            }
        } finally {
            handOver.unlock();
        }
    }

    boolean hasEnded() {
        return ended.get();
    }

    /** Gives everything back. The first call counts. */
    void end(@Nullable Throwable failure) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        watch.end();
        if (scouts != null) {
            scouts.gaveUp(hop.origin(), this); // others wait for it, if it did not come to its first attempt
        }
        try {
            closeResponse(failure);
        } finally {
            leavePool();
        }
        if (trace != null) {
            trace.ended(failure, wire == null ? 0 : wire.count());
        }
    }

    private void leavePool() {
        Lines.Line used = line;
        Slots.Host taken = place;
        try {
            if (used != null) {
                engine.lines().giveBack(used);
            }
        } finally {
            if (taken != null) {
                engine.slots().release(taken); // whoever comes next finds the line
            }
            engine.leave(this);
        }
    }

    private void closeResponse(@Nullable Throwable failure) {
        Response open = response;
        if (open == null) {
            return;
        }
        Wire read = wire;
        long length = open.body().contentLength();
        long left = length < 0 ? Long.MAX_VALUE : length - (read == null ? 0 : read.count());
        boolean isWhole = read != null && read.isAtEnd();
        if (!isWhole && (failure != null || aborted != null || left > WORTH_DRAINING)) {
            stop();
        }
        open.close();
    }

    // ---------------------------------------------------------------- what OkHttp tells

    @Override
    public void dnsStart(Call call, String domainName) {
        CONNECTING.set(this); // for Engine.lookUp, which is called next
    }

    /** Waits for the addresses of a host, on the strand's thread, inside its bracket. */
    List<InetAddress> lookUp(String host) throws UnknownHostException {
        CompletableFuture<List<InetAddress>> answer = engine.names().find(host);
        awaited = answer;
        if (aborted != null) {
            answer.completeExceptionally(givenUp());
        }
        try {
            List<InetAddress> found = Async.await(answer, UnknownHostException.class);
            addresses = Math.max(1, found.size());
            return found;
        } finally {
            awaited = null;
        }
    }

    /** What one of the host's addresses may take of the time to connect, in milliseconds; 0 for what the watch allows. */
    int connectShareMillis() {
        Duration connect = watch.timeouts().connect();
        return addresses == 1 || connect.equals(HttpTimeouts.NONE)
                ? 0
                : Math.clamp(connect.toMillis() / addresses, 1, Integer.MAX_VALUE);
    }

    @Override
    public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
        CONNECTING.set(this); // for the socket, which is made next
        if (scouts != null) {
            scouts.connects(hop.origin(), this);
        }
    }

    @Override
    public void connectEnd(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol) {
        fresh = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        acquired = true;
        if (scouts != null) {
            boolean shared =
                    connection.protocol() == Protocol.HTTP_2 || connection.protocol() == Protocol.H2_PRIOR_KNOWLEDGE;
            scouts.connected(hop.origin(), this, shared);
        }
        watch.enter(Phase.BETWEEN_BYTES);
        if (trace != null) {
            trace.connected(!fresh, connection);
        }
    }

    @Override
    public void requestHeadersEnd(Call call, Request request) {
        if (hop.body() == null) {
            sent(0);
        }
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
        sent(byteCount);
    }

    private void sent(long bodyBytes) {
        watch.enter(Phase.FIRST_BYTE);
        if (trace != null) {
            trace.sent(bodyBytes);
        }
        sent = true;
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        check(response);
        answered = true;
        watch.enter(null);
        if (trace != null) {
            trace.firstByte(response.code());
        }
    }

    /** Heads that leave it open where the answer ends. OkHttp would go on. */
    private static void check(Response response) {
        Headers headers = response.headers();
        String first = null;
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).equalsIgnoreCase("Content-Length")) {
                String length = headers.value(i);
                first = first == null ? length : first;
                if (!isLength(length) || !length.equals(first)) {
                    throw new Nonsense("its length is " + String.join(" and ", headers.values("Content-Length")));
                }
            }
        }
        if (headers.get("Transfer-Encoding") != null
                && !response.request().method().equals("HEAD")) {
            checkCodings(headers.values("Transfer-Encoding"));
        }
        if (response.code() == 101) {
            throw new Nonsense("it changes the protocol, and nobody asked for that");
        }
    }

    private static void checkCodings(List<String> codings) {
        String coding = codings.getFirst();
        boolean isKnown = coding.equalsIgnoreCase("chunked") || coding.equalsIgnoreCase("identity");
        if (codings.size() > 1 || !isKnown) {
            throw new Nonsense("nobody asked for its transfer encoding, " + String.join(", ", codings));
        }
    }

    private static boolean isLength(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MOST_DIGITS;
    }

    /** Thrown through OkHttp, which closes the connection of a call that fails so. */
    private static final class Nonsense extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        Nonsense(String message) {
            super(Quoted.of(message));
        }
    }

    /** The last byte of the answer is here; the connection goes back to the pool next. */
    @Override
    public void responseBodyEnd(Call call, long byteCount) {
        handOver.lock();
        try {
            released = true;
        } finally {
            handOver.unlock();
        }
    }
}
