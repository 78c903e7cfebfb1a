package dev.yibu.sql;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.lang.reflect.Type;
import java.sql.SQLDataException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A JSON text: what a column of type {@code json} or {@code jsonb} yields, and what a parameter for one is given as. A
 * record's component for such a column may have any type that Jackson can read: a record, a list, a map.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=json}
 *
 * @param text the JSON
 */
public record Json(String text) {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .findAndAddModules()
            .build();

    /** Refuses null. */
    public Json {
        Objects.requireNonNull(text, "text");
    }

    /**
     * Writes a value as JSON.
     *
     * @param value a record, a collection, a map, a number, a string...; null is JSON's null
     * @return the JSON
     * @throws IllegalArgumentException if Jackson can't write it
     */
    public static Json of(@Nullable Object value) {
        try {
            return new Json(MAPPER.writeValueAsString(value));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "no JSON can be made of a "
                            + (value == null ? null : value.getClass().getName()),
                    e);
        }
    }

    /**
     * Reads the JSON.
     *
     * @param type what to make of it
     * @param <T> that type
     * @return the value; unknown members are ignored
     * @throws IllegalArgumentException if the text is no JSON, or doesn't fit the type
     */
    public <T> T as(Class<T> type) {
        Objects.requireNonNull(type, "type");
        try {
            return MAPPER.readValue(text, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("this JSON is no " + type.getName(), e);
        }
    }

    /** The same for a type with parameters, as the component of a record may have. */
    @Nullable
    Object read(Type type) throws SQLDataException {
        try {
            return MAPPER.readValue(text, MAPPER.constructType(type));
        } catch (JacksonException e) {
            throw new SQLDataException("the JSON doesn't fit " + type.getTypeName(), "22000", e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
