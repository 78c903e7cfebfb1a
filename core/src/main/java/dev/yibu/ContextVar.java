package dev.yibu;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value that belongs to a task and the tasks it starts: a request's id, a user, a locale. Compare {@code
 * contextvars.ContextVar} and {@link ScopedValue}; unlike the latter it reaches child tasks without a preview feature.
 *
 * {@snippet file="dev/yibu/Snippets.java" region=context-var}
 *
 * <p><b>Inheritance.</b> A task sees the values that were bound where it was started, for as long as it lives; so does
 * code in {@link Async#blocking} and {@link Async#runInExecutor}. Binding a variable never changes what others see.
 *
 * <p><b>Thread-safety.</b> A variable may be shared freely; keep it in a static final field.
 *
 * @param <T> the type of its values
 */
public final class ContextVar<T> {
    private final String name;
    private final @Nullable T fallback;

    private ContextVar(String name, @Nullable T fallback) {
        this.name = Objects.requireNonNull(name, "name");
        this.fallback = fallback;
    }

    /**
     * A variable without a default.
     *
     * @param name for messages
     * @param <T> the type of its values
     * @return a new variable
     */
    public static <T> ContextVar<T> create(String name) {
        return new ContextVar<>(name, null);
    }

    /**
     * A variable with a default.
     *
     * @param name for messages
     * @param fallback the value where none is bound
     * @param <T> the type of its values
     * @return a new variable
     */
    public static <T> ContextVar<T> withDefault(String name, T fallback) {
        return new ContextVar<>(name, Objects.requireNonNull(fallback, "fallback"));
    }

    /**
     * Lets an existing scoped value travel into child tasks and to threads that work for a task, from now on. Idempotent.
     *
     * @param value a scoped value, typically a library's
     * @param <T> its type
     */
    public static <T> void travel(ScopedValue<T> value) {
        Objects.requireNonNull(value, "value");
        Context.register(new ScopedValueCarrier<>(value));
    }

    private record ScopedValueCarrier<V>(ScopedValue<V> key) implements Context.Carrier {
        @Override
        public @Nullable Object capture() {
            return key.isBound() ? key.get() : null;
        }

        @Override
        @SuppressWarnings("unchecked") // captured above
        public <T extends @Nullable Object, X extends Throwable> T restore(Object captured, Coroutine<T, X> body)
                throws X {
            return ScopedValue.where(key, (V) captured).<T, X>call(body::run);
        }
    }

    /**
     * The value bound by the nearest {@link #where}, in this task or in those that led to it.
     *
     * @return the value, or the default
     * @throws NoSuchElementException if nothing is bound and there is no default
     */
    public T get() {
        T value = find();
        if (value == null) {
            throw new NoSuchElementException(this + " has no value here: bind one with where(value, body)");
        }
        return value;
    }

    /**
     * The value, or another one if nothing is bound and there is no default.
     *
     * @param other the other value
     * @return a value
     */
    public T orElse(T other) {
        Objects.requireNonNull(other, "other");
        T value = find();
        return value == null ? other : value;
    }

    /**
     * Whether a value is bound here, apart from a default.
     *
     * @return whether it is
     */
    public boolean isBound() {
        return binding() != null;
    }

    private Context.@Nullable Binding binding() {
        Strand strand = Strand.current();
        return strand == null ? null : strand.context().binding(this);
    }

    @SuppressWarnings("unchecked") // where() binds nothing else
    private @Nullable T find() {
        Context.Binding binding = binding();
        return binding == null ? fallback : (T) binding.value();
    }

    /**
     * Runs a body in which this variable has a value.
     *
     * @param value the value, not null
     * @param body runs on the calling thread
     * @param <R> what the body yields
     * @param <X> what it may throw
     * @return the body's value
     * @throws X if the body does
     */
    public <R extends @Nullable Object, X extends Throwable> R where(T value, Coroutine<? extends R, ? extends X> body)
            throws X {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(body, "body");
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<R, X>attached(() -> this.<R, X>where(value, body));
        }
        Context before = strand.context();
        strand.context(before.with(this, value));
        try {
            return body.run();
        } finally {
            strand.context(before);
        }
    }

    /**
     * Runs an action in which this variable has a value.
     *
     * @param value the value, not null
     * @param body runs on the calling thread
     * @param <X> what it may throw
     * @throws X if the body does
     */
    public <X extends Throwable> void where(T value, Action<? extends X> body) throws X {
        this.<@Nullable Void, X>where(value, Actions.<X>asCoroutine(Objects.requireNonNull(body, "body")));
    }

    @Override
    public String toString() {
        return "ContextVar " + name;
    }
}
