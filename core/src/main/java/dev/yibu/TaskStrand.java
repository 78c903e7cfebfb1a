package dev.yibu;

import dev.yibu.CancelReason.Kind;
import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Throwing;
import dev.yibu.lowlevel.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a task: its strand, its body, and its outcome. {@link Task} is the handle that users hold; tasks of a
 * {@code gather} never have one unless they ask for it.
 */
class TaskStrand<T extends @Nullable Object> extends Strand implements Runnable, Thread.UncaughtExceptionHandler {
    private static final VarHandle AWAITERS;
    private static final VarHandle CALLBACKS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            AWAITERS = lookup.findVarHandle(TaskStrand.class, "awaiters", WaitQueue.class);
            CALLBACKS = lookup.findVarHandle(TaskStrand.class, "callbacks", Callbacks.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The group that owns this task; null for the main task of a {@code run}. */
    final @Nullable GroupScope group;

    /** What it does, until it begins: a function and its argument, since the tasks of a {@code gather} share a function. */
    private @Nullable AsyncFunction<Object, ? extends T, ?> function;

    private @Nullable Object argument;
    private final @Nullable String name;
    final @Nullable String site;

    // The neighbours in a roster, which guards them.
    @Nullable
    TaskStrand<?> previous;

    @Nullable
    TaskStrand<?> next;

    /** The place in a batch; written before the start. */
    Batch.@Nullable Chunk chunk;

    int slot;

    /** Null until the task has ended. */
    private volatile @Nullable Outcome<T> outcome;

    @SuppressWarnings("UnusedVariable") // through AWAITERS
    private volatile @Nullable WaitQueue<@Nullable Void> awaiters;

    @SuppressWarnings("UnusedVariable") // through CALLBACKS
    private volatile @Nullable Callbacks callbacks;

    /** Whether somebody has seen how the task ended. */
    private volatile boolean read;

    /** A child of a group, which inherits the context of the calling strand. */
    TaskStrand(GroupScope group, Coroutine<? extends T, ?> body, @Nullable String name) {
        this(group, body, name, contextOfCaller(group).captured());
    }

    /** A child of a group. */
    TaskStrand(GroupScope group, Coroutine<? extends T, ?> body, @Nullable String name, Context context) {
        this(group, Coroutine::run, body, name, context);
    }

    /** A child of a group, which applies a function. */
    @SuppressWarnings("unchecked") // it is applied to this argument alone
    <A extends @Nullable Object> TaskStrand(
            GroupScope group,
            AsyncFunction<? super A, ? extends T, ?> function,
            A argument,
            @Nullable String name,
            Context context) {
        super(group.strand().driver(), group, context);
        this.group = group;
        this.function = (AsyncFunction<Object, ? extends T, ?>) function;
        this.argument = argument;
        this.name = name;
        this.site = Sites.caller();
    }

    /** The main task of a {@code run}: a root, on the calling thread. */
    TaskStrand(Driver driver, @Nullable String name) {
        super(driver, null, Context.EMPTY);
        this.group = null;
        this.name = name;
        this.site = Sites.caller();
    }

    /** The main task of a {@code run} inside another call, on a thread that is no task. */
    TaskStrand(Strand caller, @Nullable String name) {
        super(caller.driver(), caller.scope(), caller.context());
        this.group = null;
        this.name = name;
        this.site = Sites.caller();
    }

    private static Context contextOfCaller(GroupScope group) {
        Strand caller = Strand.current();
        return (caller == null ? group.strand() : caller).context();
    }

    // ---------------------------------------------------------------- life

    void start() {
        if (isCancelled()) {
            forgetWork();
            complete(new Outcome.Cancellation<>(why()));
            return;
        }
        try {
            driver().start(this, this, name);
        } catch (RuntimeException | Error e) {
            forgetWork();
            complete(new Outcome.Failure<>(e));
        }
    }

    /** Whoever keeps the task need not keep what it worked on. */
    private void forgetWork() {
        function = null;
        argument = null;
    }

    /** The task's thread. */
    @Override
    public void run() {
        AsyncFunction<Object, ? extends T, ?> work = Objects.requireNonNull(function, "a task runs once");
        Object item = argument;
        forgetWork();
        bindForLife(this);
        Outcome<T> result = runBody(work, item);
        boolean swallowed = hasUnwound() && result instanceof Outcome.Success;
        if (swallowed || isHolding()) {
            bodyIsOver(); // what comes before the end is published is not the body's
        }
        if (swallowed) {
            Reports.swallowedCancellation(this);
        }
        complete(result);
    }

    /**
     * What the thread group would do. Nothing leaves {@link #run()}; this is for libraries that ask their thread for its
     * handler and call it.
     */
    @Override
    public void uncaughtException(Thread thread, Throwable exception) {
        ThreadGroup otherwise = thread.getThreadGroup();
        if (otherwise != null) {
            otherwise.uncaughtException(thread, exception);
        }
    }

    private Outcome<T> runBody(AsyncFunction<Object, ? extends T, ?> work, @Nullable Object item) {
        if (isCancelled()) {
            return new Outcome.Cancellation<>(why());
        }
        T value = null;
        Throwable thrown;
        try {
            Object given = Parametric.<Object>value(item);
            Context inherited = context();
            // Mostly without the frames of restore(): a million sleepers keep their stacks.
            value = inherited.carriesNothing() ? work.apply(given) : inherited.restore(() -> work.apply(given));
            thrown = endAdopted(null);
        } catch (Throwable t) {
            thrown = endAdopted(t);
        }
        thrown = translate(thrown);
        context(Context.EMPTY);
        if (thrown == null) {
            return Outcome.Success.of(Parametric.value(value));
        }
        if (thrown instanceof Cancelled cancelled) {
            if (!cancelled.failures().isEmpty()) {
                bodyIsOver();
                Reports.failedCleanUp(this, cancelled);
            }
            return new Outcome.Cancellation<>(isCancelled() ? why() : cancelled.reason());
        }
        return new Outcome.Failure<>(thrown);
    }

    private CancelReason why() {
        CancelReason why = effectiveReason();
        return why == null ? new CancelReason(Kind.REQUESTED, "cancelled") : why;
    }

    /** Runs the main task's body on the calling thread, and publishes its outcome. */
    <X extends Throwable> T runMain(Coroutine<? extends T, ? extends X> main) throws X {
        T value;
        try {
            value = parent() == null ? this.<T, X>runAsRoot(main) : this.<T, X>runInside(main);
        } catch (Throwable t) {
            read = true; // the caller of run sees it
            publish(
                    (t instanceof CancellationException || t instanceof Cancelled) && isCancelled()
                            ? new Outcome.Cancellation<>(why())
                            : new Outcome.Failure<>(t));
            throw Throwing.<X>any(t);
        }
        publish(Outcome.Success.of(value));
        return value;
    }

    @Override
    protected boolean isItsOwn() {
        return true;
    }

    @Override
    protected Throwable surfaced(Cancelled cancelled, CancelReason reason) {
        if (reason.kind() == Kind.SIGNAL) {
            return TerminationSignals.exception(reason);
        }
        return super.surfaced(cancelled, reason);
    }

    private void complete(Outcome<T> result) {
        GroupScope owner = group;
        if (owner != null && result instanceof Outcome.Failure<?>(Throwable exception)) {
            owner.announce(exception);
        }
        publish(result);
        threadEnds();
        if (owner != null) {
            owner.completed(this);
        }
    }

    /** Publishes how the task ended, and tells those who wait for it, before its group learns of it. */
    private void publish(Outcome<T> result) {
        outcome = result;
        endIsPublished();
        WaitQueue<@Nullable Void> waiting = awaiters;
        if (waiting != null) {
            waiting.resumeAll(null);
        }
        Callbacks registered = callbacks;
        if (registered != null) {
            registered.takeAll().forEach(callback -> call(callback, result));
        }
    }

    private void call(Callbacks.Callback callback, Outcome<T> result) {
        try {
            callback.callOnce(result);
        } catch (Throwable e) {
            Reports.failedCallback(this, e);
        }
    }

    // ---------------------------------------------------------------- what others see

    /** The outcome of a task that has ended. */
    Outcome<T> outcome() {
        return Objects.requireNonNull(outcome, "not ended");
    }

    @Nullable
    Outcome<T> outcomeOrNull() {
        return outcome;
    }

    boolean endedCancelled() {
        return outcome instanceof Outcome.Cancellation;
    }

    boolean isRead() {
        return read;
    }

    void markRead() {
        read = true;
    }

    @Override
    public boolean isFinished() {
        return outcome != null;
    }

    Callbacks.Callback whenDone(Consumer<Outcome<?>> consumer) {
        Callbacks.Callback added = new Callbacks.Callback(consumer);
        Outcome<T> ended = outcome;
        if (ended == null) {
            callbacksOfAll().add(added);
            ended = outcome; // the task looks after it has published that
        }
        if (ended != null) {
            call(added, ended);
        }
        return added;
    }

    private Callbacks callbacksOfAll() {
        Callbacks present = callbacks;
        if (present != null) {
            return present;
        }
        Callbacks created = new Callbacks();
        Object witness = CALLBACKS.compareAndExchange(this, (Callbacks) null, created);
        return witness == null ? created : (Callbacks) witness;
    }

    /** Takes back {@link #whenDone}; a call that has begun goes on. */
    void forget(Callbacks.Callback callback) {
        callback.cancel();
        Callbacks registered = callbacks;
        if (registered != null) {
            registered.remove(callback);
        }
    }

    /** Waits until the task has ended. */
    void awaitEnd(Strand waiter) {
        waiter.checkpoint();
        if (outcome != null) {
            return;
        }
        WaitQueue<@Nullable Void> queue = awaiters;
        if (queue == null) {
            queue = new WaitQueue<>();
            WaitQueue<@Nullable Void> witness =
                    castQueue(AWAITERS.compareAndExchange(this, (WaitQueue<?>) null, queue));
            if (witness != null) {
                queue = witness;
            }
        }
        Suspension<@Nullable Void> suspension = new Suspension<>(waiter, this);
        queue.add(suspension);
        if (outcome != null) {
            queue.remove(suspension);
            return;
        }
        DeadlockException deadlock = Deadlocks.find(waiter, this);
        if (deadlock != null) {
            queue.remove(suspension);
            throw deadlock;
        }
        queue.await(suspension);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static @Nullable WaitQueue<@Nullable Void> castQueue(@Nullable Object queue) {
        return (WaitQueue<@Nullable Void>) queue;
    }

    Iterable<Strand> awaitingStrands() {
        WaitQueue<@Nullable Void> queue = awaiters;
        return queue == null ? List.of() : queue.strands();
    }

    /** The task that the code of a strand belongs to: its own, or that of the strand it works for. */
    static @Nullable TaskStrand<?> of(@Nullable Strand strand) {
        return strand != null && strand.principal() instanceof TaskStrand<?> task ? task : null;
    }

    String name() {
        return name == null ? "task-" + id() : name;
    }

    @Override
    public String toString() {
        return "task \"" + name() + '"';
    }
}
