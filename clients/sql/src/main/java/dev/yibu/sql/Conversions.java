package dev.yibu.sql;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.SQLDataException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** From what a column has to what the program wants. Nothing is rounded, cut or guessed: what does not fit is an error. */
final class Conversions {
    private static final Map<Class<?>, Class<?>> BOXES = Map.of(
            int.class, Integer.class,
            long.class, Long.class,
            double.class, Double.class,
            boolean.class, Boolean.class,
            float.class, Float.class,
            short.class, Short.class,
            byte.class, Byte.class,
            char.class, Character.class);

    private Conversions() {}

    /** Returns null only for null, which primitives refuse. */
    static @Nullable Object to(Type type, @Nullable Object value, String label) throws SQLDataException {
        Class<?> raw = raw(type);
        if (raw == Optional.class) {
            return Optional.ofNullable(to(argument(type, 0), value, label));
        }
        if (value == null) {
            if (raw.isPrimitive()) {
                throw new SQLDataException(
                        "column " + label + " is NULL, which no " + raw + " can be: use "
                                + raw(BOXES.get(raw)).getSimpleName() + " or Optional",
                        "22002");
            }
            return null;
        }
        Class<?> boxed = BOXES.getOrDefault(raw, raw);
        if (boxed.isInstance(value) && !(value instanceof Collection<?>)) {
            return value;
        }
        Object converted;
        try {
            converted = convert(type, boxed, value, label);
        } catch (ArithmeticException e) {
            throw new SQLDataException("column " + label + " has " + value + ", too large for " + raw, "22003", e);
        } catch (IllegalArgumentException e) {
            throw new SQLDataException("column " + label + " has a value that is no " + raw.getName(), "22000", e);
        }
        if (converted == null) {
            throw new SQLDataException(
                    "column " + label + " has a " + value.getClass().getSimpleName() + ", of which no "
                            + type.getTypeName() + " can be made",
                    "22000");
        }
        return converted;
    }

    private static @Nullable Object convert(Type type, Class<?> wanted, Object value, String label)
            throws SQLDataException {
        return switch (value) {
            case Json json -> wanted == String.class ? json.text() : json.read(type);
            case Number number -> number(wanted, number);
            case String text -> text(type, wanted, text);
            case List<?> list -> list(type, wanted, list, label);
            case OffsetDateTime time -> time(wanted, time);
            case Boolean flag when Number.class.isAssignableFrom(wanted) -> number(wanted, flag ? 1 : 0);
            case LocalDateTime _ when wanted == Instant.class -> null; // of which zone?
            case byte[] bytes when wanted == UUID.class || wanted == String.class -> null;
            default -> wanted == String.class ? value.toString() : null;
        };
    }

    private static @Nullable Object number(Class<?> wanted, Number number) {
        if (wanted == Double.class) {
            return number instanceof BigDecimal || number instanceof Float || number instanceof Integer
                    ? (Object) number.doubleValue()
                    : exact(number).doubleValue();
        }
        if (wanted == Float.class) {
            return number.floatValue();
        }
        if (wanted == Boolean.class) {
            return exact(number).signum() != 0;
        }
        if (wanted == String.class) {
            return exact(number).toPlainString();
        }
        if (wanted == Long.class) {
            return number instanceof Integer
                    ? (Object) number.longValue()
                    : exact(number).longValueExact();
        }
        if (wanted == Integer.class) {
            return exact(number).intValueExact();
        }
        if (wanted == Short.class) {
            return exact(number).shortValueExact();
        }
        if (wanted == Byte.class) {
            return exact(number).byteValueExact();
        }
        if (wanted == BigInteger.class) {
            return exact(number).toBigIntegerExact();
        }
        return wanted == BigDecimal.class || wanted == Number.class ? exact(number) : null;
    }

    private static BigDecimal exact(Number number) {
        return switch (number) {
            case BigDecimal decimal -> decimal;
            case BigInteger integer -> new BigDecimal(integer);
            case Double real -> BigDecimal.valueOf(real);
            case Float real -> new BigDecimal(real.toString());
            default -> BigDecimal.valueOf(number.longValue());
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the class is an enum's
    private static @Nullable Object text(Type type, Class<?> wanted, String text) throws SQLDataException {
        if (wanted.isEnum()) {
            return Enum.valueOf((Class) wanted, text);
        }
        if (wanted == UUID.class) {
            return UUID.fromString(text);
        }
        if (wanted == Json.class) {
            return new Json(text);
        }
        if (wanted == Character.class && text.length() == 1) {
            return text.charAt(0);
        }
        boolean json = wanted.isRecord()
                || Map.class.isAssignableFrom(wanted)
                || Collection.class.isAssignableFrom(wanted)
                || JsonNode.class.isAssignableFrom(wanted);
        return json ? new Json(text).read(type) : null; // MariaDB's type json is text
    }

    private static @Nullable Object time(Class<?> wanted, OffsetDateTime time) {
        if (wanted == Instant.class) {
            return time.toInstant();
        }
        if (wanted == ZonedDateTime.class) {
            return time.toZonedDateTime();
        }
        return wanted == String.class ? time.toString() : null;
    }

    private static @Nullable Object list(Type type, Class<?> wanted, List<?> list, String label)
            throws SQLDataException {
        if (wanted.isArray()) {
            Type element = type instanceof GenericArrayType array
                    ? array.getGenericComponentType()
                    : wanted.getComponentType();
            Object array = Array.newInstance(wanted.getComponentType(), list.size());
            for (int i = 0; i < list.size(); i++) {
                Array.set(array, i, to(element, list.get(i), label));
            }
            return array;
        }
        if (!wanted.isAssignableFrom(List.class)) {
            return null;
        }
        Type element = argument(type, 0);
        List<@Nullable Object> converted = new ArrayList<>(list.size());
        for (Object value : list) {
            converted.add(to(element, value, label));
        }
        return converted;
    }

    private static Class<?> raw(@Nullable Type type) {
        return switch (type) {
            case Class<?> c -> c;
            case ParameterizedType p -> raw(p.getRawType());
            case GenericArrayType a -> raw(a.getGenericComponentType()).arrayType();
            case null, default -> Object.class;
        };
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType p ? p.getActualTypeArguments()[index] : Object.class;
    }
}
