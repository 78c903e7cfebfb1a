package dev.yibu.sql;

import java.lang.reflect.Type;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a column of a result is read: as plain Java values, of {@code java.time} instead of {@code java.sql}, lists instead
 * of arrays.
 *
 * @param index from 1
 * @param label its name in the result
 * @param as the type that the driver is asked for, or null for its own choice
 * @param timeZone whether the elements of an array are points in time
 */
record Column(int index, String label, @Nullable Class<?> as, boolean timeZone) {
    private static final Set<Type> POINTS_IN_TIME = Set.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class);

    /** A column of a result; {@code wanted} is the type that it will be made into. */
    static Column of(ResultSetMetaData meta, int index, Dialect dialect, Type wanted) throws SQLException {
        int sqlType = meta.getColumnType(index);
        Class<?> as = switch (sqlType) {
            case Types.DATE -> LocalDate.class;
            case Types.TIME, Types.TIME_WITH_TIMEZONE -> time(meta, index, dialect, wanted);
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> moment(meta, index, dialect, wanted);
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> byte[].class;
            case Types.CLOB, Types.NCLOB, Types.SQLXML, Types.LONGVARCHAR -> String.class;
            case Types.ARRAY -> List.class;
            default -> null;
        };
        boolean zone = sqlType == Types.ARRAY && typeName(meta, index).contains("timestamptz");
        return new Column(index, meta.getColumnLabel(index), as, zone);
    }

    private static Class<?> time(ResultSetMetaData meta, int index, Dialect dialect, Type wanted) throws SQLException {
        if (dialect == Dialect.MARIADB && wanted == Duration.class) {
            return Duration.class;
        }
        boolean zone = meta.getColumnType(index) == Types.TIME_WITH_TIMEZONE
                || typeName(meta, index).equals("timetz");
        return zone ? OffsetTime.class : LocalTime.class;
    }

    private static Class<?> moment(ResultSetMetaData meta, int index, Dialect dialect, Type wanted)
            throws SQLException {
        boolean ofSession = dialect.isOfMySql() && POINTS_IN_TIME.contains(wanted);
        boolean zone = meta.getColumnType(index) == Types.TIMESTAMP_WITH_TIMEZONE
                || typeName(meta, index).equals("timestamptz");
        return zone || ofSession ? OffsetDateTime.class : LocalDateTime.class;
    }

    private static String typeName(ResultSetMetaData meta, int index) throws SQLException {
        return String.valueOf(meta.getColumnTypeName(index)).toLowerCase(Locale.ROOT);
    }

    /** The column's value in the current row. */
    @Nullable
    Object value(ResultSet row, Dialect dialect) throws SQLException {
        if (as == null) {
            Object value = row.getObject(index);
            return value == null || dialect != Dialect.POSTGRESQL ? value : Pgjdbc.plain(value);
        }
        if (as == String.class) {
            return row.getString(index);
        }
        if (as == byte[].class) {
            return row.getBytes(index);
        }
        if (as == List.class) {
            Array array = row.getArray(index);
            return array == null ? null : list((Object[]) array.getArray(), dialect);
        }
        return row.getObject(index, as);
    }

    private List<@Nullable Object> list(@Nullable Object[] elements, Dialect dialect) {
        List<@Nullable Object> list = new ArrayList<>(elements.length);
        for (Object element : elements) {
            list.add(element == null ? null : plain(element, dialect));
        }
        return list;
    }

    private Object plain(Object element, Dialect dialect) {
        return switch (element) {
            case Object[] inner -> list(inner, dialect);
            case java.sql.Date date -> date.toLocalDate();
            case Time time -> time.toLocalTime();
            case Timestamp time -> timeZone ? time.toInstant().atOffset(ZoneOffset.UTC) : time.toLocalDateTime();
            default -> dialect == Dialect.POSTGRESQL ? Pgjdbc.plain(element) : element;
        };
    }
}
