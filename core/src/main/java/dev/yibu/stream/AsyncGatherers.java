package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.AsyncFunction;
import dev.yibu.Retry;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Gatherer;
import org.jspecify.annotations.Nullable;

/**
 * Steps that take time, for {@link java.util.stream.Stream#gather}.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=gatherers}
 *
 * <p><b>Ownership.</b> The tasks belong to the scope in which the stream is evaluated. They are cancelled and joined when
 * the stream ends, also if a later step wants no more; and if an earlier or later step fails, or an iterator of the stream
 * is abandoned, of which a gatherer is not told, at the latest when that scope ends. ({@link
 * java.util.stream.Gatherers#mapConcurrent} leaves its tasks running then.)
 *
 * <p><b>Limits.</b> A gatherer can pass items on only when the stream pushes it the next one, or ends. What has to happen
 * in time is for {@link AsyncIterable}. The stream must be sequential, and evaluated inside {@link Async#run} or a task;
 * otherwise the evaluation throws {@link IllegalStateException}.
 *
 * <p>A gatherer may be used for several streams.
 */
public final class AsyncGatherers {
    private AsyncGatherers() {}

    /**
     * Applies a function to several items at a time; the results keep the order of the items.
     *
     * @param limit how many at a time; one or more
     * @param function runs in a task for each item
     * @param <T> the items
     * @param <R> the results
     * @param <X> what the function may throw; the first failure, in the order of the items, ends the stream as it was
     *     thrown, and cancels the other tasks
     * @return the gatherer
     * @throws X never here; declared so that the signature of the stream's evaluation carries it
     */
    public static <T extends @Nullable Object, R extends @Nullable Object, X extends Throwable>
            Gatherer<T, ?, R> mapConcurrent(int limit, AsyncFunction<? super T, ? extends R, ? extends X> function)
                    throws X {
        checkArguments(limit, function);
        return Gatherer.<T, ConcurrentMapping<T, R>, R>ofSequential(
                () -> ConcurrentMapping.ordered(limit, function),
                Gatherer.Integrator.<ConcurrentMapping<T, R>, T, R>of(ConcurrentMapping::accept),
                ConcurrentMapping::finish);
    }

    /**
     * Applies a function to several items at a time; the results come as they are ready.
     *
     * @param limit how many at a time; one or more
     * @param function runs in a task for each item
     * @param <T> the items
     * @param <R> the results
     * @param <X> what the function may throw; the first failure ends the stream as it was thrown, and cancels the other
     *     tasks
     * @return the gatherer
     * @throws X never here; declared so that the signature of the stream's evaluation carries it
     */
    public static <T extends @Nullable Object, R extends @Nullable Object, X extends Throwable>
            Gatherer<T, ?, R> mapConcurrentUnordered(
                    int limit, AsyncFunction<? super T, ? extends R, ? extends X> function) throws X {
        checkArguments(limit, function);
        return Gatherer.<T, ConcurrentMapping<T, R>, R>ofSequential(
                () -> ConcurrentMapping.unordered(limit, function),
                Gatherer.Integrator.<ConcurrentMapping<T, R>, T, R>of(ConcurrentMapping::accept),
                ConcurrentMapping::finish);
    }

    /**
     * Slows items down: no more than so many in any stretch of time of this length. None is dropped; the evaluating task
     * waits.
     *
     * @param items how many; one or more
     * @param per the length; more than zero
     * @param <T> the items
     * @return the gatherer
     */
    public static <T extends @Nullable Object> Gatherer<T, ?, T> throttle(int items, Duration per) {
        if (items < 1) {
            throw new IllegalArgumentException("the number of items is " + items + "; one is the smallest");
        }
        if (per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException("the time is " + per + "; it must be more than zero");
        }
        long perNanos = Deadlines.saturatedNanos(per);
        return Gatherer.<T, Stages.Pace, T>ofSequential(
                () -> new Stages.Pace(items, perNanos),
                Gatherer.Integrator.<Stages.Pace, T, T>of((pace, item, downstream) -> {
                    checkScope();
                    pace.await();
                    return downstream.push(item);
                }));
    }

    /**
     * Applies a function to one item after the other, and again to an item for which it has failed, as the rule says. The
     * evaluating task calls it, and waits between the attempts. For several at a time: {@code mapConcurrent(limit, item ->
     * retry(rule, () -> function(item)))}.
     *
     * @param rule how often, and after which pauses; see {@link Async#retry(Retry, dev.yibu.Coroutine)}
     * @param function what is done with an item
     * @param <T> the items
     * @param <R> the results
     * @param <X> what the function may throw; the last failure of an item ends the stream as it was thrown
     * @return the gatherer
     * @throws X never here; declared so that the signature of the stream's evaluation carries it
     */
    public static <T extends @Nullable Object, R extends @Nullable Object, X extends Throwable>
            Gatherer<T, ?, R> retryEach(Retry rule, AsyncFunction<? super T, ? extends R, ? extends X> function)
                    throws X {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(function, "function");
        return Gatherer.<T, R>ofSequential(Gatherer.Integrator.<@Nullable Void, T, R>of((_, item, downstream) -> {
            checkScope();
            R result;
            try {
                result = Async.<R, Throwable>retry(rule, () -> function.apply(item));
            } catch (Throwable t) {
                throw Throwing.<RuntimeException>any(t); // the stream's own methods declare nothing
            }
            return downstream.push(result);
        }));
    }

    private static void checkScope() {
        if (Strand.current() == null) {
            throw new IllegalStateException("the stream is evaluated outside of any scope, or in parallel: evaluate it"
                    + " sequentially inside run(...), a task or a task group");
        }
    }

    private static void checkArguments(int limit, AsyncFunction<?, ?, ?> function) {
        Objects.requireNonNull(function, "function");
        if (limit < 1) {
            throw new IllegalArgumentException("the limit is " + limit + "; at least one at a time is needed");
        }
    }
}
