package dev.yibu.sql;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes statements and gives them their parameters. */
final class Binder {
    private Binder() {}

    static PreparedStatement prepare(Session session, SqlText text, @Nullable Object[] values) throws SQLException {
        boolean spread = session.dialect() != Dialect.POSTGRESQL && hasCollection(values);
        PreparedStatement statement = session.connection().prepareStatement(spread ? text.spread(values) : text.jdbc());
        try {
            bind(statement, values, session.dialect());
            return statement;
        } catch (Throwable t) {
            statement.close();
            throw t;
        }
    }

    private static boolean hasCollection(@Nullable Object[] values) {
        for (Object value : values) {
            if (value instanceof Collection<?>) {
                return true;
            }
        }
        return false;
    }

    static void bind(PreparedStatement statement, @Nullable Object[] values, Dialect dialect) throws SQLException {
        int index = 1;
        for (Object value : values) {
            if (value instanceof Collection<?> elements && dialect != Dialect.POSTGRESQL) {
                for (Object element : elements) {
                    set(statement, index++, element, dialect);
                }
            } else {
                set(statement, index++, value, dialect);
            }
        }
    }

    private static void set(PreparedStatement statement, int index, @Nullable Object value, Dialect dialect)
            throws SQLException {
        switch (value) {
            case null -> statement.setNull(index, Types.NULL);
            case String text -> statement.setString(index, text);
            case Integer number -> statement.setInt(index, number);
            case Long number -> statement.setLong(index, number);
            case Optional<?> optional -> set(statement, index, optional.orElse(null), dialect);
            case byte[] bytes -> statement.setBytes(index, bytes);
            default -> {
                switch (dialect) {
                    case POSTGRESQL -> setInPostgres(statement, index, value);
                    case MARIADB -> setInMaria(statement, index, value);
                    case MYSQL, OTHER -> setElsewhere(statement, index, value);
                }
            }
        }
    }

    private static void setInPostgres(PreparedStatement statement, int index, Object value) throws SQLException {
        switch (value) {
            case Instant instant -> statement.setObject(index, instant.atOffset(ZoneOffset.UTC));
            case ZonedDateTime time -> statement.setObject(index, time.toOffsetDateTime());
            case Json json -> Pgjdbc.setUntyped(statement, index, json.text());
            case Enum<?> constant -> Pgjdbc.setUntyped(statement, index, constant.name());
            case Duration duration -> Pgjdbc.setUntyped(statement, index, duration.toString());
            case Collection<?> elements -> setArray(statement, index, elements);
            case Object[] elements -> setArray(statement, index, Arrays.asList(elements));
            default -> statement.setObject(index, value);
        }
    }

    private static void setInMaria(PreparedStatement statement, int index, Object value) throws SQLException {
        switch (value) {
            case Json json -> statement.setString(index, json.text());
            case Enum<?> constant -> statement.setString(index, constant.name());
            default -> statement.setObject(index, value);
        }
    }

    private static void setElsewhere(PreparedStatement statement, int index, Object value) throws SQLException {
        switch (value) {
            case Instant instant -> statement.setTimestamp(index, Timestamp.from(instant));
            case Json json -> statement.setString(index, json.text());
            case Enum<?> constant -> statement.setString(index, constant.name());
            case UUID uuid -> statement.setString(index, uuid.toString());
            default -> statement.setObject(index, value);
        }
    }

    // ---------------------------------------------------------------- arrays

    private static void setArray(PreparedStatement statement, int index, Collection<?> elements) throws SQLException {
        Object first = firstOf(elements);
        if (first == null) { // of any type, which the server finds out
            Pgjdbc.setUntyped(statement, index, literalOfNulls(elements));
            return;
        }
        Object[] array = (Object[]) array(elements, elementType(first));
        statement.setArray(index, statement.getConnection().createArrayOf(sqlType(first), array));
    }

    private static String literalOfNulls(Collection<?> elements) {
        return "{" + String.join(",", elements.stream().map(_ -> "NULL").toList()) + "}";
    }

    /** Something that tells the type of all: the first that is not null, however deep. */
    private static @Nullable Object firstOf(Collection<?> elements) {
        for (Object element : elements) {
            Object found = element instanceof Collection<?> inner ? firstOf(inner) : element;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static Object array(Collection<?> elements, Class<?> type) {
        int dimensions = dimensions(elements);
        Class<?> component = type;
        for (int i = 1; i < dimensions; i++) {
            component = component.arrayType();
        }
        Object array = Array.newInstance(component, elements.size());
        int i = 0;
        for (Object element : elements) {
            Array.set(array, i++, element instanceof Collection<?> inner ? array(inner, type) : plain(element));
        }
        return array;
    }

    private static int dimensions(Collection<?> elements) {
        for (Object element : elements) {
            if (element instanceof Collection<?> inner) {
                return 1 + dimensions(inner);
            }
        }
        return 1;
    }

    private static final List<Class<?>> AS_THEY_ARE = List.of(
            Integer.class,
            Long.class,
            Short.class,
            Boolean.class,
            Double.class,
            Float.class,
            BigDecimal.class,
            UUID.class,
            byte[].class);

    /** What the driver takes as it is; anything else is given as text. */
    private static Class<?> elementType(Object element) {
        return AS_THEY_ARE.contains(element.getClass()) ? element.getClass() : String.class;
    }

    private static @Nullable Object plain(@Nullable Object element) {
        return switch (element) {
            case null -> null;
            case Enum<?> constant -> constant.name();
            case ZonedDateTime time -> time.toOffsetDateTime().toString();
            default -> elementType(element) == String.class ? element.toString() : element;
        };
    }

    private static String sqlType(Object element) {
        return switch (element) {
            case Integer _ -> "int4";
            case Long _ -> "int8";
            case Short _ -> "int2";
            case Boolean _ -> "bool";
            case Double _ -> "float8";
            case Float _ -> "float4";
            case BigDecimal _, BigInteger _ -> "numeric";
            case UUID _ -> "uuid";
            case byte[] _ -> "bytea";
            case LocalDate _ -> "date";
            case LocalTime _ -> "time";
            case LocalDateTime _ -> "timestamp";
            case OffsetDateTime _, ZonedDateTime _, Instant _ -> "timestamptz";
            case Duration _ -> "interval";
            case Json _ -> "jsonb";
            default -> "text";
        };
    }
}
