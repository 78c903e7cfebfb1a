package dev.yibu;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.stream.Producer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The face of Yibu: {@code import static dev.yibu.Async.*;} and write what {@code asyncio} users write.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=async}
 *
 * <p><b>Where to call.</b> Any thread may call these methods, virtual or platform, inside {@link #run} or not; only
 * {@link #createTask}, {@link #portal} and {@link #currentTask} need a {@code run} around them, and {@link #asCompleted}
 * and {@link #generator} a scope that ends what their loop leaves over. The calling thread waits; inside a
 * task that is a virtual thread, which costs no more than an {@code await} in Python.
 *
 * <p><b>Structure.</b> Every task has an owner and cannot outlive it: when {@code gather}, {@code race}, {@code timeout}
 * or a task group has returned or thrown, nothing of it runs any more.
 *
 * <p><b>Exceptions.</b> What the user's code throws arrives as it is, without a wrapper, and checked exceptions are in the
 * signatures. What Yibu adds is unchecked.
 *
 * <p><b>Cancellation.</b> Each method that can wait is a checkpoint: in a cancelled scope it throws {@link Cancelled}, on
 * entry too, and what it says it does has then not happened. On a thread that is not a task's, cancellation surfaces as
 * {@link CancellationException} from the outermost call. An interrupt from outside counts as a request to cancel the task
 * or, on other threads, that outermost call; the thread's flag is then set again.
 *
 * <p><b>Memory effects.</b> What happened before a task was started is visible in it; what happened in it is visible once
 * it has been joined or awaited.
 */
public final class Async {
    private Async() {}

    // ---------------------------------------------------------------- run

    /**
     * Runs a program's asynchronous part and returns when everything in it has ended. Compare {@code asyncio.run}.
     *
     * <p>Background tasks that still run when {@code main} has ended are cancelled, joined, and named in a warning. Inside a
     * task, such as another {@code run}'s main, it is an ordinary nested scope of that task; inside another call on a thread
     * that is no task, as in {@code timeout(d, () -> run(main))}, main is a task that is cancelled with that call. Runs on the
     * calling thread.
     *
     * @param main the program
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if it does
     * @throws SignalException if a signal cancelled it, where signals are {@linkplain RunOptions#signals handled}
     * @throws CancellationException if it was cancelled otherwise
     */
    public static <T extends @Nullable Object, X extends Throwable> T run(Coroutine<? extends T, ? extends X> main)
            throws X {
        return Async.<T, X>run(RunOptions.defaults(), main);
    }

    /**
     * The void form of {@link #run(Coroutine)}.
     *
     * @param main the program
     * @param <X> what it may throw
     * @throws X if it does
     */
    public static <X extends Throwable> void run(Action<? extends X> main) throws X {
        Async.<X>run(RunOptions.defaults(), main);
    }

    /**
     * {@link #run(Coroutine)} with options.
     *
     * @param options name, debug mode, deadline, grace, signals
     * @param main the program
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if it does
     * @throws TimeoutException if the options' deadline passed
     */
    public static <T extends @Nullable Object, X extends Throwable> T run(
            RunOptions options, Coroutine<? extends T, ? extends X> main) throws X {
        Objects.requireNonNull(options, "options");
        return RunScope.<T, X>run(options, Objects.requireNonNull(main, "main"));
    }

    /**
     * {@link #run(Action)} with options.
     *
     * @param options name, debug mode, deadline, grace, signals
     * @param main the program
     * @param <X> what it may throw
     * @throws X if it does
     * @throws TimeoutException if the options' deadline passed
     */
    public static <X extends Throwable> void run(RunOptions options, Action<? extends X> main) throws X {
        Async.<@Nullable Void, X>run(options, Actions.<X>asCoroutine(Objects.requireNonNull(main, "main")));
    }

    // ---------------------------------------------------------------- tasks

    /**
     * Starts a background task, owned by the nearest enclosing {@link #run}. Compare {@code asyncio.create_task}; prefer a
     * {@link TaskGroup} where the task belongs to a part of the program.
     *
     * <p>The task is cancelled with that {@code run}, not with a timeout or shield around this call. It inherits the
     * context variables of the caller. If it fails and nobody has awaited it by the time its handle is unreachable, or
     * the {@code run} ends, the failure is logged.
     *
     * @param coroutine the task's work
     * @param <T> what it yields
     * @param <X> what it may throw, when it is awaited
     * @return the task
     * @throws X never here; declared so that the caller's signature carries it
     * @throws IllegalStateException if there is no {@code run} around the call
     */
    public static <T extends @Nullable Object, X extends Throwable> Task<T> createTask(
            Coroutine<? extends T, ? extends X> coroutine) throws X {
        return background().createTask(null, Objects.requireNonNull(coroutine, "coroutine"));
    }

    /**
     * The void form of {@link #createTask(Coroutine)}.
     *
     * @param action the task's work
     * @param <X> what it may throw, when it is awaited
     * @return the task
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Task<@Nullable Void> createTask(Action<? extends X> action) throws X {
        return background().createTask(null, Actions.asCoroutine(action));
    }

    /**
     * {@link #createTask(Coroutine)} with a name, which listings, reports and the thread show.
     *
     * @param name the name
     * @param coroutine the task's work
     * @param <T> what it yields
     * @param <X> what it may throw, when it is awaited
     * @return the task
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <T extends @Nullable Object, X extends Throwable> Task<T> createTask(
            String name, Coroutine<? extends T, ? extends X> coroutine) throws X {
        Objects.requireNonNull(name, "name");
        return background().createTask(name, Objects.requireNonNull(coroutine, "coroutine"));
    }

    /**
     * {@link #createTask(Action)} with a name, which listings, reports and the thread show.
     *
     * @param name the name
     * @param action the task's work
     * @param <X> what it may throw, when it is awaited
     * @return the task
     * @throws X never here; declared so that the caller's signature carries it
     */
    public static <X extends Throwable> Task<@Nullable Void> createTask(String name, Action<? extends X> action)
            throws X {
        Objects.requireNonNull(name, "name");
        return background().createTask(name, Actions.asCoroutine(action));
    }

    private static RunScope background() {
        RunScope run = RunScope.around(Strand.current());
        if (run == null) {
            throw new IllegalStateException(
                    "createTask needs a run(...) around it, which owns the task; or start it in a TaskGroup");
        }
        return run;
    }

    /**
     * The task that the calling code belongs to. The main program of {@link #run} has one too.
     *
     * @return the task
     * @throws IllegalStateException outside of any task
     */
    public static Task<?> currentTask() {
        TaskStrand<?> task = TaskStrand.of(Strand.current());
        if (task == null) {
            throw new IllegalStateException("this thread is not inside run(...) or a task");
        }
        return new Task<>(task);
    }

    /**
     * All tasks of the process that have not ended, owners before what they own; in a test under a simulated driver, those
     * of its world. Compare {@code asyncio.all_tasks}. Takes time in proportion to their number; what it shows may be over
     * when it returns.
     *
     * @return a snapshot
     */
    public static List<TaskInfo> allTasks() {
        return TaskInfo.all();
    }

    /**
     * Opens a way into the enclosing {@link #run} for threads outside it.
     *
     * @return the portal; it closes when the run ends
     * @throws IllegalStateException if there is no {@code run} around the call
     */
    public static Portal portal() {
        return Portal.open();
    }

    // ---------------------------------------------------------------- gather

    /**
     * Gathers nothing.
     *
     * @return an empty list
     */
    public static List<Object> gather() {
        return List.of();
    }

    /**
     * Runs coroutines concurrently and waits for all. Compare {@code asyncio.gather}.
     *
     * <p>If one fails, or is cancelled on its own, the others are cancelled and joined; then the first failure is thrown,
     * with the other failures suppressed.
     *
     * @param coroutines the work; each becomes a task
     * @param <T> what they yield
     * @param <X> what they may throw
     * @return their values in the order of the arguments
     * @throws X the first failure
     * @throws CancellationException if one of the tasks was cancelled on its own
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object, X extends Throwable> List<T> gather(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        Objects.requireNonNull(coroutines, "coroutines");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<List<T>, X>attached(() -> Async.<T, X>gather(coroutines));
        }
        return Gather.<T, X>all(strand, Arrays.asList(coroutines), coroutines.length);
    }

    /**
     * Runs actions concurrently and waits for all. Fails as {@link #gather(Coroutine[])} does.
     *
     * @param actions the work; each becomes a task
     * @param <X> what they may throw
     * @throws X the first failure
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <X extends Throwable> void gather(Action<? extends X>... actions) throws X {
        Objects.requireNonNull(actions, "actions");
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, X>attached(Actions.<X>asCoroutine(() -> Async.<X>gather(actions)));
        } else {
            Gather.<X>all(strand, actions);
        }
    }

    /**
     * Applies a function to all items concurrently and waits for all. Fails as {@link #gather(Coroutine[])} does. For many
     * items, or scarce resources, see {@link #mapConcurrent}.
     *
     * @param items the items; each becomes a task
     * @param function runs in the tasks
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what it may throw
     * @return the values in the order of the items
     * @throws X the first failure
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> List<T> gather(
            Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ? extends X> function) throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<List<T>, X>attached(() -> Async.<A, T, X>gather(items, function));
        }
        return Gather.<A, T, X>all(strand, items, function);
    }

    /**
     * Runs two coroutines of different types concurrently and combines their values. Fails as {@link
     * #gather(Coroutine[])} does.
     *
     * @param first yields the first value
     * @param second yields the second value
     * @param combine combines them, on the calling thread
     * @param <A> the first value
     * @param <B> the second value
     * @param <R> the result
     * @param <X> what the coroutines may throw
     * @return the result
     * @throws X the first failure
     */
    @SuppressWarnings("unchecked") // the list holds what the coroutines yield, in their order
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object,
                    X extends Throwable>
            R gather(
                    Coroutine<? extends A, ? extends X> first,
                    Coroutine<? extends B, ? extends X> second,
                    Combine<? super A, ? super B, ? extends R> combine)
                    throws X {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(second, "second");
        Objects.requireNonNull(combine, "combine");
        List<Object> values = Async.<Object, X>gather((Coroutine<Object, X>) first, (Coroutine<Object, X>) second);
        return combine.apply((A) values.get(0), (B) values.get(1));
    }

    /**
     * Combines the values of two tasks of different types.
     *
     * @param <A> the first value
     * @param <B> the second value
     * @param <R> the result
     */
    @FunctionalInterface
    public interface Combine<A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> {
        /**
         * Combines two values.
         *
         * @param first the first value
         * @param second the second value
         * @return the result
         */
        R apply(A first, B second);
    }

    /**
     * Runs an action on all items concurrently and waits for all. Fails as {@link #gather(Coroutine[])} does.
     *
     * @param items the items; each becomes a task
     * @param action runs in the tasks
     * @param <A> the items
     * @param <X> what the action may throw
     * @throws X the first failure
     */
    public static <A extends @Nullable Object, X extends Throwable> void forEach(
            Iterable<? extends A> items, AsyncConsumer<? super A, ? extends X> action) throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(action, "action");
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, X>attached(Actions.<X>asCoroutine(() -> Async.<A, X>forEach(items, action)));
        } else {
            Gather.<A, X>forEach(strand, items, action);
        }
    }

    /**
     * Runs coroutines concurrently, waits for all, and tells how each ended. Compare {@code gather(...,
     * return_exceptions=True)}. A failure disturbs no other.
     *
     * @param coroutines the work; each becomes a task
     * @param <T> what they yield
     * @return their outcomes in the order of the arguments
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> List<Outcome<T>> gatherOutcomes(
            Coroutine<? extends T, ?>... coroutines) {
        return Async.<Coroutine<? extends T, ?>, T>gatherOutcomes(checked(coroutines), Coroutine::run);
    }

    /**
     * Applies a function to all items concurrently, waits for all, and tells how each ended. A failure disturbs no other.
     *
     * @param items the items; each becomes a task
     * @param function runs in the tasks
     * @param <A> the items
     * @param <T> what the function yields
     * @return the outcomes in the order of the items
     */
    public static <A extends @Nullable Object, T extends @Nullable Object> List<Outcome<T>> gatherOutcomes(
            Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ?> function) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<List<Outcome<T>>, RuntimeException>attached(() -> gatherOutcomes(items, function));
        }
        return Gather.outcomes(strand, items, function);
    }

    // ---------------------------------------------------------------- as completed, race, bounded

    /**
     * Starts coroutines concurrently and iterates over their values as they become ready. Compare {@code
     * asyncio.as_completed}.
     *
     * @param coroutines the work; each becomes a task
     * @param <T> what they yield
     * @param <X> what the tasks may throw, from {@code next()}
     * @return the results in the order of completion; see {@link Completions} for who ends what is left over
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object, X extends Throwable> Completions<T> asCompleted(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        List<Coroutine<? extends T, ? extends X>> list = checked(coroutines);
        Completions<T> completions = completions("asCompleted", false, Completions::valueOf);
        return completions.startAll(list, coroutine -> coroutine);
    }

    /**
     * Applies a function to all items concurrently and iterates over the values as they become ready.
     *
     * @param items the items; each becomes a task
     * @param function runs in the tasks
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what the tasks may throw, from {@code next()}
     * @return the results in the order of completion
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable>
            Completions<T> asCompleted(
                    Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ? extends X> function) throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        Completions<T> completions = completions("asCompleted", false, Completions::valueOf);
        return completions.startAll(items, item -> () -> function.apply(item));
    }

    /**
     * Applies a function to items concurrently, to at most {@code limit} at a time, and iterates over the values as
     * they become ready. A worker takes its next item when its result has been taken: a million items, or an endless
     * iterator, cost the limit.
     *
     * @param items the items; pulled one at a time, by the workers
     * @param limit how many workers there are at most; one or more
     * @param function runs in the workers
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what the tasks may throw, from {@code next()}
     * @return the results in the order of completion
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable>
            Completions<T> asCompleted(
                    Iterable<? extends A> items, int limit, AsyncFunction<? super A, ? extends T, ? extends X> function)
                    throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        checkLimit(limit);
        Completions<T> completions = completions("asCompleted", true, Completions::valueOf);
        return completions.startWorkers(items, limit, function);
    }

    /**
     * Starts coroutines concurrently and iterates over their outcomes as they become ready; a failure does not end the
     * iteration.
     *
     * @param coroutines the work; each becomes a task
     * @param <T> what they yield
     * @return the results in the order of completion; see {@link Completions} for who ends what is left over
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> Completions<Outcome<T>> asCompletedOutcomes(
            Coroutine<? extends T, ?>... coroutines) {
        List<Coroutine<? extends T, ?>> list = checked(coroutines);
        Completions<Outcome<T>> completions = completions("asCompletedOutcomes", false, Async::typed);
        return completions.startAll(list, coroutine -> coroutine);
    }

    /**
     * Applies a function to all items concurrently and iterates over the outcomes as they become ready.
     *
     * @param items the items; each becomes a task
     * @param function runs in the tasks
     * @param <A> the items
     * @param <T> what the function yields
     * @return the results in the order of completion
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <A extends @Nullable Object, T extends @Nullable Object> Completions<Outcome<T>> asCompletedOutcomes(
            Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ?> function) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        Completions<Outcome<T>> completions = completions("asCompletedOutcomes", false, Async::typed);
        return completions.startAll(items, item -> () -> function.apply(item));
    }

    /**
     * Applies a function to items concurrently, to at most {@code limit} at a time, and iterates over the outcomes as
     * they become ready. A worker takes its next item when its result has been taken: a million items, or an endless
     * iterator, cost the limit.
     *
     * @param items the items; pulled one at a time, by the workers
     * @param limit how many workers there are at most; one or more
     * @param function runs in the workers
     * @param <A> the items
     * @param <T> what the function yields
     * @return the results in the order of completion
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <A extends @Nullable Object, T extends @Nullable Object> Completions<Outcome<T>> asCompletedOutcomes(
            Iterable<? extends A> items, int limit, AsyncFunction<? super A, ? extends T, ?> function) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        checkLimit(limit);
        Completions<Outcome<T>> completions = completions("asCompletedOutcomes", true, Async::typed);
        return completions.startWorkers(items, limit, function);
    }

    private static <E extends @Nullable Object> Completions<E> completions(
            String label, boolean handsOver, Function<Outcome<?>, E> element) {
        Strand strand = Strand.current();
        if (strand == null) {
            throw new IllegalStateException(label + " needs a scope that ends what the loop leaves over: use it inside"
                    + " run(...), a task or a task group");
        }
        strand.checkpoint();
        return new Completions<>(strand, label, handsOver, element);
    }

    @SuppressWarnings("unchecked") // the caller's tasks yield T
    private static <T extends @Nullable Object> Outcome<T> typed(Outcome<?> outcome) {
        return (Outcome<T>) outcome;
    }

    /**
     * Runs coroutines concurrently; the first that succeeds wins, the others are cancelled and joined.
     *
     * @param coroutines the runners, one or more
     * @param <T> what they yield
     * @param <X> what they may throw
     * @return the winner's value
     * @throws X if all fail: the first failure, with the others suppressed
     * @throws IllegalArgumentException if there is no runner
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object, X extends Throwable> T race(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        return Async.<Coroutine<? extends T, ? extends X>, T, X>race(
                checked(coroutines), coroutine -> coroutine.run(), _ -> {});
    }

    /**
     * Applies a function to all items concurrently; the first success wins, the others are cancelled and joined.
     *
     * @param items the items, one or more
     * @param function runs in the tasks
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what it may throw
     * @return the winner's value
     * @throws X if all fail: the first failure, with the others suppressed
     * @throws IllegalArgumentException if there is no item
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> T race(
            Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ? extends X> function) throws X {
        return Async.<A, T, X>race(items, function, _ -> {});
    }

    /**
     * {@link #race(Iterable, AsyncFunction)} for values that must be given back when nobody gets them, as connections.
     *
     * @param items the items, one or more
     * @param function runs in the tasks
     * @param onDiscard receives each value that was ready but lost, on the calling thread; must not wait
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what it may throw
     * @return the winner's value
     * @throws X if all fail: the first failure, with the others suppressed
     * @throws IllegalArgumentException if there is no item
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> T race(
            Iterable<? extends A> items,
            AsyncFunction<? super A, ? extends T, ? extends X> function,
            Consumer<? super T> onDiscard)
            throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        Objects.requireNonNull(onDiscard, "onDiscard");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<A, T, X>race(items, function, onDiscard));
        }
        return Gather.<A, T, X>race(strand, items, function, onDiscard);
    }

    /**
     * Applies a function to items concurrently, to at most {@code limit} at a time. Compare {@code gather} behind a
     * semaphore; but a million items cost the limit, not a million tasks. Fails as {@link #gather(Coroutine[])} does.
     *
     * @param items the items; pulled one at a time, by the workers
     * @param limit how many workers there are at most; one or more
     * @param function runs in the workers
     * @param <A> the items
     * @param <T> what the function yields
     * @param <X> what it may throw
     * @return the values in the order of the items
     * @throws X the first failure
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> List<T> mapConcurrent(
            Iterable<? extends A> items, int limit, AsyncFunction<? super A, ? extends T, ? extends X> function)
            throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(function, "function");
        checkLimit(limit);
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<List<T>, X>attached(() -> Async.<A, T, X>mapConcurrent(items, limit, function));
        }
        return Gather.<A, T, X>mapConcurrent(strand, items, limit, function);
    }

    /**
     * Runs an action on items concurrently, on at most {@code limit} at a time. Fails as {@link #gather(Coroutine[])}
     * does.
     *
     * @param items the items; pulled one at a time, by the workers
     * @param limit how many workers there are at most; one or more
     * @param action runs in the workers
     * @param <A> the items
     * @param <X> what the action may throw
     * @throws X the first failure
     */
    public static <A extends @Nullable Object, X extends Throwable> void forEachConcurrent(
            Iterable<? extends A> items, int limit, AsyncConsumer<? super A, ? extends X> action) throws X {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(action, "action");
        checkLimit(limit);
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, X>attached(
                    Actions.<X>asCoroutine(() -> Async.<A, X>forEachConcurrent(items, limit, action)));
        } else {
            Gather.<A, X>forEachConcurrent(strand, items, limit, action);
        }
    }

    private static <C> List<C> checked(C[] coroutines) {
        Objects.requireNonNull(coroutines, "coroutines");
        for (C coroutine : coroutines) {
            Objects.requireNonNull(coroutine, "a coroutine is null");
        }
        return Arrays.asList(coroutines);
    }

    private static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("the limit is " + limit + "; at least one at a time is needed");
        }
    }

    // ---------------------------------------------------------------- futures of others

    /**
     * Waits for a stage, for instance a {@link java.util.concurrent.CompletableFuture} that a driver returns. Compare
     * awaiting a {@code Future} in asyncio. The other way round see {@link Task#toCompletableFuture()}.
     *
     * @param stage what is awaited
     * @param <T> what it yields
     * @return its value; what the stage was completed exceptionally with is thrown as it is, without the
     *     {@code CompletionException} that dependent stages put around it
     * @throws Cancelled if the caller is cancelled; the stage is not, and its value can still be had from it
     * @throws CancellationException if the stage was cancelled
     */
    public static <T extends @Nullable Object> T await(CompletionStage<? extends T> stage) {
        Objects.requireNonNull(stage, "stage");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, RuntimeException>attached(() -> Async.<T>await(stage));
        }
        return Futures.<T>await(strand, stage);
    }

    /**
     * {@link #await(CompletionStage)} with the checked exception to expect, for the compiler.
     *
     * @param stage what is awaited
     * @param type the checked exception to expect; what the stage throws is thrown as it is, whatever its type
     * @param <T> what it yields
     * @param <X> the checked exception
     * @return its value
     * @throws X if the stage was completed with it
     */
    public static <T extends @Nullable Object, X extends Throwable> T await(
            CompletionStage<? extends T> stage, Class<X> type) throws X {
        Objects.requireNonNull(type, "type");
        return Async.<T>await(stage);
    }

    // ---------------------------------------------------------------- generators

    /**
     * Items that a producer emits, for a plain {@code for}. Compare asynchronous generators in Python: {@code emit} is
     * their {@code yield}. The producer runs in a task of its own, up to 128 items ahead of the consumer. Items are handed
     * over by the batch: an item that is there is never held back, but a producer that has found no room goes on only when
     * half of the buffer is free, so that a wake-up is paid for by 64 items.
     *
     * {@snippet file="dev/yibu/Snippets.java" region=generator}
     *
     * @param type the type of the items, for the compiler to infer that of {@code out}
     * @param producer emits the items; begins when the first one is asked for
     * @param <T> the items
     * @param <X> what the producer may throw, from {@code next()}, after the items emitted before
     * @return the items, once; see {@link AsyncIterable} for who ends a producer that is not exhausted
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <T extends @Nullable Object, X extends Throwable> AsyncIterable<T> generator(
            Class<? super T> type, Producer<T, ? extends X> producer) throws X {
        return AsyncIterable.generator(type, producer);
    }

    /**
     * {@link #generator(Class, Producer)} with an explicit buffer, which is kept as full as it goes: a producer that has found
     * no room goes on as soon as there is some.
     *
     * @param type the type of the items, for the compiler to infer that of {@code out}
     * @param buffer how many items may wait for the consumer; 0 = in step: the producer runs only while the next item is
     *     asked for, as a generator in Python
     * @param producer emits the items; begins when the first one is asked for
     * @param <T> the items
     * @param <X> what the producer may throw, from {@code next()}, after the items emitted before
     * @return the items, once
     * @throws X never here; declared so that the loop's signature carries it
     * @throws IllegalArgumentException if the buffer is negative
     * @throws IllegalStateException outside of any scope: use it inside {@link #run} or a task
     */
    public static <T extends @Nullable Object, X extends Throwable> AsyncIterable<T> generator(
            Class<? super T> type, int buffer, Producer<T, ? extends X> producer) throws X {
        return AsyncIterable.generator(type, buffer, producer);
    }

    // ---------------------------------------------------------------- time

    /**
     * Waits for a time: at least that long. Zero is a {@link #checkpoint()}.
     *
     * @param duration how long; longer than 146 years is for ever
     * @throws IllegalArgumentException if it is negative
     * @throws Cancelled if the caller is cancelled before the time is over
     */
    public static void sleep(Duration duration) {
        Objects.requireNonNull(duration, "duration");
        if (duration.isNegative()) {
            throw new IllegalArgumentException("can't sleep for a negative time: " + duration);
        }
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, RuntimeException>attached(Actions.asCoroutine(() -> sleep(duration)));
        } else if (duration.isZero()) {
            checkpoint();
        } else {
            Sleep.sleep(strand, Deadlines.saturatedNanos(duration));
        }
    }

    /**
     * Looks whether the caller is cancelled, and lets other tasks run: for loops that compute for long. Compare {@code
     * asyncio.sleep(0)}.
     *
     * @throws Cancelled if the caller is cancelled
     */
    public static void checkpoint() {
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, RuntimeException>attached(Actions.asCoroutine(Async::checkpoint));
            return;
        }
        strand.checkpoint();
        strand.driver().yield(strand);
        strand.checkpoint();
    }

    /**
     * Runs a block that may take so long. Compare {@code asyncio.timeout} and {@code wait_for}. Runs on the calling
     * thread; starts none.
     *
     * <p>When the time is over the block is cancelled, and this waits until it has ended. A block that ends normally all
     * the same, however late, has made it. Of nested blocks that have both expired, the outermost throws.
     *
     * @param timeout how long; zero or less throws at once, without running the block
     * @param body the block
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the block does, with the {@link TimeoutException} suppressed if the time was over
     * @throws TimeoutException if the time was over first
     */
    public static <T extends @Nullable Object, X extends Throwable> T timeout(
            Duration timeout, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>timeout(timeout, body));
        }
        return Timeouts.<T, X>timeout(strand, Deadlines.saturatedNanos(timeout), body);
    }

    /**
     * The void form of {@link #timeout(Duration, Coroutine)}.
     *
     * @param timeout how long; zero or less throws at once, without running the block
     * @param body the block
     * @param <X> what it may throw
     * @throws X if the block does
     * @throws TimeoutException if the time was over first
     */
    public static <X extends Throwable> void timeout(Duration timeout, Action<? extends X> body) throws X {
        Async.<@Nullable Void, X>timeout(timeout, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    /**
     * {@link #timeout(Duration, Coroutine)} until a moment of the {@linkplain #clock() clock}.
     *
     * @param deadline the moment
     * @param body the block
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the block does
     * @throws TimeoutException if the moment came first
     */
    public static <T extends @Nullable Object, X extends Throwable> T timeoutAt(
            Instant deadline, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(deadline, "deadline");
        return Async.<T, X>timeout(Duration.between(clock().instant(), deadline), body);
    }

    /**
     * The void form of {@link #timeoutAt(Instant, Coroutine)}.
     *
     * @param deadline the moment
     * @param body the block
     * @param <X> what it may throw
     * @throws X if the block does
     * @throws TimeoutException if the moment came first
     */
    public static <X extends Throwable> void timeoutAt(Instant deadline, Action<? extends X> body) throws X {
        Objects.requireNonNull(deadline, "deadline");
        Async.<X>timeout(Duration.between(clock().instant(), deadline), body);
    }

    /**
     * Runs a block for at most so long, and moves on. Compare {@code trio.move_on_after}.
     *
     * @param timeout how long; zero or less does not run the block
     * @param body the block
     * @param <X> what it may throw
     * @return whether the block finished; if not, it was cancelled and has ended
     * @throws X if the block does
     */
    public static <X extends Throwable> boolean moveOnAfter(Duration timeout, Action<? extends X> body) throws X {
        return Async.<@Nullable Void, X>movedOn(timeout, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")))
                .finished();
    }

    /**
     * Runs a block for at most so long, and moves on with another value.
     *
     * @param timeout how long; zero or less does not run the block
     * @param body the block
     * @param fallback the value if the block does not finish
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return the block's value, or the fallback
     * @throws X if the block does
     */
    public static <T extends @Nullable Object, X extends Throwable> T moveOnAfter(
            Duration timeout, Coroutine<? extends T, ? extends X> body, T fallback) throws X {
        Timeouts.MovedOn<T> result = Async.<T, X>movedOn(timeout, body);
        return result.finished() ? Parametric.value(result.value()) : fallback;
    }

    private static <T extends @Nullable Object, X extends Throwable> Timeouts.MovedOn<T> movedOn(
            Duration timeout, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<Timeouts.MovedOn<T>, X>attached(() -> Async.<T, X>movedOn(timeout, body));
        }
        return Timeouts.<T, X>moveOnAfter(strand, Deadlines.saturatedNanos(timeout), body);
    }

    /**
     * The deadline that applies here.
     *
     * @return the deadline, to read or to move; never null
     */
    public static Deadline deadline() {
        return Deadline.of(Strand.current());
    }

    /**
     * The time as the driver of the calling task sees it: real, or virtual in a test.
     *
     * @return a clock; use it inside the task that asked for it
     */
    public static InstantSource clock() {
        Driver driver = driver();
        return driver::instant;
    }

    /**
     * Random numbers from the driver of the calling task: in a test the same ones at each replay.
     *
     * @return a generator; use it inside the task that asked for it
     */
    public static RandomGenerator random() {
        return driver().random();
    }

    private static Driver driver() {
        Strand strand = Strand.current();
        return strand == null ? Driver.real() : strand.driver();
    }

    // ---------------------------------------------------------------- retry

    /**
     * Runs a block, and runs it again when it fails. On the calling thread.
     *
     * <p>It never pauses beyond the enclosing deadline: if there is no time for another attempt, it fails at once, and a
     * suppressed {@link TimeoutException} says so.
     *
     * <p><b>Cancellation.</b> A cancellation is never retried, nor is what it broke in foreign code: each attempt ends as
     * a scope does. During a pause it throws {@link Cancelled} with the last failure suppressed.
     *
     * @param retry how often, after which pauses, and on what
     * @param body the block
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return the value of the first attempt that did not fail; of the last one, if all results were rejected
     * @throws X the failure of the last attempt, with those before it suppressed
     */
    public static <T extends @Nullable Object, X extends Throwable> T retry(
            Retry retry, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(retry, "retry");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>retry(retry, body));
        }
        return Attempts.<T, X>run(strand, retry, body);
    }

    /**
     * The void form of {@link #retry(Retry, Coroutine)}.
     *
     * @param retry how often, after which pauses, and on what
     * @param body the block
     * @param <X> what it may throw
     * @throws X the failure of the last attempt, with those before it suppressed
     */
    public static <X extends Throwable> void retry(Retry retry, Action<? extends X> body) throws X {
        Async.<@Nullable Void, X>retry(retry, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    // ---------------------------------------------------------------- clean-up

    /**
     * Runs a block that cancellation from outside can't enter for at most the grace, counted from the later of entry and
     * cancellation. For clean-up that has to wait. Compare trio's shielded scope; {@code asyncio.shield} lets its work go
     * on alone, for which a structured program starts a task in an outer group.
     *
     * <p>It does not look at the cancel state on entry. Deadlines and cancellations of scopes inside the block work.
     *
     * @param grace how long cancellation is kept out; not negative
     * @param body the block
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the block does
     * @throws Cancelled if the grace was over
     */
    public static <T extends @Nullable Object, X extends Throwable> T shield(
            Duration grace, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("the grace is negative: " + grace);
        }
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>shield(grace, body));
        }
        return Timeouts.<T, X>shield(strand, Deadlines.saturatedNanos(grace), body);
    }

    /**
     * The void form of {@link #shield(Duration, Coroutine)}.
     *
     * @param grace how long cancellation is kept out; not negative
     * @param body the block
     * @param <X> what it may throw
     * @throws X if the block does
     */
    public static <X extends Throwable> void shield(Duration grace, Action<? extends X> body) throws X {
        Async.<@Nullable Void, X>shield(grace, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    /**
     * Acquires a resource, uses it, and releases it whatever happens. Compare {@code async with}. Unlike {@code close()} in
     * try-with-resources, the release is shielded: it may wait although the task is cancelled, for at most the grace of
     * the enclosing {@code run} (10 s unless said otherwise).
     *
     * @param acquire yields the resource; if it throws, nothing is released
     * @param release gives it back
     * @param body uses it
     * @param <R> the resource
     * @param <T> what the body yields
     * @param <X> what all three may throw
     * @return the body's value
     * @throws X the body's exception, with that of the release suppressed; or that of acquisition or release
     */
    public static <R extends @Nullable Object, T extends @Nullable Object, X extends Throwable> T using(
            Coroutine<? extends R, ? extends X> acquire,
            AsyncConsumer<? super R, ? extends X> release,
            AsyncFunction<? super R, ? extends T, ? extends X> body)
            throws X {
        Objects.requireNonNull(acquire, "acquire");
        Objects.requireNonNull(release, "release");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<R, T, X>using(acquire, release, body));
        }
        return ResourceStack.<R, T, X>using(strand, acquire, release, body);
    }

    /**
     * The void form of {@link #using}.
     *
     * @param acquire yields the resource; if it throws, nothing is released
     * @param release gives it back
     * @param body uses it
     * @param <R> the resource
     * @param <X> what all three may throw
     * @throws X the body's exception, with that of the release suppressed; or that of acquisition or release
     */
    public static <R extends @Nullable Object, X extends Throwable> void usingRun(
            Coroutine<? extends R, ? extends X> acquire,
            AsyncConsumer<? super R, ? extends X> release,
            AsyncConsumer<? super R, ? extends X> body)
            throws X {
        Objects.requireNonNull(body, "body");
        Async.<R, @Nullable Void, X>using(acquire, release, resource -> {
            body.accept(resource);
            return null;
        });
    }

    // ---------------------------------------------------------------- other threads

    /**
     * Runs a call that holds its thread, as file I/O, DNS or JNI, on a bounded pool of platform threads. Compare {@code
     * asyncio.to_thread}. The calling task waits.
     *
     * <p>A virtual thread that blocks in such a call keeps a processor's carrier from all other tasks; network and
     * database calls don't and need no pool. The pool runs {@code -Dyibu.blocking.threads} calls at a time, 64 if that is
     * not set; others queue in order.
     *
     * <p><b>Cancellation.</b> A queued call is taken back. A running one is never interrupted; it is waited for, its value
     * is returned, and the cancellation meets the next checkpoint. Checkpoints inside the call throw {@link Cancelled}.
     *
     * <p><b>Nesting.</b> A call inside a call runs on the same thread. Calls of tasks that a call has started queue as all
     * others do; while there is no free thread, the call lends them its place in the pool, one at a time, so that it can wait
     * for them.
     *
     * @param body the call; it sees the caller's scope and context variables
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the call does
     */
    public static <T extends @Nullable Object, X extends Throwable> T blocking(Coroutine<? extends T, ? extends X> body)
            throws X {
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>blocking(body));
        }
        return Offload.<T, X>blocking(strand, body);
    }

    /**
     * The void form of {@link #blocking(Coroutine)}.
     *
     * @param body the call
     * @param <X> what it may throw
     * @throws X if the call does
     */
    public static <X extends Throwable> void blocking(Action<? extends X> body) throws X {
        Async.<@Nullable Void, X>blocking(Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    /**
     * Runs a call in an executor of the user's. Compare {@code loop.run_in_executor}. The calling task waits; cancellation
     * as in {@link #blocking(Coroutine)}.
     *
     * @param executor runs the call
     * @param body the call; it sees the caller's scope and context variables
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the call does
     * @throws java.util.concurrent.RejectedExecutionException if the executor takes no work
     */
    public static <T extends @Nullable Object, X extends Throwable> T runInExecutor(
            Executor executor, Coroutine<? extends T, ? extends X> body) throws X {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>runInExecutor(executor, body));
        }
        return Offload.<T, X>run(strand, executor, "a call in an executor", body);
    }

    /**
     * The void form of {@link #runInExecutor(Executor, Coroutine)}.
     *
     * @param executor runs the call
     * @param body the call
     * @param <X> what it may throw
     * @throws X if the call does
     */
    public static <X extends Throwable> void runInExecutor(Executor executor, Action<? extends X> body) throws X {
        Async.<@Nullable Void, X>runInExecutor(executor, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    /**
     * Runs a call that nothing can stop on the pool of {@link #blocking(Coroutine)}, and leaves it behind when the caller is
     * cancelled: the one exception to structure, for foreign calls that would otherwise hold up a timeout. Its result is
     * then discarded, and its place in the pool is free for others.
     *
     * <p><b>Cancellation.</b> A queued call is taken back. A running one goes on alone, for as long as it takes.
     *
     * @param body the call; it is not told of the cancellation
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the call does
     * @throws Cancelled if the caller is cancelled; the call goes on alone
     * @throws IllegalStateException if too many abandoned calls have not ended yet ({@code -Dyibu.abandoned.max}, 256)
     */
    public static <T extends @Nullable Object, X extends Throwable> T abandon(Coroutine<? extends T, ? extends X> body)
            throws X {
        return Async.<T, X>abandon(body, _ -> {});
    }

    /**
     * {@link #abandon(Coroutine)} for values that must be given back when nobody gets them.
     *
     * @param body the call; it is not told of the cancellation
     * @param onDiscard receives the value of a call that was left behind, on that call's thread
     * @param <T> what it yields
     * @param <X> what it may throw
     * @return its value
     * @throws X if the call does
     */
    public static <T extends @Nullable Object, X extends Throwable> T abandon(
            Coroutine<? extends T, ? extends X> body, Consumer<? super T> onDiscard) throws X {
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(onDiscard, "onDiscard");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<T, X>attached(() -> Async.<T, X>abandon(body, onDiscard));
        }
        return Offload.<T, X>abandon(strand, body, onDiscard);
    }
}
