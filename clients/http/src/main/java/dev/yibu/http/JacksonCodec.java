package dev.yibu.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** JSON by Jackson. {@code jackson-databind} has to be among the program's own dependencies. */
public final class JacksonCodec implements JsonCodec {
    private final ObjectMapper mapper;

    private JacksonCodec(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * With a mapper as it comes.
     *
     * @return the codec
     */
    public static JacksonCodec create() {
        return new JacksonCodec(new ObjectMapper());
    }

    /**
     * With a mapper that is set up elsewhere.
     *
     * @param mapper the mapper; it must not be changed any more
     * @return the codec
     */
    public static JacksonCodec of(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"));
    }

    @Override
    public byte[] encode(@Nullable Object value) throws IOException {
        return mapper.writeValueAsBytes(value);
    }

    @Override
    public @Nullable Object decode(byte[] json, Type type) throws IOException {
        return mapper.readValue(json, mapper.constructType(type));
    }
}
