package dev.yibu.sql;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values for the named parameters of a statement: {@code :name} in its text. A name may stand there several times; values
 * that the statement doesn't ask for are ignored. Immutable.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=named}
 *
 * <p>{@link #toString()} shows the names only.
 */
public final class Params {
    private final Map<String, @Nullable Object> values;

    private Params(Map<String, @Nullable Object> values) {
        this.values = values;
    }

    /**
     * One value.
     *
     * @param name the parameter's name, without the colon
     * @param value its value, as in {@link Queries}
     * @return the values
     */
    public static Params of(String name, @Nullable Object value) {
        return new Params(Map.of()).and(name, value);
    }

    /**
     * Many values.
     *
     * @param values the values by their names
     * @return the values
     */
    public static Params of(Map<String, ? extends @Nullable Object> values) {
        return new Params(new LinkedHashMap<>(Objects.requireNonNull(values, "values")));
    }

    /**
     * The components of a record, under their names.
     *
     * @param values the record
     * @return the values
     * @throws IllegalArgumentException if they can't be read: in a module, its package must be open to {@code
     *     dev.yibu.sql}
     */
    public static Params of(Record values) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (RecordComponent component : values.getClass().getRecordComponents()) {
            map.put(component.getName(), RecordShape.read(component, values));
        }
        return new Params(map);
    }

    /**
     * These values and another one.
     *
     * @param name the parameter's name, without the colon
     * @param value its value, as in {@link Queries}
     * @return the values
     */
    public Params and(String name, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(values);
        more.put(Objects.requireNonNull(name, "name"), value);
        return new Params(more);
    }

    @Nullable
    Object[] inOrder(List<String> names) {
        @Nullable Object[] ordered = new Object[names.size()];
        for (int i = 0; i < ordered.length; i++) {
            String name = names.get(i);
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException(
                        "the statement has a parameter :" + name + ", but values only for " + values.keySet());
            }
            ordered[i] = values.get(name);
        }
        return ordered;
    }

    @Override
    public String toString() {
        return "parameters " + values.keySet();
    }
}
