package dev.yibu.sql;

import java.sql.SQLException;
import java.util.Set;

/** What the codes of drivers and servers mean. */
final class SqlErrors {
    private static final String SERIALIZATION_FAILURE = "40001";
    private static final String POSTGRESQL_DEADLOCK = "40P01";
    private static final String POSTGRESQL_CANCELLED = "57014";
    private static final String POSTGRESQL_FAILED_TRANSACTION = "25P02";
    private static final int MARIADB_INTERRUPTED = 1317;
    private static final int MARIADB_CONNECTION_KILLED = 1927;

    /** The server was told to shut down, has crashed, or is starting or stopping. */
    private static final Set<String> SERVER_GOES = Set.of("57P01", "57P02", "57P03", "57P05");

    private SqlErrors() {}

    /** Whether the same transaction may succeed if it is tried again from the start. */
    static boolean isSerializationFailure(Throwable thrown) {
        return thrown instanceof SQLException e
                && (SERIALIZATION_FAILURE.equals(e.getSQLState()) || POSTGRESQL_DEADLOCK.equals(e.getSQLState()));
    }

    /** Whether a request to cancel has ended the statement. */
    static boolean isCancellation(SQLException e) {
        return POSTGRESQL_CANCELLED.equals(e.getSQLState()) || e.getErrorCode() == MARIADB_INTERRUPTED;
    }

    /** Whether the server lives, but its transaction takes nothing more than a rollback. */
    static boolean isFailedTransaction(SQLException e) {
        return POSTGRESQL_FAILED_TRANSACTION.equals(e.getSQLState());
    }

    /** Whether the connection is lost, and others of the same pool may be. */
    static boolean isConnectionLost(SQLException e) {
        String state = e.getSQLState();
        return (state != null && (state.startsWith("08") || SERVER_GOES.contains(state)))
                || e.getErrorCode() == MARIADB_CONNECTION_KILLED;
    }
}
