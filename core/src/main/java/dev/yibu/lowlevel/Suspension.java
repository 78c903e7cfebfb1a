package dev.yibu.lowlevel;

import dev.yibu.Cancelled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One wait of one strand: the only way in which the library itself waits. Compare {@code trio.lowlevel.
 * wait_task_rescheduled}.
 *
 * <p><b>Usage.</b> The strand creates a suspension, leaves it where the party that ends the wait will find it, and calls
 * {@link #await}. Any thread ends it with {@link #resume} or {@link #fail}. Between them and a cancellation there is one
 * winner: if {@code resume} returns true its value <em>is</em> what {@code await} returns, and if it returns false the
 * value was not taken and can be given to somebody else. Nothing is delivered twice or lost.
 *
 * <p><b>Cancellation.</b> If the strand's scope is effectively cancelled, on entry or later, the abort handler is called,
 * once, on the strand's own thread. It takes the suspension back from wherever it was left and answers {@link
 * Abort#ABORTED}; then the wait is over unless somebody has resumed it meanwhile. Or it answers {@link Abort#TOO_LATE}:
 * somebody will still resume it, and the wait goes on. The handler must not wait.
 *
 * <p><b>Memory effects.</b> What happened before {@code resume} or {@code fail} is visible after {@code await}.
 *
 * @param <T> what the wait yields
 */
public final class Suspension<T extends @Nullable Object> implements Patience.Awaited {

    /** What an abort handler answers. */
    public enum Abort {
        /** The suspension has been taken back; nobody is obliged to resume it. */
        ABORTED,
        /** It can't be taken back; somebody will resume it. */
        TOO_LATE
    }

    /** Takes a suspension back from where it was left. */
    @FunctionalInterface
    public interface AbortHandler {
        /**
         * Called at most once, on the waiting strand's thread.
         *
         * @return whether that was possible
         */
        Abort abort();
    }

    private static final AbortHandler NOTHING_TO_TAKE_BACK = () -> Abort.ABORTED;
    private static final Object ABORTED = new Object();
    private static final Object NULL = new Object();

    private record Failed(Throwable thrown) {}

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Suspension.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Strand strand;
    private final Object on;

    // Guarded by the lock of the queue that it stands in.
    @Nullable
    WaitQueue<?> queue;

    @Nullable
    Suspension<?> previous;

    @Nullable
    Suspension<?> next;

    /** Whether {@link #await} is to be woken by a cancellation; written by the strand. */
    private volatile boolean abortable;

    /**
     * Whether the strand may be parked. It writes this, then looks at the state; who ends the wait writes the state, then looks
     * at this: so one of them sees the other, and a strand that has not come to park needs no waking.
     */
    private volatile boolean parks;

    /** Null while pending, then for ever: the value, {@link #NULL}, a {@link Failed} or {@link #ABORTED}. */
    private volatile @Nullable Object state;

    /**
     * A wait that the strand is about to begin.
     *
     * @param strand the calling strand
     * @param on what it is going to wait for; its {@code toString} appears in listings and reports
     */
    public Suspension(Strand strand, Object on) {
        this.strand = Objects.requireNonNull(strand, "strand");
        this.on = Objects.requireNonNull(on, "on");
    }

    /**
     * Ends the wait with a value. Any thread.
     *
     * @param value what {@link #await} is to return
     * @return whether it was still pending; if not, nothing has happened
     */
    public boolean resume(T value) {
        return finish(value == null ? NULL : value);
    }

    /**
     * Ends the wait with an exception. Any thread.
     *
     * @param thrown what {@link #await} is to throw
     * @return whether it was still pending; if not, nothing has happened
     */
    public boolean fail(Throwable thrown) {
        return finish(new Failed(Objects.requireNonNull(thrown, "thrown")));
    }

    private boolean finish(Object result) {
        if (!STATE.compareAndSet(this, null, result)) {
            return false;
        }
        wake();
        return true;
    }

    /**
     * The first half of {@link #resume}: decides that the wait ends with this value, but lets the strand sleep on. For
     * callers that hold a lock; whoever gets true must call {@link #wake} soon, without the lock. Any thread.
     *
     * @param value what {@link #await} is to return
     * @return whether it was still pending; if not, nothing has happened
     */
    public boolean claim(T value) {
        return STATE.compareAndSet(this, null, value == null ? NULL : value);
    }

    /** The second half of {@link #resume}: makes the strand look. Any thread, as often as it likes. */
    public void wake() {
        if (parks) {
            strand.driver().unpark(strand);
        }
    }

    /**
     * Whether nobody has ended the wait yet. Any thread.
     *
     * @return whether {@link #resume} would still succeed, if nothing comes in between
     */
    @Override
    public boolean isPending() {
        return state == null;
    }

    /**
     * What the strand waits for.
     *
     * @return as given to the constructor
     */
    public Object on() {
        return on;
    }

    /**
     * Who waits.
     *
     * @return the strand
     */
    public Strand strand() {
        return strand;
    }

    /**
     * Waits; there is nothing to take back when the wait is cancelled.
     *
     * @return the value given to {@link #resume}
     * @throws Cancelled if the current scope is effectively cancelled and nobody resumed the wait
     */
    public T await() {
        return await(NOTHING_TO_TAKE_BACK);
    }

    /**
     * Waits until somebody ends the wait, or the current scope is effectively cancelled.
     *
     * @param handler called when it is cancelled
     * @return the value given to {@link #resume}
     * @throws Cancelled if the current scope is effectively cancelled and the handler could take the suspension back
     */
    public T await(AbortHandler handler) {
        Objects.requireNonNull(handler, "handler");
        abortable = true;
        return park(handler);
    }

    /**
     * Waits until somebody ends the wait. A cancellation does not end it; the strand meets it afterwards.
     *
     * @return the value given to {@link #resume}
     */
    public T awaitUncancellably() {
        return park(null);
    }

    private T park(@Nullable AbortHandler handler) {
        AbortHandler untried = handler;
        boolean interruptSwallowed = false;
        if (state == null) {
            parks = true;
        }
        Suspension<?> before = strand.currentWait();
        strand.beginWait(this);
        if (Thread.currentThread().isInterrupted()) {
            interruptSwallowed = strand.takeInterrupt();
        }
        while (state == null) {
            if (untried != null && strand.isToUnwind()) {
                AbortHandler once = untried;
                untried = null;
                abortable = false;
                if (once.abort() == Abort.ABORTED && STATE.compareAndSet(this, null, ABORTED)) {
                    strand.endAbortedWait(before);
                    throw strand.unwind();
                }
                continue;
            }
            strand.driver().park(strand, this);
            if (Thread.currentThread().isInterrupted()) {
                interruptSwallowed |= strand.takeInterrupt();
            }
        }
        strand.endWait(before, interruptSwallowed);
        return result();
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // NULL was a T
    private T result() {
        Object result = Objects.requireNonNull(state);
        if (result instanceof Failed(Throwable thrown)) {
            throw Throwing.<RuntimeException>any(thrown);
        }
        return (T) (result == NULL ? null : result);
    }

    /** Called by cancellers. */
    void wakeToLook() {
        if (abortable) {
            strand.driver().unpark(strand);
        }
    }

    @Override
    public String toString() {
        return strand + " waits for " + on;
    }
}
