package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Retry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Begins, and in any case ends. The end runs shielded: a commit that has begun is waited for, at most for the grace, since
 * nobody could say what came of it otherwise; a rollback that fails costs the connection.
 */
final class Transaction {
    private Transaction() {}

    static <T extends @Nullable Object> T run(
            Session session, TransactionOptions options, AsyncFunction<? super Session, ? extends T, ?> body)
            throws Throwable {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(body, "body");
        if (session.isInTransaction()) {
            checkNested(options);
            return inSavepoint(session, body);
        }
        Retry retry = options.retryOnConflict();
        return retry == null
                ? once(session, options, body)
                : Async.<T, Throwable>retry(retry, () -> Transaction.<T>once(session, options, body));
    }

    private static void checkNested(TransactionOptions options) {
        if (!options.areDefaults() || options.retry().isPresent()) {
            throw new IllegalArgumentException(
                    "a transaction inside a transaction is a savepoint: isolation, read-only and retry belong to the outer"
                            + " one");
        }
    }

    private static <T extends @Nullable Object> T once(
            Session session, TransactionOptions options, AsyncFunction<? super Session, ? extends T, ?> body)
            throws Throwable {
        T value;
        try {
            session.controlRun("begin a transaction", _ -> {
                begin(session, options);
            });
            value = body.apply(session);
            checkInnermost(session, 1);
            Async.checkpoint();
        } catch (Throwable thrown) {
            end(session, thrown);
            throw thrown;
        }
        try {
            shielded(session, "commit a transaction", Connection::commit);
        } catch (Throwable thrown) {
            end(session, thrown);
            throw thrown;
        }
        end(session, null);
        return value;
    }

    private static void begin(Session session, TransactionOptions options) throws SQLException {
        Connection connection = session.connection();
        session.depth(1);
        connection.setAutoCommit(false);
        if (options.areDefaults()) {
            return;
        }
        if (session.dialect() == Dialect.OTHER) {
            session.changes();
            if (options.isolation().isPresent()) {
                connection.setTransactionIsolation(options.isolation().get().level());
            }
            connection.setReadOnly(options.readOnly());
            return;
        }
        try (Statement statement = connection.createStatement()) { // for this transaction only: nothing to set back
            statement.execute("set transaction"
                    + options.isolation()
                            .map(i -> " isolation level " + i.sql())
                            .orElse("")
                    + (options.isolation().isPresent() && options.readOnly() ? "," : "")
                    + (options.readOnly() ? " read only" : ""));
        }
    }

    /** Rolls back what is not committed, and makes statements commit on their own again. */
    private static void end(Session session, @Nullable Throwable failure) throws SQLException {
        try {
            if (session.isBroken()) {
                return;
            }
            shielded(session, "end a transaction", connection -> {
                if (connection.getAutoCommit()) {
                    return; // it was cancelled before it had begun
                }
                if (failure != null) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            });
        } catch (SQLException | Cancelled e) {
            session.breakDown();
            if (failure == null) {
                return; // it is committed; the connection is not used again
            }
            failure.addSuppressed(e);
        } finally {
            session.transactionEnded();
        }
    }

    private static void shielded(Session session, String what, AsyncConsumer<Connection, SQLException> action)
            throws SQLException {
        Async.<SQLException>shield(session.pool().grace(), () -> {
            session.endReading();
            session.controlRun(what, _ -> action.accept(session.connection()));
        });
    }

    private static void checkInnermost(Session session, int depth) {
        if (session.depth() != depth) {
            throw new IllegalStateException(
                    "transactions of one session overlap: one ends while another that began in it is still open; give"
                            + " each task a session of its own");
        }
    }

    private static <T extends @Nullable Object> T inSavepoint(
            Session session, AsyncFunction<? super Session, ? extends T, ?> body) throws Throwable {
        int depth = session.depth() + 1;
        Savepoint savepoint = session.control("set a savepoint", _ -> {
            Savepoint set = session.connection().setSavepoint();
            session.depth(depth);
            return set;
        });
        T value;
        try {
            value = body.apply(session);
            checkInnermost(session, depth);
            Async.checkpoint();
            shielded(session, "release a savepoint", connection -> {
                connection.releaseSavepoint(savepoint);
                session.depth(depth - 1);
            });
        } catch (Throwable thrown) {
            leave(session, depth, savepoint, thrown);
            throw thrown;
        }
        return value;
    }

    private static void leave(Session session, int depth, Savepoint savepoint, Throwable failure) {
        try {
            if (!session.isBroken()) {
                shielded(session, "go back to a savepoint", connection -> connection.rollback(savepoint));
            }
        } catch (SQLException | Cancelled e) {
            session.breakDown();
            failure.addSuppressed(e);
        } finally {
            session.depth(depth - 1);
        }
    }
}
