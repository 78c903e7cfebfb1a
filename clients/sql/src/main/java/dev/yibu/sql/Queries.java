package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.Strand;
import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of a database: of a {@link Database}, where each call has a connection to itself for as long as it
 * takes, or of a {@link Session}, which keeps one.
 *
 * <p><b>Parameters.</b> A statement has a {@code ?} for each value, or names, {@code :name}, whose values are given as one
 * {@link Params}. The values go to the server beside the statement, never inside its text. A value may be null, a string, a number,
 * a boolean, a {@code byte[]}, a {@link java.util.UUID}, an enum constant (its name), anything of {@code java.time}, {@link
 * Json}, or an {@link Optional} of these. A collection is an array for PostgreSQL ({@code = any(?)}); for others it stands
 * for as many values ({@code in (?)}). PostgreSQL's own operators with a {@code ?} are spelt with {@code ??}.
 *
 * <p><b>Results.</b> A row becomes a {@link Row}, a record, or, if there is one column, its value. A record's components are
 * found by the names of the columns, {@code first_name} for {@code firstName}; further columns are ignored. A value that
 * does not fit is an error: nothing is cut or rounded. NULL does not fit a primitive; {@link Optional} and references take
 * it.
 *
 * <p><b>Cancellation.</b> Each method is a checkpoint and may wait. If the caller is cancelled, or a deadline passes, the
 * server is asked to stop; see {@link Database}. Without a transaction around it the statement has then happened
 * completely or not at all.
 *
 * <p><b>Exceptions.</b> What the driver throws arrives as it is.
 */
public abstract sealed class Queries permits Database, Session {
    Queries() {}

    /** Runs {@code body} with a session. */
    abstract <T extends @Nullable Object> T onSession(AsyncFunction<? super Session, ? extends T, SQLException> body)
            throws SQLException;

    abstract Pool pool();

    /** Runs a call; on a thread from outside with one strand for all of its waits. */
    static <T extends @Nullable Object, X extends Throwable> T onStrand(Coroutine<? extends T, ? extends X> call)
            throws X {
        return Strand.current() == null ? Strand.<T, X>attached(call) : call.run();
    }

    // ---------------------------------------------------------------- rows

    /**
     * All rows of a query.
     *
     * @param sql the statement; one without a result yields no rows
     * @param parameters its values
     * @return the rows
     * @throws SQLException if the statement fails, or no connection is to be had
     * @throws Cancelled if the caller is cancelled
     */
    public List<Row> query(String sql, @Nullable Object... parameters) throws SQLException {
        return query(Row.class, sql, parameters);
    }

    /**
     * All rows of a query as records, or as values of its only column.
     *
     * @param type a record, or what the column is made into
     * @param sql the statement; one without a result yields no rows
     * @param parameters its values
     * @param <T> the type
     * @return the rows; NULLs of a single column are null
     * @throws SQLException if the statement fails, a row doesn't fit the type, or no connection is to be had
     * @throws Cancelled if the caller is cancelled
     */
    public <T> List<T> query(Class<T> type, String sql, @Nullable Object... parameters) throws SQLException {
        check(sql, parameters);
        Objects.requireNonNull(type, "type");
        return onSession(session -> Statements.query(session, type, Integer.MAX_VALUE, sql, parameters));
    }

    /**
     * The row of a query that has one, or none.
     *
     * @param sql the statement
     * @param parameters its values
     * @return the row, or nothing
     * @throws SQLException if there is more than one row; otherwise as {@link #query(String, Object...)}
     * @throws Cancelled if the caller is cancelled
     */
    public Optional<Row> queryRow(String sql, @Nullable Object... parameters) throws SQLException {
        return queryRow(Row.class, sql, parameters);
    }

