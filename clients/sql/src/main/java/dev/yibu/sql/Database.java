package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Retry;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Throwing;
import dev.yibu.stream.AsyncIterable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database and a pool of connections to it: PostgreSQL, MariaDB, MySQL, or whatever has a {@link DataSource}. Compare
 * what {@code asyncpg.create_pool} and {@code aiomysql.create_pool} yield.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=database}
 *
 * <p><b>Waiting.</b> A call needs a connection. If all are in use it waits for its turn, first come, first served, and fails
 * with {@link java.sql.SQLTransientConnectionException} when the time of {@link DatabaseOptions#acquireTimeout()} is over.
 * Any number of tasks may call; the calling thread waits, which costs a task's virtual thread nothing.
 *
 * <p><b>Cancellation.</b> When the caller is cancelled or a deadline passes, the server is asked to stop the statement, on
 * a thread of its own, and the call ends when it has. If that takes longer than {@link DatabaseOptions#grace()}, the
 * connection is cut. A connection whose statement was stopped is probed before anybody else gets it, or thrown away: a
 * request to stop that comes late hits nobody else. Rollbacks and commits run shielded, at most for the grace.
 *
 * <p><b>Failure.</b> {@link SQLException} and its subtypes arrive as the driver throws them. Neither passwords nor URLs are
 * in messages of this package. A connection that is lost is replaced; those that were idle then are looked at again.
 *
 * <p><b>Thread-safety.</b> Any thread may call any method.
 */
public final class Database extends Queries implements AutoCloseable {
    private final Pool pool;
    private final boolean ownsSource;

    private Database(Pool pool, boolean ownsSource) {
        this.pool = pool;
        this.ownsSource = ownsSource;
    }

    /**
     * Opens a pool, and makes its first connection: a wrong address, password or encryption shows at once.
     *
     * @param options where, who, how many
     * @return the database; to be closed
     * @throws SQLException if no connection can be made
     * @throws Cancelled if the caller is cancelled; nothing is open then
     */
    public static Database open(DatabaseOptions options) throws SQLException {
        return new Database(Pool.open(Objects.requireNonNull(options, "options")), true);
    }

    /**
     * {@link #open(DatabaseOptions)} with what matters most.
     *
     * @param url where the database is, as JDBC spells it, such as {@code jdbc:postgresql://host/name}
     * @param user who connects
     * @param password the user's password
     * @return the database; to be closed
     * @throws SQLException if no connection can be made
     */
    public static Database open(String url, String user, String password) throws SQLException {
        return open(DatabaseOptions.of(url).withUser(user, password));
    }

    /**
     * {@link #open(DatabaseOptions)} for a URL that says everything.
     *
     * @param url where the database is, as JDBC spells it, such as {@code jdbc:postgresql://host/name?user=me}
     * @return the database; to be closed
     * @throws SQLException if no connection can be made
     */
    public static Database open(String url) throws SQLException {
        return open(DatabaseOptions.of(url));
    }

    /**
     * A database over connections that the program has already.
     *
     * @param source yields them; closing the database leaves it open
     * @param connections how many are used at a time; as many as the source has, if it is a pool
     * @return the database
     */
    public static Database over(DataSource source, int connections) {
        Objects.requireNonNull(source, "source");
        return new Database(Pool.over(source, DatabaseOptions.of("data source").withPoolSize(connections)), false);
    }

    @Override
    <T extends @Nullable Object> T onSession(AsyncFunction<? super Session, ? extends T, SQLException> body)
            throws SQLException {
        return Queries.<T, SQLException>onStrand(() -> {
            try (Session session = pool.lend()) {
                return body.apply(session);
            }
        });
    }

    @Override
    Pool pool() {
        return pool;
    }

    /**
     * Takes a connection for several statements; waits until there is one. Compare {@code async with pool.acquire()}.
     *
     * @return the session; closing it gives the connection back
     * @throws SQLException if no connection is to be had
     * @throws Cancelled if the caller is cancelled; it has no connection then
     */
    public Session acquire() throws SQLException {
        return onStrand(pool::lend);
    }

    @Override
    public <T extends @Nullable Object, X extends Throwable> T transaction(
            TransactionOptions options, AsyncFunction<? super Session, ? extends T, ? extends X> body)
            throws X, SQLException {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(body, "body");
        Retry retry = options.retryOnConflict();
        TransactionOptions each = options.withoutRetry();
        try {
            return retry == null
                    ? Queries.<T, Throwable>onStrand(() -> this.<T, X>once(options, body))
                    : Async.<T, Throwable>retry(
                            retry, () -> this.<T, X>once(each, body)); // the pauses need no connection
        } catch (Throwable t) {
            throw Throwing.<X>any(t);
        }
    }

    private <T extends @Nullable Object, X extends Throwable> T once(
            TransactionOptions options, AsyncFunction<? super Session, ? extends T, ? extends X> body)
            throws X, SQLException {
        try (Session session = pool.lend()) {
            return session.<T, X>transaction(options, body);
        }
    }

    @Override
    public <T> AsyncIterable<T> stream(Class<T> type, String sql, @Nullable Object... parameters) throws SQLException {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(sql, "sql");
        return rows(type, out -> this.transactionRun(session -> Cursor.read(session, type, sql, parameters, out)));
    }

    // ---------------------------------------------------------------- state

    /**
     * Asks the server for an answer, on a connection of the pool.
     *
     * @return how long that took, without waiting for the connection
     * @throws SQLException if there is no answer, or no connection
     */
    public Duration ping() throws SQLException {
        return onSession(session -> {
            long start = Driver.real().nanoTime();
            session.statementRun("ping", _ -> {
                session.checkAlive();
            });
            return Duration.ofNanos(Driver.real().nanoTime() - start);
        });
    }

    /**
     * The pool at this moment. Never waits.
     *
     * @return a snapshot
     */
    public PoolStatistics statistics() {
        return pool.statistics();
    }

    /**
     * Closes the pool. Who waits for a connection fails at once; sessions that are in use have the grace to come back, and
     * are stopped and cut then, unless the data source is the program's own. Returns when this is done, also if the caller
     * is cancelled or interrupted, and if somebody else closes it at the same time. Closing it again does nothing.
     */
    @Override
    public void close() {
        pool.close(ownsSource);
    }

    @Override
    public String toString() {
        return "database " + pool;
    }
}
