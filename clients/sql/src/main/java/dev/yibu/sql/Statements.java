package dev.yibu.sql;

import java.sql.BatchUpdateException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Statements whose results are read at once. */
final class Statements {
    /** So many rows of a batch go to the server together; more would need memory without being faster. */
    private static final int BATCH = 1_000;

    private Statements() {}

    /** All rows, or the first ones. A statement without a result yields none. */
    static <T> List<T> query(Session session, Class<T> type, int most, String sql, @Nullable Object[] parameters)
            throws SQLException {
        SqlText text = SqlText.of(sql, session.dialect());
        @Nullable Object[] values = text.values(parameters);
        return session.statement("a query", operation -> {
            try (PreparedStatement statement = operation.stoppable(Binder.prepare(session, text, values))) {
                if (!statement.execute()) {
                    return List.of();
                }
                try (ResultSet result = statement.getResultSet()) {
                    Mapping<T> mapping = Mapping.of(type, result, session.dialect());
                    List<T> rows = new ArrayList<>();
                    while (rows.size() < most && result.next()) {
                        rows.add(mapping.map(result));
                    }
                    return rows;
                }
            }
        });
    }

    /** The number of rows that were changed. */
    static long execute(Session session, String sql, @Nullable Object[] parameters) throws SQLException {
        SqlText text = SqlText.of(sql, session.dialect());
        @Nullable Object[] values = text.values(parameters);
        return session.statement("a statement", operation -> {
            try (PreparedStatement statement = operation.stoppable(Binder.prepare(session, text, values))) {
                return statement.execute() ? 0 : Math.max(0, statement.getLargeUpdateCount());
            }
        });
    }

    /** Runs a statement with each row's values, in the current transaction. */
    static void executeMany(Session session, String sql, Iterable<?> rows) throws SQLException {
        SqlText text = SqlText.of(sql, session.dialect());
        Iterator<?> iterator = rows.iterator();
        List<@Nullable Object[]> batch = new ArrayList<>();
        while (iterator.hasNext()) {
            batch.add(text.values(values(iterator.next())));
            if (batch.size() == BATCH || !iterator.hasNext()) {
                List<@Nullable Object[]> full = List.copyOf(batch);
                session.statementRun("a batch", operation -> {
                    execute(operation, session, text, full);
                });
                batch.clear();
            }
        }
    }

    private static void execute(Operation operation, Session session, SqlText text, List<@Nullable Object[]> batch)
            throws SQLException {
        try (PreparedStatement statement =
                operation.stoppable(session.connection().prepareStatement(text.jdbc()))) {
            for (@Nullable Object[] values : batch) {
                Binder.bind(statement, values, session.dialect());
                statement.addBatch();
            }
            statement.executeBatch();
        } catch (BatchUpdateException e) {
            SQLException cause = e.getNextException(); // what the server said; the driver's text repeats all values
            throw cause == null ? e : cause;
        }
    }

    private static @Nullable Object[] values(@Nullable Object row) {
        return switch (row) {
            case Params params -> new Object[] {params};
            case Record components -> new Object[] {Params.of(components)};
            case List<?> list -> list.toArray();
            case Object[] array -> array;
            case null, default -> {
                if (row == null || row instanceof Iterable<?>) {
                    throw new IllegalArgumentException(
                            "a row of a batch is a list, an array, Params or a record, not " + Objects.toString(row));
                }
                yield new Object[] {row};
            }
        };
    }
}
