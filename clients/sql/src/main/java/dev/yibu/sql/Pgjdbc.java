package dev.yibu.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

/** What is asked of the PostgreSQL driver beyond JDBC; loaded only where it is there. */
final class Pgjdbc {
    private Pgjdbc() {}

    static boolean isBehind(Connection connection) throws SQLException {
        return connection.isWrapperFor(BaseConnection.class);
    }

    /**
     * Asks the server to stop what the connection is busy with. Unlike {@code Statement.cancel}, it may be repeated. It
     * returns when the server has closed the connection that carried the request, so has sent the signal: a later
     * statement is not hit. If the server can't be reached, the driver says nothing.
     */
    static void cancel(Connection connection) throws SQLException {
        connection.unwrap(BaseConnection.class).cancelQuery();
    }

    /** Whether the server is inside a transaction, as its last answer said. Asks nobody. */
    static boolean isInTransaction(Connection connection) throws SQLException {
        return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    static CopyManager copying(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }

    /** Sets a parameter of a type that the driver has no name for; the server finds out what the text means. */
    static void setUntyped(PreparedStatement statement, int index, String text) throws SQLException {
        statement.setObject(index, text, Types.OTHER);
    }

    static void setJson(PreparedStatement statement, int index, String text) throws SQLException {
        setUntyped(statement, index, text);
    }

    /** The text of a value for which JDBC has no type, such as json, inet or an interval; else the value itself. */
    static Object plain(Object value) {
        if (value instanceof PGInterval interval) {
            return Interval.of(interval);
        }
        if (value instanceof PGobject object) {
            String text = String.valueOf(object.getValue());
            String type = String.valueOf(object.getType());
            return type.equals("json") || type.equals("jsonb") ? new Json(text) : text;
        }
        return value;
    }

    /** Intervals of days and less are durations; those with months have no fixed length and stay text. */
    private static final class Interval {
        static Object of(PGInterval interval) {
            if (interval.getYears() != 0 || interval.getMonths() != 0) {
                return String.valueOf(interval.getValue());
            }
            return java.time.Duration.ofDays(interval.getDays())
                    .plusHours(interval.getHours())
                    .plusMinutes(interval.getMinutes())
                    .plusSeconds(interval.getWholeSeconds())
                    .plusNanos(interval.getMicroSeconds() * 1_000L);
        }
    }
}
