package dev.yibu.sql;

import java.sql.SQLDataException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of a result, read completely. Numbers are what the driver makes of the column's type; dates and times are of
 * {@code java.time}; arrays are lists; JSON is {@link Json}. Immutable.
 *
 * <p>{@link #toString()} shows the values: it is not for logs.
 */
public final class Row {
    private final List<String> columns;
    private final @Nullable Object[] values;

    Row(List<String> columns, @Nullable Object[] values) {
        this.columns = columns;
        this.values = values;
    }

    /**
     * The names of the columns.
     *
     * @return the names in the order of the columns
     */
    public List<String> columns() {
        return columns;
    }

    /**
     * The value of a column.
     *
     * @param column its name; case does not matter
     * @return the value, or null if it is NULL
     * @throws NoSuchElementException if there is no such column
     */
    public @Nullable Object get(String column) {
        return values[indexOf(column)];
    }

    /**
     * The value of a column.
     *
     * @param index its number, from 0
     * @return the value, or null if it is NULL
     * @throws IndexOutOfBoundsException if there is no such column
     */
    public @Nullable Object get(int index) {
        return values[Objects.checkIndex(index, values.length)];
    }

    /**
     * The value of a column that is never NULL, as some type.
     *
     * @param column its name; case does not matter
     * @param type what to make of it
     * @param <T> that type
     * @return the value
     * @throws NoSuchElementException if there is no such column, or it is NULL: see {@link #find}
     * @throws SQLDataException if the value does not fit the type; nothing is cut or rounded
     */
    public <T> T get(String column, Class<T> type) throws SQLDataException {
        return find(column, type).orElseThrow(() -> new NoSuchElementException("column " + column + " is NULL"));
    }

    /**
     * The value of a column that may be NULL, as some type.
     *
     * @param column its name; case does not matter
     * @param type what to make of it
     * @param <T> that type
     * @return the value, or nothing if it is NULL
     * @throws NoSuchElementException if there is no such column
     * @throws SQLDataException if the value does not fit the type; nothing is cut or rounded
     */
    @SuppressWarnings("unchecked") // the conversion yields a T; a cast by the class would refuse primitives
    public <T> Optional<T> find(String column, Class<T> type) throws SQLDataException {
        Objects.requireNonNull(type, "type");
        Object value = get(column);
        return value == null ? Optional.empty() : Optional.ofNullable((T) Conversions.to(type, value, column));
    }

    private int indexOf(String column) {
        Objects.requireNonNull(column, "column");
        for (int i = 0; i < values.length; i++) {
            if (columns.get(i).equalsIgnoreCase(column)) {
                return i;
            }
        }
        throw new NoSuchElementException("the result has no column " + column + ", but " + columns);
    }

    /**
     * The row as a map in the order of the columns.
     *
     * @return the values by the names of their columns; of columns with the same name, the last one
     */
    public Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            map.put(columns.get(i), values[i]);
        }
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Row row && columns.equals(row.columns) && Arrays.deepEquals(values, row.values);
    }

    @Override
    public int hashCode() {
        return 31 * columns.hashCode() + Arrays.deepHashCode(values);
    }

    @Override
    public String toString() {
        return toMap().toString();
    }
}