    /**
     * The row of a query that has one, or none, as a record or as the value of its only column.
     *
     * @param type a record, or what the column is made into
     * @param sql the statement
     * @param parameters its values
     * @param <T> the type
     * @return the row; nothing if there is none, or if its only column is NULL
     * @throws SQLException if there is more than one row; otherwise as {@link #query(Class, String, Object...)}
     * @throws Cancelled if the caller is cancelled
     */
    public <T> Optional<T> queryRow(Class<T> type, String sql, @Nullable Object... parameters) throws SQLException {
        check(sql, parameters);
        Objects.requireNonNull(type, "type");
        List<T> rows = onSession(session -> Statements.query(session, type, 2, sql, parameters));
        if (rows.size() > 1) {
            throw new SQLDataException("the query has more than one row; say which one, or limit 1", "21000");
        }
        return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.getFirst());
    }

    /**
     * The value of a query that always has one row with one column that is not NULL, such as {@code select count(*)} or
     * {@code insert ... returning id}.
     *
     * @param type what the column is made into
     * @param sql the statement
     * @param parameters its values
     * @param <T> the type
     * @return the value
     * @throws NoSuchElementException if there is no row, or NULL in it: see {@link #queryRow(Class, String, Object...)}
     * @throws SQLException if there is more than one row; otherwise as {@link #query(Class, String, Object...)}
     * @throws Cancelled if the caller is cancelled
     */
    public <T> T queryValue(Class<T> type, String sql, @Nullable Object... parameters) throws SQLException {
        return queryRow(type, sql, parameters)
                .orElseThrow(() -> new NoSuchElementException("the query has no row, or NULL in it: see queryRow"));
    }

    /**
     * The rows of a query one by one, as they come from the server; about a thousand are in memory, however many there
     * are. See {@link #stream(Class, String, Object...)}.
     *
     * @param sql the statement
     * @param parameters its values
     * @return the rows, once
     * @throws SQLException never here, but from the iteration
     */
    public AsyncIterable<Row> stream(String sql, @Nullable Object... parameters) throws SQLException {
        return stream(Row.class, sql, parameters);
    }

    /**
     * The rows of a query one by one, as records or as values of its only column.
     *
     * {@snippet file="dev/yibu/sql/Snippets.java" region=stream}
     *
     * <p>A task of the enclosing scope reads ahead. It has a connection and a transaction, which is committed when all rows
     * are read, and rolled back if the iteration is closed before; of a session, it needs the transaction around it. The
     * connection goes back when the rows are read, the iterable is closed, or the scope ends.
     *
     * @param type a record, or what the column is made into
     * @param sql the statement
     * @param parameters its values
     * @param <T> the type
     * @return the rows, once; close them if not all are read
     * @throws SQLException never here, but from the iteration
     * @throws IllegalStateException outside of any scope, or on a session without a transaction
     */
    public abstract <T> AsyncIterable<T> stream(Class<T> type, String sql, @Nullable Object... parameters)
            throws SQLException;

    static <T> AsyncIterable<T> rows(Class<T> type, AsyncConsumer<dev.yibu.stream.Emitter<T>, SQLException> producer)
            throws SQLException {
        return Async.<T, SQLException>generator(type, Cursor.PIECE, producer::accept);
    }

    // ---------------------------------------------------------------- changes

    /**
     * Runs a statement.
     *
     * @param sql the statement
     * @param parameters its values
     * @return how many rows it has changed; 0 if it is of another kind
     * @throws SQLException if the statement fails, or no connection is to be had
     * @throws Cancelled if the caller is cancelled
     */
    public long execute(String sql, @Nullable Object... parameters) throws SQLException {
        check(sql, parameters);
        return onSession(session -> Statements.execute(session, sql, parameters));
    }

    /**
     * Runs a statement with many rows of values, all or nothing: in one transaction, if there is none yet. The values go
     * to the server many at a time; of an insert, both drivers make a few large ones.
     *
     * {@snippet file="dev/yibu/sql/Snippets.java" region=many}
     *
     * @param sql the statement
     * @param rows for each run its values: a list or an array in the order of the {@code ?}, {@link Params} or a record
     *     for names, or the only value itself. Pulled as they are needed; may wait
     * @throws SQLException if a row fails
     * @throws Cancelled if the caller is cancelled
     */
    public void executeMany(String sql, Iterable<?> rows) throws SQLException {
        Objects.requireNonNull(sql, "sql");
        Objects.requireNonNull(rows, "rows");
        this.<@Nullable Void>onSession(Session.asFunction(session -> {
            if (session.isInTransaction()) {
                Statements.executeMany(session, sql, rows);
            } else {
                session.transactionRun(_ -> Statements.executeMany(session, sql, rows));
            }
        }));
    }

    // ---------------------------------------------------------------- COPY

    /**
     * PostgreSQL: loads rows into a table with {@code COPY}, the quickest way there is. Compare asyncpg's {@code
     * copy_records_to_table}.
     *
     * @param table the table, as in {@code "users"} or {@code "public.users"}; upper and lower case matter
     * @param columns the columns that the rows have values for
     * @param rows the rows, each with a value for every column. Pulled as they are needed; may wait, but not for anything
     *     of the same session: that has to wait for the end of the COPY
     * @return how many rows there were
     * @throws IllegalStateException if the rows are asked of the same session: no row is there then
     * @throws SQLException if a row is not accepted: then none is; or if the server is no PostgreSQL
     * @throws Cancelled if the caller is cancelled: no row is there then
     */
    public long copyIn(String table, List<String> columns, Iterable<? extends List<?>> rows) throws SQLException {
        Objects.requireNonNull(table, "table");
        List<String> names = List.copyOf(Objects.requireNonNull(columns, "columns"));
        Objects.requireNonNull(rows, "rows");
        return onSession(session -> Copying.in(session, table, names, rows));
    }

    /**
     * PostgreSQL: loads data that has one of {@code COPY}'s formats already.
     *
     * @param sql such as {@code copy users from stdin (format csv)}
     * @param data the data; read on the calling thread, to its end, and not closed
     * @return how many rows there were
     * @throws SQLException if the data is not accepted, or the server is no PostgreSQL
     * @throws IOException if the data can't be read: nothing is loaded then
     * @throws Cancelled if the caller is cancelled: nothing is loaded then
     */
    public long copyIn(String sql, InputStream data) throws SQLException, IOException {
        Objects.requireNonNull(sql, "sql");
        Objects.requireNonNull(data, "data");
        return Copying.withIo(() -> onSession(session -> Copying.in(session, sql, data)));
    }

    /**
     * PostgreSQL: writes a table, or the result of a query, in one of {@code COPY}'s formats.
     *
     * @param sql such as {@code copy (select * from users) to stdout (format csv)}
     * @param out receives the data; written on the calling thread, and not closed
     * @return how many rows there were
     * @throws SQLException if the statement fails, or the server is no PostgreSQL
     * @throws IOException if the data can't be written
     * @throws Cancelled if the caller is cancelled; part of the data may have been written
     */
    public long copyOut(String sql, OutputStream out) throws SQLException, IOException {
        Objects.requireNonNull(sql, "sql");
        Objects.requireNonNull(out, "out");
        return Copying.withIo(() -> onSession(session -> Copying.out(session, sql, out)));
    }

    // ---------------------------------------------------------------- transactions

    /**
     * Runs {@code body} in a transaction: committed when it returns, rolled back when it throws or is cancelled. On a
     * session that is in one already it is a savepoint.
     *
     * {@snippet file="dev/yibu/sql/Snippets.java" region=transaction}
     *
     * @param body gets the session that the transaction is on
     * @param <T> what it yields
     * @param <X> what it throws
     * @return its value
     * @throws X as the body does
     * @throws SQLException if the transaction can't be begun or committed
     * @throws Cancelled if the caller is cancelled before the commit; it is rolled back
     */
    public <T extends @Nullable Object, X extends Throwable> T transaction(
            AsyncFunction<? super Session, ? extends T, ? extends X> body) throws X, SQLException {
        return this.<T, X>transaction(TransactionOptions.defaults(), body);
    }

    /**
     * {@link #transaction(AsyncFunction)} with options.
     *
     * @param options isolation, read-only, whether to try again
     * @param body gets the session that the transaction is on
     * @param <T> what it yields
     * @param <X> what it throws
     * @return its value
     * @throws X as the body does
     * @throws SQLException if the transaction can't be begun or committed
     * @throws IllegalArgumentException if it is a savepoint, which has no options
     */
    public abstract <T extends @Nullable Object, X extends Throwable> T transaction(
            TransactionOptions options, AsyncFunction<? super Session, ? extends T, ? extends X> body)
            throws X, SQLException;

    /**
     * The void form of {@link #transaction(AsyncFunction)}.
     *
     * @param body gets the session that the transaction is on
     * @param <X> what it throws
     * @throws X as the body does
     * @throws SQLException if the transaction can't be begun or committed
     */
    public <X extends Throwable> void transactionRun(AsyncConsumer<? super Session, ? extends X> body)
            throws X, SQLException {
        this.<X>transactionRun(TransactionOptions.defaults(), body);
    }

    /**
     * The void form of {@link #transaction(TransactionOptions, AsyncFunction)}.
     *
     * @param options isolation, read-only, whether to try again
     * @param body gets the session that the transaction is on
     * @param <X> what it throws
     * @throws X as the body does
     * @throws SQLException if the transaction can't be begun or committed
     */
    public <X extends Throwable> void transactionRun(
            TransactionOptions options, AsyncConsumer<? super Session, ? extends X> body) throws X, SQLException {
        Objects.requireNonNull(body, "body");
        this.<@Nullable Void, X>transaction(options, session -> {
            body.accept(session);
            return null;
        });
    }

    private static void check(String sql, @Nullable Object[] parameters) {
        Objects.requireNonNull(sql, "sql");
        Objects.requireNonNull(parameters, "parameters; a single null is (Object) null");
    }
}
