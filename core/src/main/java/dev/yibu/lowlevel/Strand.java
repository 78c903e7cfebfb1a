package dev.yibu.lowlevel;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import java.lang.System.Logger.Level;
import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * How a cancellation reaches a thread
 *
 * The state is in the scopes: a strand is to unwind when its current scope is effectively cancelled. What remains is to
 * make it look. A canceller, having written the state, visits every strand below (deliver). There are three cases.
 *
 * 1. It waits at the waist: it is woken, looks, and throws.
 * 2. It is in the bracket of a foreign call: the bracket's abort hook runs.
 * 3. It is anywhere else, perhaps blocked in foreign code, perhaps computing: it is interrupted.
 *
 * Both sides publish before they look: the strand publishes "I wait", or "my current scope is", and then looks at the
 * state; the canceller writes the state and then looks at the strand. One of them sees the other.
 *
 * The interrupt of case 3 is delicate. Delivered too late it hits what follows: clean-up, code outside the scope, the
 * next borrower of a thread. So it goes through a window, one word for each strand. The canceller ARMS it, the
 * interrupter turns that into FIRING, looks again whether the interrupt is still owed, interrupts, and leaves DELIVERED.
 * The strand closes the window whenever it leaves a scope, enters a shield or throws Cancelled: it disarms, or waits for
 * an interrupter that is already firing, and clears the flag if that flag is ours.
 *
 * Each cancellation owes a strand one interrupt. The debt is paid when the strand throws Cancelled, or by an interrupt;
 * an interrupt whose flag is still set when the window closes has been met by nobody, and is owed again. So is, when the
 * grace of a shield is over, what was paid before: it does not end what hangs inside the shield.
 * Where the strand goes on to user code although something is owed (a wait returned its value after all, a shield or an
 * inner scope ended), it interrupts itself, or else the next foreign call would block for ever.
 */

/**
 * A thread of control that Yibu knows: a task's virtual thread, or a thread from outside for as long as it is inside a
 * call of Yibu. It is the outermost cancel scope of its own stack of scopes, knows what it waits for, and carries the
 * context that child tasks inherit.
 *
 * <p><b>Thread-safety.</b> Methods that act on "the strand" are for that strand's own thread, unless they say otherwise.
 */
public class Strand extends CancelScope {
    private static final ThreadLocal<@Nullable Strand> CURRENT = new ThreadLocal<>();

    /** By the order of their entry; ids are numbers of their drivers, of which there may be several. */
    private static final Map<Long, Strand> ROOTS = new ConcurrentSkipListMap<>();

    private static final AtomicLong ENTERED = new AtomicLong();

    private static final int ARMED = 1;
    private static final int FIRING = 2;
    private static final int FIRE_AGAIN = 4;
    private static final int DELIVERED = 8;

    /** With {@link #FIRE_AGAIN}: although it is paid. */
    private static final int EVEN_IF_PAID = 16;

    private static final int FLAGS = ARMED | FIRING | FIRE_AGAIN | DELIVERED | EVEN_IF_PAID;

    /** Above the flags the window counts what was delivered, so that two deliveries are two states. */
    private static final int DELIVERY = FLAGS + 1;

