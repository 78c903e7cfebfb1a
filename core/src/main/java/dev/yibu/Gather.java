package dev.yibu;

import dev.yibu.ConcurrentMap.Results;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The combinators that start a batch of tasks and wait for it. Each is a group on the caller's stack of scopes. */
final class Gather {
    private Gather() {}

    /** The work of a batch: starts its tasks. */
    private interface Starter<T extends @Nullable Object> {
        void start(Batch<T> batch) throws Throwable;
    }

    /** Runs a batch; when this returns all its tasks have ended. */
    private static <T extends @Nullable Object, X extends Throwable> void run(Batch<T> batch, Starter<T> starter)
            throws X {
        batch.enter();
        Throwable thrown = null;
        try {
            starter.start(batch);
        } catch (Throwable t) {
            thrown = t;
        }
        batch.allStarted();
        thrown = batch.finish(thrown);
        if (thrown != null) {
            throw Throwing.<X>any(thrown);
        }
    }

    static <T extends @Nullable Object, X extends Throwable> List<T> all(
            Strand strand, Iterable<? extends Coroutine<? extends T, ? extends X>> coroutines, int sizeHint) throws X {
        strand.checkpoint();
        Batch<T> batch = new Batch<>(strand, "gather", sizeHint);
        Gather.<T, X>run(batch, b -> {
            for (Coroutine<? extends T, ? extends X> coroutine : coroutines) {
                b.startNext(Objects.requireNonNull(coroutine, "a coroutine is null"));
            }
        });
        return batch.values();
    }

    static <X extends Throwable> void all(Strand strand, Action<? extends X>[] actions) throws X {
        strand.checkpoint();
        Gather.<@Nullable Void, X>run(new Batch<>(strand, "gather", actions.length), b -> {
            for (Action<? extends X> action : actions) {
                b.startNext(Actions.asCoroutine(action));
            }
        });
    }

    static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> List<T> all(
            Strand strand, Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ? extends X> function)
            throws X {
        strand.checkpoint();
        Batch<T> batch = new Batch<>(strand, "gather", sizeOf(items));
        Gather.<T, X>run(batch, b -> {
            for (A item : items) {
                b.startNext(function, item);
            }
        });
        return batch.values();
    }

    static <A extends @Nullable Object, X extends Throwable> void forEach(
            Strand strand, Iterable<? extends A> items, AsyncConsumer<? super A, ? extends X> consumer) throws X {
        strand.checkpoint();
        AsyncFunction<A, @Nullable Void, X> function = item -> {
            consumer.accept(item);
            return null;
        };
        Gather.<@Nullable Void, X>run(new Batch<>(strand, "forEach", sizeOf(items)), b -> {
            for (A item : items) {
                b.startNext(function, item);
            }
        });
    }

    static <A extends @Nullable Object, T extends @Nullable Object> List<Outcome<T>> outcomes(
            Strand strand, Iterable<? extends A> items, AsyncFunction<? super A, ? extends T, ?> function) {
        strand.checkpoint();
        Batch<T> batch = new Undisturbed<>(strand, sizeOf(items));
        Gather.<T, RuntimeException>run(batch, b -> {
            for (A item : items) {
                b.startNext(function, item);
            }
        });
        return batch.outcomes();
    }

    /** A batch whose children don't disturb each other. */
    private static final class Undisturbed<T extends @Nullable Object> extends Batch<T> {
        Undisturbed(Strand strand, int sizeHint) {
            super(strand, "gatherOutcomes", sizeHint);
        }

        @Override
        void ended(TaskStrand<?> child) {}
    }

    static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> T race(
            Strand strand,
            Iterable<? extends A> items,
            AsyncFunction<? super A, ? extends T, ? extends X> function,
            Consumer<? super T> onDiscard)
            throws X {
        strand.checkpoint();
        Iterator<? extends A> iterator = items.iterator();
        if (!iterator.hasNext()) {
            throw new IllegalArgumentException("a race needs at least one runner");
        }
        Race<T> race = new Race<>(strand);
        try {
            Gather.<T, X>run(race, b -> {
                while (race.reason() == null && iterator.hasNext()) {
                    A item = iterator.next();
                    b.startNext(function, item);
                }
            });
        } catch (Throwable t) {
            race.discard(true, onDiscard);
            throw Throwing.<X>any(t);
        }
        race.discard(false, onDiscard);
        return race.value();
    }

    static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> List<T> mapConcurrent(
            Strand strand,
            Iterable<? extends A> items,
            int limit,
            AsyncFunction<? super A, ? extends T, ? extends X> function)
            throws X {
        strand.checkpoint();
        Results<T> results = new Results<>();
        Batch<@Nullable Void> batch = new Batch<>(strand, "mapConcurrent");
        ConcurrentMap<A, T> map = new ConcurrentMap<>(batch, items.iterator(), limit, function, results);
        Gather.<@Nullable Void, X>run(batch, _ -> map.start());
        return results.toList(map.taken());
    }

    static <A extends @Nullable Object, X extends Throwable> void forEachConcurrent(
            Strand strand, Iterable<? extends A> items, int limit, AsyncConsumer<? super A, ? extends X> consumer)
            throws X {
        strand.checkpoint();
        Batch<@Nullable Void> batch = new Batch<>(strand, "forEachConcurrent");
        ConcurrentMap<A, @Nullable Void> map = new ConcurrentMap<>(
                batch,
                items.iterator(),
                limit,
                item -> {
                    consumer.accept(item);
                    return null;
                },
                (_, _) -> {});
        Gather.<@Nullable Void, X>run(batch, _ -> map.start());
    }

    private static int sizeOf(Iterable<?> items) {
        return items instanceof Collection<?> collection ? collection.size() : Batch.USUAL_SIZE;
    }
}
