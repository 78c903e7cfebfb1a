package dev.yibu.lowlevel;

import dev.yibu.Coroutine;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What a child task inherits from the strand that starts it: the values of context variables, and what registered
 * {@linkplain Carrier carriers} take along from elsewhere. Immutable.
 */
public final class Context {
    /** A context without any value. */
    public static final Context EMPTY = new Context(null, null);

    private static final CopyOnWriteArrayList<Carrier> CARRIERS = new CopyOnWriteArrayList<>();

    /**
     * Takes along something that other libraries bind to threads: a {@link ScopedValue}, a logging context, a trace span.
     */
    public interface Carrier {
        /**
         * Called on the thread that starts a task.
         *
         * @return what is to be restored in the task, or null if there is nothing
         */
        @Nullable
        Object capture();

        /**
         * Called on the task's thread: runs the body with what was captured, and undoes it afterwards.
         *
         * @param captured what {@link #capture} returned, never null
         * @param body the rest of the task
         * @param <T> what the body yields
         * @param <X> what the body throws
         * @return the body's value
         * @throws X as the body does
         */
        <T extends @Nullable Object, X extends Throwable> T restore(Object captured, Coroutine<T, X> body) throws X;
    }

    /**
     * The value of a key.
     *
     * @param key an object that stands for itself
     * @param value its value
     * @param next further bindings, of other keys
     */
    public record Binding(
            Object key, @Nullable Object value, @Nullable Binding next) {

        /**
         * Checks its arguments.
         *
         * @throws NullPointerException if the key is null
         */
        public Binding {
            Objects.requireNonNull(key, "key");
        }

        /** The same bindings without one for the key: rebinding must not make a chain that grows for ever. */
        private static @Nullable Binding without(Object key, @Nullable Binding bindings) {
            if (bindings == null) {
                return null;
            }
            Binding rest = without(key, bindings.next);
            if (bindings.key == key) {
                return rest;
            }
            return rest == bindings.next ? bindings : new Binding(bindings.key, bindings.value, rest);
        }
    }

    private record Carried(
            Carrier carrier, Object captured, @Nullable Carried next) {}

    private final @Nullable Binding bindings;
    private final @Nullable Carried carried;

    private Context(@Nullable Binding bindings, @Nullable Carried carried) {
        this.bindings = bindings;
        this.carried = carried;
    }

    /**
     * Registers a carrier for all tasks that are started from now on. One that equals an earlier one is not registered again.
     *
     * @param carrier the carrier
     */
    public static void register(Carrier carrier) {
        CARRIERS.addIfAbsent(Objects.requireNonNull(carrier, "carrier"));
    }

    /**
     * This context with another value for a key.
     *
     * @param key an object that stands for itself
     * @param value its value
     * @return a new context
     */
    public Context with(Object key, @Nullable Object value) {
        Objects.requireNonNull(key, "key");
        return new Context(new Binding(key, value, Binding.without(key, bindings)), null);
    }

    /**
     * The binding of a key.
     *
     * @param key the key
     * @return its binding, or null if it is not bound
     */
    public @Nullable Binding binding(Object key) {
        Objects.requireNonNull(key, "key");
        Binding binding = bindings;
        while (binding != null && binding.key != key) {
            binding = binding.next;
        }
        return binding;
    }

    /**
     * What a task inherits that is started now, on the calling thread.
     *
     * @return this context, with what the carriers captured
     */
    public Context captured() {
        if (CARRIERS.isEmpty()) {
            return this;
        }
        Carried all = null;
        for (Carrier carrier : CARRIERS) {
            Object captured = carrier.capture();
            if (captured != null) {
                all = new Carried(carrier, captured, all);
            }
        }
        return all == null && carried == null ? this : new Context(bindings, all);
    }

    /**
     * Whether the carriers have captured nothing, so that there is nothing to {@link #restore}.
     *
     * @return whether a task's body can be run as it is
     */
    public boolean carriesNothing() {
        return carried == null;
    }

    /**
     * Runs a task's body, on its thread, with what the carriers captured.
     *
     * @param body the body
     * @param <T> what it yields
     * @param <X> what it throws
     * @return the body's value
     * @throws X as the body does
     */
    public <T extends @Nullable Object, X extends Throwable> T restore(Coroutine<T, X> body) throws X {
        Objects.requireNonNull(body, "body");
        return carried == null ? body.run() : restore(carried, body);
    }

    private static <T extends @Nullable Object, X extends Throwable> T restore(Carried carried, Coroutine<T, X> body)
            throws X {
        Carried next = carried.next();
        return carried.carrier().restore(carried.captured(), next == null ? body : () -> restore(next, body));
    }
}