    private static final long NEVER = -1;
    private static final VarHandle WINDOW;
    private static final VarHandle THREAD;
    private static final VarHandle ID;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WINDOW = lookup.findVarHandle(Strand.class, "window", int.class);
            THREAD = lookup.findVarHandle(Strand.class, "thread", Thread.class);
            ID = lookup.findVarHandle(Strand.class, "id", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Driver driver;

    /** Zero until somebody asks: most tasks of a large batch never show their number. */
    private volatile long id;

    /** Set by the strand's thread before it runs anything. */
    private volatile @Nullable Thread thread;

    /** The strand whose call this one is, on the same thread; written before {@link #thread}. */
    private @Nullable Strand beneath;

    // Written by the strand, read by cancellers and listings.
    private volatile @Nullable CancelScope inner; // the current scope; null stands for the strand itself
    private volatile @Nullable Suspension<?> waiting;
    private volatile ForeignCall.@Nullable Bracket foreign;
    private volatile @Nullable Strand helper;

    /** Of all strands below the same root. */
    private final Cancellations cancellations;

    /** Whether an interrupt that was not ours has been taken for a request to cancel. */
    private volatile boolean interruptedFromOutside;

    /** The interrupt window: a combination of the flags above, none if it is closed, and a count of deliveries. */
    private volatile int window;

    /** The outermost cancelled scope beyond this strand for which the debt is paid. */
    private volatile @Nullable CancelScope paidBeyond;

    // Owned by the strand.
    private Context context;
    private boolean unwound;

    /** The count of cancellations at which its scope was seen not to be cancelled, or {@link #NEVER}. */
    private long quietSince = NEVER;

    /** Expires its deadlines; null until it has one. */
    private @Nullable Alarm alarm;

    /** The newest of what it has to give back; mostly nothing. */
    private @Nullable Holding holdings;

    /** Whether the thread that this strand is bound to for life has another strand for the moment. */
    private boolean covered;

    /** Whether the body is over, so that nothing may interrupt the thread any more. */
    private volatile boolean over;

    /**
     * A strand that has no thread yet.
     *
     * @param driver the driver that runs it
     * @param parent the scope that it belongs to, or null for a root
     * @param context what it inherits
     */
    public Strand(Driver driver, @Nullable CancelScope parent, Context context) {
        super(parent);
        this.driver = Objects.requireNonNull(driver, "driver");
        this.context = Objects.requireNonNull(context, "context");
        this.cancellations = parent == null ? new Cancellations() : parent.strand.cancellations;
    }

    // ---------------------------------------------------------------- strand and thread

    /**
     * The strand of the calling thread.
     *
     * @return the strand, or null if the thread is not inside any call of Yibu
     */
    public static @Nullable Strand current() {
        Thread thread = Thread.currentThread();
        if (!thread.isVirtual()) {
            return CURRENT.get();
        }
        UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
        if (handler instanceof Strand strand && strand.thread == thread && !strand.covered) {
            return strand;
        }
        Strand strand = CURRENT.get();
        return strand == null && !(handler instanceof ThreadGroup) ? findAlive(thread) : strand;
    }

    /** The strand of a thread whose handler was set by somebody else, who may have replaced the strand there. */
    private static @Nullable Strand findAlive(Thread thread) {
        Deque<Strand> todo = new ArrayDeque<>(ROOTS.values());
        for (Strand strand = todo.poll(); strand != null; strand = todo.poll()) {
            if (strand.thread == thread) {
                CURRENT.set(strand);
                return strand;
            }
            strand.visitBelow(todo::add);
        }
        return null;
    }

    /**
     * The strands of threads that entered Yibu from outside, the oldest first. Everything else alive is below them.
     *
     * @return a snapshot
     */
    public static List<Strand> roots() {
        return List.copyOf(ROOTS.values());
    }

    /**
     * Makes the calling thread this strand's thread.
     *
     * @return the strand that the thread had before, to be given to {@link #unbind}
     */
    public final @Nullable Strand bind() {
        Strand previous = current();
        if (previous != null) {
            previous.covered = true;
        }
        thread = Thread.currentThread();
        CURRENT.set(this);
        return previous;
    }

    /**
     * Makes the calling virtual thread, which was started for this strand and ends with it, this strand's thread. A field
     * of the thread holds the strand: a thread-local would cost each task the map for it.
     *
     * @param self this strand as the handler that the thread is given
     * @param <S> this strand's type
     */
    protected final <S extends Strand & UncaughtExceptionHandler> void bindForLife(S self) {
        Thread own = Thread.currentThread();
        thread = own; // volatile, since the strand looks at the cancel state next
        own.setUncaughtExceptionHandler(self);
    }

    /**
     * Ends what {@link #bind} began.
     *
     * @param previous what {@code bind} returned
     */
    public final void unbind(@Nullable Strand previous) {
        endAlarm();
        if (previous == null) {
            CURRENT.remove();
        } else {
            previous.covered = false;
            CURRENT.set(previous);
        }
    }

    /**
     * Runs {@code body} with this root strand on a thread that comes from outside, and translates what must not get
     * there: a {@link Cancelled} becomes a {@link CancellationException}, and if an interrupt from outside caused it, the
     * thread's interrupt flag is set again.
     *
     * @param body what to run
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the body's value
     * @throws X as the body does
     * @throws CancellationException if the strand was cancelled
     */
    public final <T extends @Nullable Object, X extends Throwable> T runAsRoot(Coroutine<? extends T, ? extends X> body)
            throws X {
        Objects.requireNonNull(body, "body");
        driver.enter(this);
        Strand previous = bind();
        long number = ENTERED.incrementAndGet();
        ROOTS.put(number, this);
        Throwable failure = null;
        try {
            T value = body.run();
            failure = endAdopted(null);
            if (failure == null) {
                return value;
            }
        } catch (Throwable t) {
            failure = endAdopted(t);
        } finally {
            bodyIsOver();
            thread = null;
            ROOTS.remove(number);
            unbind(previous);
            if (interruptedFromOutside) {
                Thread.currentThread().interrupt();
            }
            driver.leave(this);
        }
        throw Throwing.<X>any(surfaced(Objects.requireNonNull(failure)));
    }

    /**
     * Runs {@code body} with this strand on the calling thread, for which another strand, the one whose scope is this one's
     * parent, has called: for a task of its own inside a call on a thread that is no task. A {@link Cancelled} passes if the
     * caller is cancelled, and is translated, as by {@link #runAsRoot}, if only this strand is. An interrupt from outside
     * is for the outermost call on the thread.
     *
     * @param body what to run
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the body's value
     * @throws X as the body does
     * @throws CancellationException if this strand was cancelled, and the caller was not
     */
    public final <T extends @Nullable Object, X extends Throwable> T runInside(Coroutine<? extends T, ? extends X> body)
            throws X {
        Objects.requireNonNull(body, "body");
        CancelScope around = Objects.requireNonNull(parent, "a root has no caller");
        Strand caller = around.strand;
        driver.enter(this);
        beneath = caller;
        Strand previous = bind();
        caller.helper = this; // from here on a cancellation finds this strand; what came before is seen by a checkpoint
        caller.closeInterruptWindow(caller.scope());
        Throwable failure = null;
        try {
            if (isToUnwind()) {
                throw unwind();
            }
            T value = body.run();
            failure = translate(endAdopted(null));
            if (failure == null) {
                return value;
            }
        } catch (Throwable t) {
            failure = translate(endAdopted(t));
        } finally {
            over = true;
            boolean met = !clearWindow();
            bodyIsOver();
            thread = null;
            unbind(previous);
            caller.helper = null;
            caller.returned(met ? paidBeyond : null, failure);
            driver.leave(this);
        }
        if (failure instanceof Cancelled cancelled && !around.isCancelled()) {
            CancelReason own = reason();
            throw Throwing.<X>any(surfaced(cancelled, own == null ? cancelled.reason() : own));
        }
        throw Throwing.<X>any(Objects.requireNonNull(failure));
    }

    /** A strand that ran inside this one has ended. Its interrupt for a cancellation of this one was the one owed. */
    private void returned(@Nullable CancelScope paidInside, @Nullable Throwable failure) {
        if (failure instanceof Cancelled && scope().isCancelled()) {
            unwound |= isCancelled();
            settle();
            return;
        }
        if (paidInside != null && paidInside == scope().outermostCancelled()) {
            pay();
        }
        interruptIfOwed();
    }

    private Throwable surfaced(Throwable failure) {
        Throwable translated = Objects.requireNonNull(translate(failure));
        if (!(translated instanceof Cancelled cancelled)) {
            return translated;
        }
        CancelReason reason = effectiveReason();
        return surfaced(cancelled, reason == null ? cancelled.reason() : reason);
    }

    /**
     * What a cancelled call throws on a thread that is not one of Yibu's.
     *
     * @param cancelled what unwound the call
     * @param reason why it was cancelled
     * @return an exception that may leave Yibu
     */
    protected Throwable surfaced(Cancelled cancelled, CancelReason reason) {
        CancellationException exception = new CancellationException(reason.message());
        exception.initCause(cancelled.getCause() == null ? reason.cause() : cancelled.getCause());
        for (Throwable suppressed : cancelled.getSuppressed()) {
            exception.addSuppressed(suppressed);
        }
        return exception;
    }

    /**
     * Runs {@code body} on the calling thread, which has no strand, with a strand for as long as it takes.
     *
     * @param body what to run
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the body's value
     * @throws X as the body does
     * @throws CancellationException if the thread was interrupted meanwhile
     */
    public static <T extends @Nullable Object, X extends Throwable> T attached(Coroutine<? extends T, ? extends X> body)
            throws X {
        return new Visit().<T, X>runAsRoot(body);
    }

    /** The strand of a thread that is inside a call for a while. */
    private static final class Visit extends Strand {
        Visit() {
            super(Driver.real(), null, Context.EMPTY);
        }
    }

    /**
     * The driver that runs this strand. Any thread may ask.
     *
     * @return the driver
     */
    public final Driver driver() {
        return driver;
    }

    /**
     * A number that no other strand of this driver has. It is given when it is first asked for. Any thread may ask.
     *
     * @return the number
     */
    public final long id() {
        if (id == 0) {
            ID.compareAndSet(this, 0L, driver.nextId());
        }
        return id;
    }

    /**
     * The thread that runs this strand. Any thread may ask.
     *
     * @return the thread, or null if it has not begun
     */
    public final @Nullable Thread thread() {
        return thread;
    }

    /**
     * What it waits for at the waist. Any thread may ask.
     *
     * @return such as a task, a lock, a time; null if it does not wait
     */
    public final @Nullable Object waitingFor() {
        Suspension<?> suspension = waiting;
        return suspension == null ? null : suspension.on();
    }

    /**
     * The bracketed foreign call that it is in. Any thread may ask.
     *
     * @return the name of the call, or null
     */
    public final @Nullable String foreignCall() {
        ForeignCall.Bracket bracket = foreign;
        return bracket == null ? null : bracket.name();
    }

    /**
     * The strand's innermost scope. Any thread may ask.
     *
     * @return the current scope
     */
    public final CancelScope scope() {
        CancelScope innermost = inner;
        return innermost == null ? this : innermost;
    }

    /**
     * The context that child tasks inherit.
     *
     * @return the context
     */
    public final Context context() {
        return context;
    }

    /**
     * Replaces the context.
     *
     * @param context the new one
     */
    public final void context(Context context) {
        this.context = Objects.requireNonNull(context, "context");
    }

    /**
     * Whether the strand's body has ended. Any thread may ask.
     *
     * @return false, unless a subclass knows better
     */
    public boolean isFinished() {
        return false;
    }

    /**
     * Whether a thread that runs this strand may be interrupted. Any thread may ask.
     *
     * @return true, unless a subclass knows better, or the strand beneath it on the thread
     */
    protected boolean interruptible() {
        Strand below = beneath;
        return below == null || below.interruptible();
    }

    /**
     * Whether the strand has thrown {@link Cancelled} at some checkpoint because it was itself cancelled as a whole.
     *
     * @return whether a normal end would mean that the cancellation was swallowed
     */
    public final boolean hasUnwound() {
        return unwound;
    }

    /**
     * Says that the body is over: from here on nothing interrupts the thread, no interrupt of ours is left over, and
     * what the strand still has is abandoned.
     */
    protected final void bodyIsOver() {
        over = true;
        clearWindow();
        for (Holding left = holdings; left != null; left = holdings) {
            letGo(left);
            left.abandoned(this);
        }
    }

    // ---------------------------------------------------------------- what it holds

    /**
     * The strand whose work this one does: itself, but for the strand of a {@code blocking} call or the like, which works
     * for its caller. Any thread may ask while this strand runs or waits.
     *
     * @return the strand of the task, if this strand belongs to one
     */
    public final Strand principal() {
        Strand strand = this;
        for (CancelScope outer = strand.parent;
                outer != null && !strand.isItsOwn() && outer.strand.helper == strand;
                outer = strand.parent) {
            strand = outer.strand;
        }
        return strand;
    }

    /**
     * Whether what this strand does is its own work, although another one may wait for its end.
     *
     * @return false, unless a subclass knows better
     */
    protected boolean isItsOwn() {
        return false;
    }

    /**
     * Who has what this strand acquires: its {@link #principal()}. If that is a thread from outside, which is a strand
     * only until its call returns, it is that thread. Any thread may ask while this strand runs or waits.
     *
     * @return a {@code Strand} or a {@code Thread}
     */
    public final Object holder() {
        Strand principal = principal();
        return principal instanceof Visit ? Objects.requireNonNull(principal.thread) : principal;
    }

    /**
     * Remembers something that has to be given back before this strand ends. Called by this strand, or by one that works
     * for it.
     *
     * @param holding something that is in no strand's list
     */
    public final void hold(Holding holding) {
        Objects.requireNonNull(holding, "holding");
        if (holding.holder != null) {
            throw new IllegalStateException(holding + " is held by " + holding.holder);
        }
        Holding newest = holdings;
        holding.holder = this;
        holding.next = newest;
        if (newest != null) {
            newest.previous = holding;
        }
        holdings = holding;
    }

    /**
     * Takes back {@link #hold}. Called by this strand, or by one that works for it, before it gives the thing back.
     *
     * @param holding something that is in this strand's list
     */
    public final void letGo(Holding holding) {
        Objects.requireNonNull(holding, "holding");
        if (holding.holder != this) {
            throw new IllegalStateException(holding + " is not held by " + this);
        }
        Holding newer = holding.previous;
        Holding older = holding.next;
        if (newer == null) {
            holdings = older;
        } else {
            newer.next = older;
        }
        if (older != null) {
            older.previous = newer;
        }
        holding.holder = null;
        holding.previous = null;
        holding.next = null;
    }

    /**
     * Whether this strand has something to give back.
     *
     * @return whether there are {@link #holdings()}
     */
    protected final boolean isHolding() {
        return holdings != null;
    }

    /**
     * What this strand has to give back, the newest first. To be asked by the strand itself, or where it can't run.
     *
     * @return a snapshot
     */
    public final List<Holding> holdings() {
        List<Holding> all = new ArrayList<>();
        for (Holding holding = holdings; holding != null; holding = holding.next) {
            all.add(holding);
        }
        return all;
    }

    /**
     * As {@link #bodyIsOver}, for a strand that holds nothing and has published its end, so that {@link #isFinished()} says
     * the same: one publication for both.
     */
    protected final void endIsPublished() {
        clearWindow();
    }

    /** Forgets the thread, which is about to end: whoever keeps the strand need not keep the thread. No timer is left. */
    protected final void threadEnds() {
        endAlarm();
        THREAD.setRelease(this, null);
    }

    // ---------------------------------------------------------------- checkpoints

    /**
     * Looks at the cancel state, and throws if the current scope is effectively cancelled. An interrupt from outside
     * that has arrived since is taken for a request to cancel the strand.
     *
     * @throws Cancelled if so
     */
    public final void checkpoint() {
        driver.crossing(this);
        if (Thread.currentThread().isInterrupted()) {
            noticeInterrupt();
        }
        if (isToUnwind()) {
            throw unwind();
        }
    }

    /**
     * Whether the current scope is effectively cancelled. It is not, if it was not when the strand last looked and no
     * cancellation has begun in its whole tree since: then there is no need to walk up the parents. A canceller counts, then
     * looks at the strands; a strand says that it waits, then looks at the count.
     */
    final boolean isToUnwind() {
        if (cancellations.begun() == quietSince) {
            return false;
        }
        long written = cancellations.written();
        long begun = cancellations.begun();
        if (scope().isCancelled()) {
            return true;
        }
        if (written == begun) {
            quietSince = begun;
        }
        return false;
    }

    final Cancellations cancellations() {
        return cancellations;
    }

    /** Pays what is owed and makes the exception that unwinds the current scope, which is effectively cancelled. */
    final Cancelled unwind() {
        return unwind(null);
    }

    /**
     * Pays what is owed and makes the exception that unwinds the current scope.
     *
     * @param cause what the cancellation surfaced as in foreign code, or null
     * @return the exception to throw
     */
    public final Cancelled unwind(@Nullable Throwable cause) {
        CancelReason reason = scope().effectiveReason();
        unwound |= isCancelled();
        settle();
        return new Cancelled(
                reason == null ? new CancelReason(Kind.REQUESTED, "cancelled") : reason,
                cause == null && reason != null ? reason.cause() : cause);
    }

    /** Pays what is owed without an interrupt, since a {@link Cancelled} is on its way. */
    final void settle() {
        pay();
        clearWindow();
    }

    /**
     * Says that another exception is going to be thrown in the place of a {@link Cancelled}: what that one paid is owed
     * again, and the strand is interrupted, or else the foreign call of whoever catches the other exception never ends.
     */
    public final void cancellationDropped() {
        oweAgain(scope());
        interruptIfOwed();
    }

    /** Deals with an interrupt flag that is set. If it is not ours, it asks us to cancel this strand. */
    final void noticeInterrupt() {
        if ((window & (FIRING | DELIVERED)) == 0 && Thread.interrupted()) {
            interruptedFromOutside();
        }
    }

    /** Somebody has interrupted the thread: that asks for the end of the outermost call on it. */
    private void interruptedFromOutside() {
        Strand outermost = this;
        for (Strand below = beneath; below != null; below = below.beneath) {
            outermost = below;
        }
        outermost.interruptedFromOutside = true;
        outermost.cancel(new CancelReason(Kind.INTERRUPTED, "interrupted"));
    }

    /**
     * What a foreign exception means: if the strand is effectively cancelled and the exception is on the closed list of
     * what an interrupt makes of foreign code, it is that cancellation.
     *
     * @param thrown any throwable or null
     * @return {@code thrown}, or a {@link Cancelled} with it as the cause
     */
    public final @Nullable Throwable translate(@Nullable Throwable thrown) {
        if (thrown == null || thrown instanceof Cancelled || !scope().isCancelled()) {
            return thrown;
        }
        return Interruption.isBehind(thrown) ? unwind(thrown) : thrown;
    }

    // ---------------------------------------------------------------- the stack of scopes

    final void push(CancelScope entered) {
        if (entered.parent != scope()) {
            throw new IllegalStateException(
                    "a scope must be entered by the strand, and inside the scope, that made it");
        }
        inner = entered;
        if (entered.reason() != null) { // who cancelled it before has not found it here
            quietSince = NEVER;
            if (!entered.shielding) { // a shield sees to that itself
                interruptIfOwed();
            }
        }
    }

    final void pop(CancelScope left, @Nullable Throwable thrown) {
        CancelScope outer = left.parent;
        if (left != inner || outer == null) {
            throw new IllegalStateException("scopes must be left in the reverse order of their entry");
        }
        inner = outer;
        if (left instanceof Shield) {
            quietSince = NEVER; // what it kept out
        }
        closeInterruptWindow(outer);
        if (owes()) {
            if (thrown instanceof Cancelled) {
                pay();
            } else {
                interruptSelf();
            }
        }
    }

    /** The alarm for the deadlines of its scopes; for the strand's own thread. */
    final Alarm alarm() {
        Alarm present = alarm;
        if (present == null) {
            present = new Alarm(this);
            alarm = present;
        }
        return present;
    }

    private void endAlarm() {
        Alarm present = alarm;
        if (present != null) {
            alarm = null;
            present.end();
        }
    }

    // ---------------------------------------------------------------- waits

    final void beginWait(Suspension<?> suspension) {
        waiting = suspension;
    }

    /**
     * Ends a wait that has its result.
     *
     * @param before what the strand waited for before, if waits nest
     * @param interruptSwallowed whether the wait took an interrupt of ours that user code is to see
     */
    final void endWait(@Nullable Suspension<?> before, boolean interruptSwallowed) {
        waiting = before;
        if (before == null && (interruptSwallowed || (isToUnwind() && owes()))) {
            interruptSelf();
        }
    }

    /** Ends a wait that a cancellation has ended; {@link #unwind} follows. */
    final void endAbortedWait(@Nullable Suspension<?> before) {
        waiting = before;
    }

    final @Nullable Suspension<?> currentWait() {
        return waiting;
    }

    /** Takes an interrupt that ended a park; returns whether it was ours. */
    final boolean takeInterrupt() {
        if ((window & (FIRING | DELIVERED)) != 0) {
            return clearWindow();
        }
        noticeInterrupt();
        return false;
    }

    /**
     * Passes the strands directly below this one to {@code visitor}: those that its scopes own, and the one that works for
     * it on another thread. Any thread may call this.
     *
     * @param visitor receives each strand
     */
    public final void visitBelow(Consumer<? super Strand> visitor) {
        Objects.requireNonNull(visitor, "visitor");
        Strand working = helper;
        if (working != null) {
            visitor.accept(working);
        }
        for (CancelScope s = scope(); s != null; s = s.parent) {
            s.visitOwned(visitor);
            if (s == this) {
                return;
            }
        }
    }

    /** Whether it is to unwind, and has neither ended nor waits, unless for an abort hook. Any thread. */
    final boolean runsOnThoughCancelled() {
        Object on = waitingFor();
        return thread != null
                && !over
                && !isFinished()
                && (on == null || on instanceof ForeignCall.Bracket)
                && helper == null
                && scope().isCancelled();
    }

    // ---------------------------------------------------------------- foreign calls and helpers

    final ForeignCall.@Nullable Bracket enterForeign(ForeignCall.Bracket bracket) {
        ForeignCall.Bracket outer = foreign;
        foreign = bracket;
        return outer;
    }

    final void exitForeign(ForeignCall.@Nullable Bracket outer) {
        foreign = outer;
    }

    /** Interrupts itself if a cancellation is owed one; to be called before user code goes on. */
    final void interruptIfOwed() {
        if (owes()) {
            interruptSelf();
        }
    }

    /**
     * Names the strand that works for this one on a thread of someone else's, so that cancellation reaches its waits.
     *
     * @param helper the other strand, or null
     */
    public final void helper(@Nullable Strand helper) {
        this.helper = helper;
        if (helper == null) {
            interruptIfOwed(); // while there was one, cancellation went there
        }
    }

    /**
     * Whether another strand works for this one, and this one waits for it. Any thread may ask.
     *
     * @return whether there is a helper
     */
    public final boolean isHelped() {
        return helper != null;
    }

    /**
     * The strand that works for this one, on a thread of someone else's, while this one waits. Any thread may ask.
     *
     * @return the helper, or null
     */
    public final @Nullable Strand helper() {
        return helper;
    }

    // ---------------------------------------------------------------- delivery; any thread

    /** Visits this strand and everything below it, and makes look whoever is effectively cancelled. */
    final void deliver() {
        Deque<Strand> todo = new ArrayDeque<>();
        todo.add(this);
        for (Strand strand = todo.poll(); strand != null; strand = todo.poll()) {
            strand.deliverHere(todo);
        }
        Stragglers.askForSweep(driver);
    }

    private void deliverHere(Deque<Strand> todo) {
        if (isFinished()) {
            return;
        }
        boolean cancelled = parent != null && parent.isCancelled();
        CancelScope innermost = scope();
        if (innermost == this) {
            cancelled = deliverTo(this, cancelled, todo);
        } else {
            List<CancelScope> stack = new ArrayList<>();
            for (CancelScope s = innermost; s != this && s != null; s = s.parent) {
                stack.add(s);
            }
            cancelled = deliverTo(this, cancelled, todo);
            for (CancelScope s : stack.reversed()) {
                cancelled = deliverTo(s, cancelled, todo);
            }
        }
        if (!cancelled) {
            return;
        }
        Strand working = helper;
        if (working != null) {
            todo.add(working);
        }
        wake();
    }

    /** Returns whether the scope is effectively cancelled, given whether the one around it is. */
    private static boolean deliverTo(CancelScope scope, boolean outerCancelled, Deque<Strand> todo) {
        boolean cancelled = outerCancelled;
        if (scope.shielding) {
            if (cancelled) {
                ((Shield) scope).startGrace();
            }
            cancelled = false;
        }
        cancelled |= scope.reason() != null;
        if (cancelled) {
            scope.visitChildren(todo::add);
        }
        for (CancelScope group : scope.adopted()) {
            if (cancelled || group.reason() != null) {
                group.visitChildren(todo::add);
            }
        }
        return cancelled;
    }

    private void wake() {
        Suspension<?> suspension = waiting;
        if (suspension != null) {
            suspension.wakeToLook();
            return;
        }
        if (helper != null) {
            return; // it does this strand's work, perhaps on this very thread
        }
        ForeignCall.Bracket bracket = foreign;
        if (bracket != null) {
            bracket.abort();
            return;
        }
        Thread runner = thread;
        if (runner == null || over || !interruptible()) {
            return; // not begun: it looks by itself
        }
        if (runner == Thread.currentThread()) {
            if (owes()) {
                interruptSelf();
            }
        } else {
            arm();
        }
    }

    // ---------------------------------------------------------------- the interrupt window

    /** Asks for an interrupt; any thread. */
    final void arm() {
        for (; ; ) {
            int w = window;
            if ((w & FIRING) != 0) {
                if (WINDOW.compareAndSet(this, w, w | FIRE_AGAIN)) {
                    return;
                }
            } else if ((w & ARMED) != 0) {
                return;
            } else if (WINDOW.compareAndSet(this, w, w | ARMED)) {
                driver.interrupt(this::fireInterrupt);
                return;
            }
        }
    }

    /** Interrupts the strand's thread if that is still owed. Called by an interrupter; may block. */
    final void fireInterrupt() {
        int w;
        do {
            w = window;
            if ((w & ARMED) == 0) {
                return;
            }
        } while (!WINDOW.compareAndSet(this, w, (w & ~ARMED) | FIRING)); // the strand now waits for us where it closes
        fire(false);
    }

    /** Interrupts the strand's thread, which can't leave the foreign call that it is in before this returns. */
    final void interruptNow() {
        for (; ; ) {
            int w = window;
            if ((w & FIRING) != 0) {
                if (WINDOW.compareAndSet(this, w, w | FIRE_AGAIN | EVEN_IF_PAID)) {
                    return; // that interrupter does it
                }
            } else if (WINDOW.compareAndSet(this, w, (w & ~ARMED) | FIRING)) {
                fire(true);
                return;
            }
        }
    }

    /** The part of an interrupter during which the strand can't close the window. */
    private void fire(boolean thoughPaid) {
        int delivered = 0;
        for (boolean unconditionally = thoughPaid; ; ) {
            Thread runner = thread;
            if (runner != null
                    && !over
                    && !isFinished()
                    && interruptible()
                    && waiting == null
                    && helper == null
                    && !isLeftToHooks()
                    && (unconditionally || owes())) {
                if (driver.isInterrupted(this)
                        && ((window | delivered) & DELIVERED) == 0) { // somebody else's, which ours would hide
                    interruptedFromOutside();
                }
                pay();
                delivered = DELIVERED;
                try {
                    runner.interrupt();
                } catch (Throwable e) { // of a foreign channel's close; the strand waits for the end of this
                    System.getLogger("dev.yibu").log(Level.WARNING, "the interrupt of " + this + " failed", e);
                }
            }
            int w = window;
            if ((w & FIRE_AGAIN) != 0) {
                unconditionally =
                        WINDOW.compareAndSet(this, w, w & ~(FIRE_AGAIN | EVEN_IF_PAID)) && (w & EVEN_IF_PAID) != 0;
            } else {
                int count = (w & ~FLAGS) + (delivered == 0 ? 0 : DELIVERY);
                if (WINDOW.compareAndSet(this, w, count | (w & DELIVERED) | delivered)) {
                    return;
                }
                unconditionally = false;
            }
        }
    }

    private boolean isLeftToHooks() {
        ForeignCall.Bracket bracket = foreign;
        return bracket != null && bracket.isLeftToHooks();
    }

    private void interruptSelf() {
        ForeignCall.Bracket bracket = foreign;
        if (bracket != null && bracket.isLeftToHooks()) {
            bracket.abort(); // the canceller has not seen it, or has seen that it waited
            return;
        }
        if (!interruptible()) {
            return;
        }
        if (Thread.currentThread().isInterrupted()) {
            noticeInterrupt(); // somebody else's, which ours would hide
        }
        clearWindow();
        pay();
        WINDOW.getAndBitwiseOr(this, DELIVERED); // an ARMED of a later cancellation stays
        Thread.currentThread().interrupt();
    }

    /**
     * From here on no interrupt of ours arrives, and none is left over. If one was left that nobody had met, what is
     * cancelled from {@code from} outwards owes it again.
     */
    final void closeInterruptWindow(@Nullable CancelScope from) {
        if (clearWindow()) {
            oweAgain(from);
        }
    }

    /**
     * Closes the window; returns whether a flag of ours was still set. The flag is cleared before the window says so: an
     * interrupter of another cancellation that sees the flag behind a closed window takes it for somebody else's.
     */
    @SuppressWarnings("ThreadPriorityCheck") // it waits for an interrupter, for a moment as a rule
    private boolean clearWindow() {
        boolean cleared = false;
        for (int spins = 0; ; spins++) {
            int w = window;
            if ((w & FLAGS) == 0) {
                return cleared;
            }
            if ((w & FIRING) != 0) {
                if (spins < 64) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
                continue;
            }
            if ((w & DELIVERED) != 0) {
                cleared |= Thread.interrupted();
            }
            if (WINDOW.compareAndSet(this, w, w & ~FLAGS)) { // not if another interrupt has come since
                return cleared;
            }
        }
    }

    /** Takes back the payment for every cancellation from a scope of this strand outwards. */
    final void oweAgain(@Nullable CancelScope from) {
        for (CancelScope s = from; s != null; s = s.parent) {
            if (s.strand != this) {
                break;
            }
            s.paid = false;
            if (s.shielding) {
                return; // what lies beyond does not reach the strand
            }
        }
        paidBeyond = null;
    }

    /** Whether some cancellation that reaches the current scope has neither been thrown here nor interrupted us. */
    private boolean owes() {
        for (CancelScope s = scope(); ; s = s.parent) {
            if (s == null) {
                return false;
            }
            if (s.reason() != null && !s.paid) {
                return true;
            }
            if (s.shielding) {
                return false;
            }
            if (s == this) {
                break;
            }
        }
        CancelScope beyond = parent == null ? null : parent.outermostCancelled();
        return beyond != null && beyond != paidBeyond;
    }

    private void pay() {
        for (CancelScope s = scope(); s != null; s = s.parent) {
            if (s.reason() != null) {
                s.paid = true;
            }
            if (s.shielding) {
                return;
            }
            if (s == this) {
                break;
            }
        }
        paidBeyond = parent == null ? null : parent.outermostCancelled();
    }

    @Override
    public String toString() {
        return "strand " + id();
    }
}
