package dev.yibu.sql;

import dev.yibu.lowlevel.Throwing;
import java.lang.reflect.Type;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a value of each row of one result: a row, a record, or the value of the only column. */
abstract class Mapping<T extends @Nullable Object> {
    abstract T map(ResultSet row) throws SQLException;

    static <T> Mapping<T> of(Class<T> type, ResultSet result, Dialect dialect) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        if (type == Row.class) {
            return unchecked(new ToRow(columns(meta, dialect), dialect));
        }
        return type.isRecord() && type != Json.class
                ? new ToRecord<>(type, meta, dialect)
                : new ToValue<>(type, meta, dialect);
    }

    @SuppressWarnings("unchecked") // the caller knows that T is Row
    private static <T> Mapping<T> unchecked(Mapping<?> mapping) {
        return (Mapping<T>) mapping;
    }

    private static List<Column> columns(ResultSetMetaData meta, Dialect dialect) throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(Column.of(meta, i, dialect, Object.class));
        }
        return columns;
    }

    private static final class ToRow extends Mapping<Row> {
        private final Column[] columns;
        private final List<String> labels;
        private final Dialect dialect;

        ToRow(List<Column> columns, Dialect dialect) {
            this.columns = columns.toArray(Column[]::new);
            this.labels = columns.stream().map(Column::label).toList();
            this.dialect = dialect;
        }

        @Override
        Row map(ResultSet row) throws SQLException {
            @Nullable Object[] values = new Object[columns.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = columns[i].value(row, dialect);
            }
            return new Row(labels, values);
        }
    }

    private static final class ToRecord<T> extends Mapping<T> {
        private final RecordShape shape;
        private final Column[] columns;
        private final Dialect dialect;

        ToRecord(Class<T> type, ResultSetMetaData meta, Dialect dialect) throws SQLException {
            this.shape = RecordShape.of(type);
            this.columns = new Column[shape.names().size()];
            this.dialect = dialect;
            List<String> labels = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                labels.add(meta.getColumnLabel(i));
            }
            List<String> plain = labels.stream().map(RecordShape::plain).toList();
            for (int i = 0; i < columns.length; i++) {
                int index = plain.indexOf(shape.names().get(i));
                if (index < 0) {
                    throw new SQLSyntaxErrorException(
                            "the result has no column for " + type.getSimpleName() + "."
                                    + type.getRecordComponents()[i].getName() + ", but " + labels,
                            "42703");
                }
                columns[i] = Column.of(meta, index + 1, dialect, shape.types().get(i));
            }
        }

        @Override
        @SuppressWarnings("unchecked") // the constructor is T's
        T map(ResultSet row) throws SQLException {
            @Nullable Object[] values = new Object[columns.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = Conversions.to(shape.types().get(i), columns[i].value(row, dialect), columns[i].label());
            }
            try {
                return (T) Objects.requireNonNull(shape.constructor().invokeExact(values));
            } catch (Throwable t) {
                throw Throwing.<RuntimeException>any(t);
            }
        }
    }

    private static final class ToValue<T extends @Nullable Object> extends Mapping<T> {
        private final Type type;
        private final Column column;
        private final Dialect dialect;

        ToValue(Type type, ResultSetMetaData meta, Dialect dialect) throws SQLException {
            if (meta.getColumnCount() != 1) {
                throw new SQLSyntaxErrorException(
                        "the result has " + meta.getColumnCount() + " columns, but a " + type.getTypeName()
                                + " is made of one: select one, or make it a record",
                        "42703");
            }
            this.type = type;
            this.column = Column.of(meta, 1, dialect, type);
            this.dialect = dialect;
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway"}) // the conversion yields a T, or null, which lists may have
        T map(ResultSet row) throws SQLException {
            return (T) Conversions.to(type, column.value(row, dialect), column.label());
        }
    }
}
