package dev.yibu.sync;

import dev.yibu.Action;
import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.Task;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Selectable.Chosen;
import dev.yibu.lowlevel.Selectable.Registration;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first of several things, and does exactly one of them: {@code import static dev.yibu.sync.Select.*;}.
 * Compare Go's {@code select} and {@code asyncio.wait(..., FIRST_COMPLETED)}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=select}
 *
 * <p><b>Branches.</b> {@link Channel#receiving}, {@link Channel#sending}, {@link Queue#getting}, {@link Queue#putting}, a
 * {@link Task}, a time ({@link #after}, {@link #at}), and what is to be done if none of them is ready ({@link
 * #otherwise}). A branch can be used again and again.
 *
 * <p><b>The losers lose nothing.</b> What was not chosen did not happen: nothing was received or sent there, and a task
 * that was not chosen goes on.
 *
 * <p><b>Fairness.</b> If several branches are ready, {@link #select} takes one of them at random, and {@link
 * #selectInOrder} the first in the order of the arguments. If none is, the first one to become ready is taken.
 *
 * <p><b>Cancellation.</b> A checkpoint; if it throws {@link Cancelled}, no branch was taken. A branch's function runs on
 * the calling thread, after the choice.
 *
 * <p><b>Failure.</b> Whatever the thing or the function throws: the failure of a task, {@link ChannelClosedException}.
 */
public final class Select {

    /**
     * A thing to wait for, and what to do then. Made by the methods of {@link Select}.
     *
     * @param <R> what it yields
     * @param <X> what it may throw
     */
    public static final class Branch<R extends @Nullable Object, X extends Throwable> {
        /** Null if this is the branch for the case that no other is ready. */
        private final @Nullable Selectable<?> source;

        private final AsyncFunction<Object, ? extends R, ? extends X> body;

        private Branch(@Nullable Selectable<?> source, AsyncFunction<Object, ? extends R, ? extends X> body) {
            this.source = source;
            this.body = body;
        }
    }

    private static final Object NOTHING = new Object();

    private final Strand strand;
    private final List<Selectable<?>> sources = new ArrayList<>();
    private final List<Selectable<?>> locked = new ArrayList<>();
    private final List<Registration> registrations = new ArrayList<>();

    private Select(Strand strand) {
        this.strand = strand;
    }

    // ---------------------------------------------------------------- the call

    /**
     * Waits until a branch is ready, and does what it says; if several are ready, a random one.
     *
     * @param branches at least one
     * @param <R> what they yield
     * @param <X> what they may throw
     * @return the value of the chosen branch
     * @throws X if the function of the chosen branch does
     * @throws Cancelled if the caller is cancelled before a branch was chosen
     * @throws IllegalArgumentException if there is no branch
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <R extends @Nullable Object, X extends Throwable> R select(
            Branch<? extends R, ? extends X>... branches) throws X {
        return Select.<R, X>among(branches, true);
    }

    /**
     * {@link #select} with preferences: if several branches are ready, the first of them in the order of the arguments. An
     * early branch that is always ready keeps later ones from ever being chosen.
     *
     * @param branches at least one
     * @param <R> what they yield
     * @param <X> what they may throw
     * @return the value of the chosen branch
     * @throws X if the function of the chosen branch does
     * @throws Cancelled if the caller is cancelled before a branch was chosen
     * @throws IllegalArgumentException if there is no branch
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <R extends @Nullable Object, X extends Throwable> R selectInOrder(
            Branch<? extends R, ? extends X>... branches) throws X {
        return Select.<R, X>among(branches, false);
    }

    private static <R extends @Nullable Object, X extends Throwable> R among(
            Branch<? extends R, ? extends X>[] branches, boolean fair) throws X {
        Branch<? extends R, ? extends X> otherwise = null;
        List<Branch<? extends R, ? extends X>> waited = new ArrayList<>(branches.length);
        for (Branch<? extends R, ? extends X> branch : branches) {
            Objects.requireNonNull(branch, "branch");
            if (branch.source != null) {
                waited.add(branch);
            } else if (otherwise == null) {
                otherwise = branch;
            } else {
                throw new IllegalArgumentException("a select can have only one branch for \"otherwise\"");
            }
        }
        if (branches.length == 0) {
            throw new IllegalArgumentException("a select needs at least one branch, or it would wait for ever");
        }
        Strand current = Strand.current();
        if (current == null) {
            return Strand.<R, X>attached(() -> Select.<R, X>among(branches, fair));
        }
        Select select = new Select(current);
        waited.forEach(branch -> select.add(branch.source));
        Chosen chosen = select.choose(fair, otherwise == null);
        if (chosen == null) {
            return Objects.requireNonNull(otherwise).body.apply(NOTHING);
        }
        return waited.get(chosen.branch()).body.apply(chosen.value());
    }

    // ---------------------------------------------------------------- branches

    /**
     * A branch that does something with a value.
     *
     * @param source what to wait for
     * @param body takes what it yields
     * @param <V> what it yields
     * @param <R> what the branch yields
     * @param <X> what the function may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <V extends @Nullable Object, R extends @Nullable Object, X extends Throwable> Branch<R, X> on(
            Selectable<? extends V> source, AsyncFunction<? super V, ? extends R, ? extends X> body) throws X {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(body, "body");
        return new Branch<>(source, raw -> body.apply(source.value(raw)));
    }

    /**
     * The void form of {@link #on(Selectable, AsyncFunction)}.
     *
     * @param source what to wait for
     * @param body takes what it yields
     * @param <V> what it yields
     * @param <X> what the function may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <V extends @Nullable Object, X extends Throwable> Branch<@Nullable Void, X> onRun(
            Selectable<? extends V> source, AsyncConsumer<? super V, ? extends X> body) throws X {
        Objects.requireNonNull(body, "body");
        return Select.<V, @Nullable Void, X>on(source, value -> {
            body.accept(value);
            return null;
        });
    }

    /**
     * A branch that needs no value, as after a send.
     *
     * @param source what to wait for
     * @param body what to do then
     * @param <R> what the branch yields
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <R extends @Nullable Object, X extends Throwable> Branch<R, X> on(
            Selectable<?> source, Coroutine<? extends R, ? extends X> body) throws X {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(body, "body");
        return new Branch<>(source, raw -> {
            source.value(raw);
            return body.run();
        });
    }

    /**
     * The void form of {@link #on(Selectable, Coroutine)}.
     *
     * @param source what to wait for
     * @param body what to do then
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Branch<@Nullable Void, X> on(Selectable<?> source, Action<? extends X> body)
            throws X {
        return Select.<@Nullable Void, X>on(source, asCoroutine(body));
    }

    /**
     * A branch for the end of a task. If it failed, its failure is thrown; {@link Task#awaitingOutcome} yields it instead.
     *
     * @param task the task; if another branch is chosen, it goes on
     * @param body takes its value
     * @param <V> the task's value
     * @param <R> what the branch yields
     * @param <X> what the function may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <V extends @Nullable Object, R extends @Nullable Object, X extends Throwable> Branch<R, X> on(
            Task<V> task, AsyncFunction<? super V, ? extends R, ? extends X> body) throws X {
        return Select.<V, R, X>on(task.awaiting(), body);
    }

    /**
     * The void form of {@link #on(Task, AsyncFunction)}.
     *
     * @param task the task; if another branch is chosen, it goes on
     * @param body takes its value
     * @param <V> the task's value
     * @param <X> what the function may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <V extends @Nullable Object, X extends Throwable> Branch<@Nullable Void, X> onRun(
            Task<V> task, AsyncConsumer<? super V, ? extends X> body) throws X {
        return Select.<V, X>onRun(task.awaiting(), body);
    }

    /**
     * A branch that is ready when so much time has passed since the beginning of the select.
     *
     * @param delay how long; zero or less is ready at once
     * @param body what to do then
     * @param <R> what the branch yields
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <R extends @Nullable Object, X extends Throwable> Branch<R, X> after(
            Duration delay, Coroutine<? extends R, ? extends X> body) throws X {
        Objects.requireNonNull(delay, "delay");
        return Select.<R, X>on(new Moment(_ -> delay, delay), body);
    }

    /**
     * The void form of {@link #after(Duration, Coroutine)}.
     *
     * @param delay how long; zero or less is ready at once
     * @param body what to do then
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Branch<@Nullable Void, X> after(Duration delay, Action<? extends X> body)
            throws X {
        return Select.<@Nullable Void, X>after(delay, asCoroutine(body));
    }

    /**
     * A branch that is ready from a moment of the {@linkplain Async#clock() clock} on.
     *
     * @param moment the moment
     * @param body what to do then
     * @param <R> what the branch yields
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <R extends @Nullable Object, X extends Throwable> Branch<R, X> at(
            Instant moment, Coroutine<? extends R, ? extends X> body) throws X {
        Objects.requireNonNull(moment, "moment");
        return Select.<R, X>on(new Moment(now -> Duration.between(now, moment), moment), body);
    }

    /**
     * The void form of {@link #at(Instant, Coroutine)}.
     *
     * @param moment the moment
     * @param body what to do then
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Branch<@Nullable Void, X> at(Instant moment, Action<? extends X> body)
            throws X {
        return Select.<@Nullable Void, X>at(moment, asCoroutine(body));
    }

    /**
     * The branch that is taken if no other is ready: with it, a select does not wait.
     *
     * @param body what to do then
     * @param <R> what the branch yields
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <R extends @Nullable Object, X extends Throwable> Branch<R, X> otherwise(
            Coroutine<? extends R, ? extends X> body) throws X {
        Objects.requireNonNull(body, "body");
        return new Branch<>(null, _ -> body.run());
    }

    /**
     * The void form of {@link #otherwise(Coroutine)}.
     *
     * @param body what to do then
     * @param <X> what it may throw
     * @return the branch
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Branch<@Nullable Void, X> otherwise(Action<? extends X> body) throws X {
        return Select.<@Nullable Void, X>otherwise(asCoroutine(body));
    }

    private static <X extends Throwable> Coroutine<@Nullable Void, X> asCoroutine(Action<? extends X> body) {
        Objects.requireNonNull(body, "body");
        return () -> {
            body.run();
            return null;
        };
    }

    // ---------------------------------------------------------------- the choice

    private void add(@Nullable Selectable<?> source) {
        sources.add(Objects.requireNonNull(source));
    }

    /** The chosen branch, and null if none is ready and it may not wait. */
    private @Nullable Chosen choose(boolean fair, boolean mayWait) {
        strand.checkpoint();
        int[] order = fair ? shuffled(strand.driver().random()) : inOrder();
        List<Suspension<?>> claimed = new ArrayList<>(1);
        Suspension<Object> suspension = null;
        @Nullable Object[] unlocked = pollWithoutLock(claimed);
        lockAll();
        try {
            for (int branch : order) {
                Selectable<?> source = sources.get(branch);
                Object raw = source.rank() == 0 ? unlocked[branch] : source.poll(claimed);
                if (raw != null) {
                    return new Chosen(branch, raw);
                }
            }
            if (!mayWait) {
                return null;
            }
            suspension = new Suspension<>(strand, this);
            register(suspension, true);
        } finally {
            unlockAll();
            claimed.forEach(Suspension::wake);
        }
        register(suspension, false);
        Chosen chosen = (Chosen) suspension.await(this::takeBack);
        takeBack();
        return chosen;
    }

    /** What the branches say that have no lock: what is ready there remains so, and is not used up by asking. */
    private @Nullable Object[] pollWithoutLock(List<Suspension<?>> claimed) {
        @Nullable Object[] ready = new @Nullable Object[sources.size()];
        for (int branch = 0; branch < ready.length; branch++) {
            Selectable<?> source = sources.get(branch);
            if (source.rank() == 0) {
                ready[branch] = source.poll(claimed);
            }
        }
        return ready;
    }

    private int[] inOrder() {
        int[] order = new int[sources.size()];
        Arrays.setAll(order, i -> i);
        return order;
    }

    private int[] shuffled(RandomGenerator random) {
        int[] order = inOrder();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** Takes each lock once, in the order of the ranks. */
    private void lockAll() {
        List<Selectable<?>> ranked = new ArrayList<>(sources.size());
        for (Selectable<?> source : sources) {
            if (source.rank() != 0) {
                ranked.add(source);
            }
        }
        ranked.sort(Comparator.comparingLong(Selectable::rank));
        long last = 0;
        for (Selectable<?> source : ranked) {
            if (source.rank() != last) {
                last = source.rank();
                source.lock();
                locked.add(source);
            }
        }
    }

    private void unlockAll() {
        locked.forEach(Selectable::unlock);
        locked.clear();
    }

    private void register(Suspension<Object> suspension, boolean withLock) {
        for (int branch = 0; branch < sources.size(); branch++) {
            Selectable<?> source = sources.get(branch);
            if ((source.rank() != 0) == withLock) {
                registrations.add(source.register(suspension, branch));
            }
        }
    }

    private Abort takeBack() {
        registrations.forEach(Registration::remove);
        registrations.clear();
        return Abort.ABORTED;
    }

    /** What it waits for, in listings. */
    @Override
    public String toString() {
        return sources.stream().map(Object::toString).collect(Collectors.joining(", or "));
    }
}
