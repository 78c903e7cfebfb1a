package dev.yibu;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Resources that are released together, the last one first: for resources whose number or kind is known only at run time.
 * Compare {@code contextlib.AsyncExitStack}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=resource-stack}
 *
 * <p><b>Cancellation.</b> Each release runs shielded, with the grace of the enclosing {@code run}, so it may wait although
 * the task is cancelled. A cancellation during {@link #acquire} surfaces from the acquisition itself; once that has
 * returned, its release is certain.
 *
 * <p><b>What the block leaves open.</b> A stack is no scope. A generator, or results as they complete, that the block has
 * left by {@code break} end with the enclosing scope, hence after the releases: until then their tasks may use what has been
 * released. Close them in the block, {@link #add} them to the stack after the resource that they use, or use {@link
 * Async#using}, which ends them before its release.
 *
 * <p><b>Failure.</b> Each release runs whatever the others do. The first failure is thrown by {@link #close()}, with its
 * own type and the later ones suppressed; try-with-resources adds it to an exception of the body.
 *
 * <p><b>Thread-safety.</b> For one task.
 */
public final class ResourceStack implements AutoCloseable {
    private final Deque<Action<?>> releases = new ArrayDeque<>();
    private boolean closed;

    /** An empty stack. */
    public ResourceStack() {}

    /**
     * Acquires a resource and remembers how to release it.
     *
     * @param acquire yields the resource; may wait
     * @param release gives it back; may wait
     * @param <R> the resource
     * @param <X> what both may throw, here or at {@link #close()}
     * @return the resource
     * @throws X if the acquisition does
     */
    public <R extends @Nullable Object, X extends Throwable> R acquire(
            Coroutine<? extends R, ? extends X> acquire, AsyncConsumer<? super R, ? extends X> release) throws X {
        Objects.requireNonNull(acquire, "acquire");
        Objects.requireNonNull(release, "release");
        checkOpen();
        R resource = acquire.run();
        releases.push(() -> release.accept(resource));
        return resource;
    }

    /**
     * Remembers to close a resource.
     *
     * @param resource an open resource
     * @param <R> its type
     * @return the resource
     */
    public <R extends AutoCloseable> R add(R resource) {
        Objects.requireNonNull(resource, "resource");
        checkOpen();
        releases.push(resource::close);
        return resource;
    }

    /**
     * Remembers something to do at the end.
     *
     * @param release runs at {@link #close()}; may wait
     * @param <X> what it may throw at {@link #close()}
     * @throws X never here; declared so that the block's signature carries it
     */
    public <X extends Throwable> void defer(Action<? extends X> release) throws X {
        Objects.requireNonNull(release, "release");
        checkOpen();
        releases.push(release);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the resource stack is closed");
        }
    }

    /** Releases everything, the last acquired first. Idempotent. */
    @Override
    public void close() {
        closed = true;
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.attached(() -> {
                close();
                return true;
            });
            return;
        }
        Throwable first = null;
        for (Action<?> release = releases.poll(); release != null; release = releases.poll()) {
            try {
                release(strand, release);
            } catch (Throwable t) {
                if (first == null) {
                    first = t;
                } else {
                    Failures.suppress(first, t);
                    if (t instanceof Cancelled && !(first instanceof Cancelled)) {
                        strand.cancellationDropped();
                    }
                }
            }
        }
        if (first != null) {
            throw Throwing.<RuntimeException>any(first);
        }
    }

    /** Runs one release, shielded with the default grace. */
    static void release(Strand strand, Action<?> release) throws Throwable {
        Timeouts.<@Nullable Void, Throwable>shield(strand, RunScope.graceNanos(strand), Actions.asCoroutine(release));
    }

    /** What {@code Async.using} does. */
    static <R extends @Nullable Object, T extends @Nullable Object, X extends Throwable> T using(
            Strand strand,
            Coroutine<? extends R, ? extends X> acquire,
            AsyncConsumer<? super R, ? extends X> release,
            AsyncFunction<? super R, ? extends T, ? extends X> body)
            throws X {
        strand.checkpoint();
        R resource = acquire.run();
        T value = null;
        Throwable thrown = null;
        Use use = new Use(strand);
        use.enter();
        try {
            value = body.apply(resource);
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = use.leave(thrown);
        if (thrown != null) {
            try {
                release(strand, () -> release.accept(resource));
            } catch (Throwable t) {
                Failures.suppress(thrown, t);
                if (t instanceof Cancelled && !(thrown instanceof Cancelled)) {
                    strand.cancellationDropped();
                }
            }
            throw Throwing.<X>any(thrown);
        }
        try {
            release(strand, () -> release.accept(resource));
        } catch (Throwable t) {
            throw Throwing.<X>any(t);
        }
        return Parametric.value(value);
    }

    /** The body's scope: what it leaves open, such as an iteration over the resource, ends before the release. */
    private static final class Use extends CancelScope {
        Use(Strand strand) {
            super(strand);
        }
    }
}
