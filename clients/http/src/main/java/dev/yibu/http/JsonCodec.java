package dev.yibu.http;

import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Turns objects into JSON and back; {@link JacksonCodec} is one. Implementations are thread-safe. */
public interface JsonCodec {
    /**
     * Writes an object.
     *
     * @param value the object, or null
     * @return JSON in UTF-8
     * @throws IOException if it can't be written
     */
    byte[] encode(@Nullable Object value) throws IOException;

    /**
     * Reads an object.
     *
     * @param json JSON in UTF-8, UTF-16 or UTF-32
     * @param type what it is to be
     * @return the object; null if the JSON says so
     * @throws IOException if it is malformed or does not fit the type
     */
    @Nullable
    Object decode(byte[] json, Type type) throws IOException;
}
