package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.AsyncFunction;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.sync.Semaphore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection lent by a {@link Database}, for statements that belong together: a transaction, temporary tables, settings
 * of the session. Compare what {@code pool.acquire()} yields in asyncpg.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=session}
 *
 * <p><b>Transactions.</b> Outside of {@link #transaction} each statement commits on its own. A transaction inside a
 * transaction is a savepoint. Don't begin or commit by statements of SQL.
 *
 * <p><b>State.</b> What a session sets ({@code set}, temporary tables, locks of the session) stays with the connection when
 * it goes back to the pool: undo it.
 *
 * <p><b>Thread-safety.</b> A connection does one thing at a time. Tasks may share a session; their statements then take
 * turns.
 *
 * <p><b>Cancellation.</b> As in {@link Database}. A session in a transaction goes on after a cancelled statement as the
 * server allows: PostgreSQL takes nothing but the transaction's end.
 */
public final class Session extends Queries implements AutoCloseable {
    private static final ForeignCall PROBE = ForeignCall.named("probe a database connection");

    /** How often a probe may be hit by a request to cancel that was for the statement before it. */
    private static final int PROBES = 3;

    private final Pool pool;
    private final Lease lease;
    private final Loan loan;
    private final Connection connection;
    private final Dialect dialect;
    private final Semaphore turn = Semaphore.of(1, "the turn of a database session");
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Whether the connection must not be used again. Any thread. */
    private volatile boolean broken;

    /** What rows are read from, if the driver can do nothing else meanwhile; written by who has the turn. */
    private volatile @Nullable Statement unread;

    /** Who runs a COPY, if there is one; written by who has the turn. */
    private volatile @Nullable Object copier;

    /** How many transactions are open, one inside the other; written by who has the turn. */
    private volatile int depth;

    /** Whether something of the connection was set that its data source sets back; written by who has the turn. */
    private volatile boolean changed;

    /** How many outermost transactions have ended; written by who has the turn. */
    private volatile int ended;

    Session(Pool pool, Lease lease, Loan loan) {
        this.pool = pool;
        this.lease = lease;
        this.loan = loan;
        this.connection = loan.connection();
        this.dialect = loan.dialect();
    }

    // ---------------------------------------------------------------- using the connection

    @Override
    <T extends @Nullable Object> T onSession(AsyncFunction<? super Session, ? extends T, SQLException> body)
            throws SQLException {
        return Queries.<T, SQLException>onStrand(() -> body.apply(this));
    }

    @Override
    Pool pool() {
        return pool;
    }

    /** A call of the driver that counts as a statement, and may take as long as one. */
    <T extends @Nullable Object> T statement(
            String what, AsyncFunction<? super Operation, ? extends T, SQLException> body) throws SQLException {
        return use(null, () -> limited(what, body));
    }

    private <T extends @Nullable Object> T limited(
            String what, AsyncFunction<? super Operation, ? extends T, SQLException> body) throws SQLException {
        Duration limit = pool.statementTimeout().orElse(null);
        return limit == null
                ? Operation.<T>run(this, what, body)
                : Async.<T, SQLException>timeout(limit, () -> Operation.<T>run(this, what, body));
    }

    /** A call that executes a statement whose rows are read bit by bit, or reads some of them. */
    <T extends @Nullable Object> T reading(
            Statement statement, String what, AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        return use(
                statement,
                () -> this.<T>limited(what, operation -> {
                    operation.stoppableReading(statement);
                    if (dialect.readsToTheEnd()) {
                        unread = statement;
                    }
                    return body.apply(operation);
                }));
    }

    /** Closes a statement that was read bit by bit. */
    void endReading(Statement statement, boolean exhausted) throws SQLException {
        use(
                statement,
                () -> Operation.<Boolean>run(this, "close a query", operation -> {
                    if (dialect.readsToTheEnd() && !exhausted && !statement.isClosed()) {
                        operation.abandon(statement); // its driver would read all the remaining rows
                    } else {
                        statement.close();
                    }
                    unread = null;
                    return true;
                }));
    }

    /** Closes what the next statement must not find open. */
    void endReading() throws SQLException {
        Statement left = unread;
        if (left != null) {
            endReading(left, false);
        }
    }

    /** Any other call of the driver that talks to the server. */
    <T extends @Nullable Object> T control(
            String what, AsyncFunction<? super Operation, ? extends T, SQLException> body) throws SQLException {
        return use(null, () -> Operation.<T>run(this, what, body));
    }

    /** The void form of {@link #statement}. */
    void statementRun(String what, AsyncConsumer<? super Operation, SQLException> body) throws SQLException {
        this.<@Nullable Void>statement(what, asFunction(body));
    }

    /** The void form of {@link #control}. */
    void controlRun(String what, AsyncConsumer<? super Operation, SQLException> body) throws SQLException {
        this.<@Nullable Void>control(what, asFunction(body));
    }

    static <A> AsyncFunction<A, @Nullable Void, SQLException> asFunction(AsyncConsumer<? super A, SQLException> body) {
        return argument -> {
            body.accept(argument);
            return null;
        };
    }

    /** Several calls of {@link #copyStep} without anything in between. */
    <T extends @Nullable Object> T exclusively(Coroutine<? extends T, SQLException> body) throws SQLException {
        return use(null, () -> {
            copier = Objects.requireNonNull(Strand.current()).holder();
            try {
                return body.run();
            } finally {
                copier = null;
            }
        });
    }

    /** Refuses what would wait for the turn that the caller has itself. */
    private void checkNotCopying() {
        Object copying = copier;
        Strand caller = copying == null ? null : Strand.current();
        if (caller != null && caller.holder().equals(copying)) {
            throw new IllegalStateException(
                    "what a COPY reads from or writes to uses the session that the COPY runs on,"
                            + " which is busy until its end: take another session, or the database, for one of them");
        }
    }

    /** A call of the driver during which the connection can't be probed: stopping it costs the connection. */
    <T extends @Nullable Object> T copyStep(AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        return Operation.<T>runOnce(this, "COPY", body);
    }

    /** The void form of {@link #copyStep}. */
    void copyStepRun(AsyncConsumer<? super Operation, SQLException> body) throws SQLException {
        this.<@Nullable Void>copyStep(asFunction(body));
    }

    /** Runs a call in turn; {@code reading} is what it reads rows from, if it does. */
    private <T extends @Nullable Object> T use(@Nullable Statement reading, Coroutine<? extends T, SQLException> call)
            throws SQLException {
        checkNotCopying();
        turn.acquire();
        try {
            if (closed.get()) {
                throw new IllegalStateException(
                        "this session of " + pool + " is closed: its connection was given back");
            }
            if (broken) {
                throw new SQLNonTransientConnectionException(
                        "the connection of this session was lost or had to be given up: take another session", "08003");
            }
            Statement open = unread;
            if (open != null && !open.equals(reading)) {
                throw new IllegalStateException(
                        "a stream of this session is open, and a connection to MariaDB or MySQL"
                                + " can do nothing else meanwhile: read it to its end or close it, or use the database's stream");
            }
            return call.run();
        } finally {
            turn.release();
        }
    }

    Lease lease() {
        return lease;
    }

    Loan loan() {
        return loan;
    }

    Connection connection() {
        return connection;
    }

    Dialect dialect() {
        return dialect;
    }

    int depth() {
        return depth;
    }

    void depth(int depth) {
        this.depth = depth;
    }

    /** Something is about to be set that the data source sets back when it has the connection again. */
    void changes() {
        changed = true;
    }

    boolean isChanged() {
        return changed;
    }

    int ended() {
        return ended;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one task at a time ends the transaction
    void transactionEnded() {
        depth = 0;
        ended++;
    }

    // ---------------------------------------------------------------- what becomes of the connection

    /** Called with what a call of the driver has thrown. */
    void failed(SQLException e, boolean askedToStop) {
        boolean lost = SqlErrors.isConnectionLost(e) || isGone();
        if (lost && !broken) {
            broken = true;
            if (!askedToStop) {
                pool.suspectOthers();
            }
        }
    }

    private boolean isGone() {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    boolean isBroken() {
        return broken;
    }

    void breakDown() {
        broken = true;
    }

    /** Asks the server to stop what it does for this connection. Called by a hook, on a thread of its own. */
    void askToStop(@Nullable Statement statement) throws SQLException {
        switch (dialect) {
            case POSTGRESQL -> Pgjdbc.cancel(connection);
            case MARIADB ->
                connection.unwrap(Connection.class).createStatement().cancel(); // it stops any
            case MYSQL, OTHER -> {
                if (statement != null) {
                    cancel(statement);
                }
            }
        }
    }

    /** For drivers that send nothing unless this very statement is running. */
    private static void cancel(Statement statement) throws SQLException {
        try {
            statement.cancel();
        } catch (RuntimeException e) { // of MySQL's driver, if the statement is closed at this moment: nothing was sent
            if (!statement.isClosed()) {
                throw e;
            }
        }
    }

    long graceMillis() {
        return Pool.millis(pool.grace());
    }

    /** Ends the connection, and with it whatever waits for the server. Called by a hook. */
    void cut() throws SQLException {
        broken = true;
        connection.abort(Runnable::run);
    }

    /** Ends whatever it is busy with, and the connection, for a pool that closes. Any thread. */
    void end() {
        broken = true;
        try {
            if (turn.statistics().available() == 0) {
                askToStop(null); // the server may not notice for long that nobody is there any more
            }
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It has gone already, or can't be reached.
        }
    }

    /**
     * Sees to it that no request to stop is left that could hit the next statement. Called after a call that was asked to
     * stop, before anything else is done with the connection.
     *
     * @param unsettled whether there may be one that has not arrived yet
     * @param reading what to close before
     */
    void settle(boolean unsettled, @Nullable Statement reading) {
        pool.countStopped();
        if (broken || unsettled) {
            broken = true;
            return;
        }
        try {
            boolean fine = Async.shield(
                    pool.grace(),
                    () -> PROBE.onCancel(this::cut, Duration.ZERO)
                            .thenClose(() -> {})
                            .call(() -> isClosed(reading) && isAlive()));
            if (!fine) {
                broken = true;
            }
        } catch (Cancelled e) { // who was cancelled hears of that; the connection is not used again
            broken = true;
        }
    }

    private boolean isClosed(@Nullable Statement reading) {
        try {
            if (reading != null) {
                reading.close();
            }
        } catch (SQLException e) {
            if (!SqlErrors.isCancellation(e)) {
                return false;
            }
        }
        unread = null;
        return true;
    }

    /** Throws what is wrong with the connection, if something is. */
    void checkAlive() throws SQLException {
        if (dialect == Dialect.OTHER) {
            if (!connection.isValid(Math.clamp(pool.grace().toSeconds(), 1, 60))) {
                throw new SQLNonTransientConnectionException("the connection is no longer valid", "08006");
            }
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("select 1");
        }
    }

    private boolean isAlive() {
        for (int i = 0; i < PROBES; i++) {
            try {
                checkAlive();
                return true;
            } catch (SQLException e) {
                if (SqlErrors.isFailedTransaction(e)) {
                    return true;
                }
                if (!SqlErrors.isCancellation(e)) {
                    return false;
                }
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- transactions

    @Override
    public <T> AsyncIterable<T> stream(Class<T> type, String sql, @Nullable Object... parameters) throws SQLException {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(sql, "sql");
        if (depth == 0) {
            throw new IllegalStateException(
                    "a stream of a session needs a transaction around it, or use the database's");
        }
        AsyncIterable<T> rows = rows(type, out -> Cursor.read(this, type, sql, parameters, out));
        return AsyncIterable.from(new Rows<>(rows));
    }

    /** The rows of a stream, which a COPY on the same session can't read. */
    private final class Rows<T> implements Iterable<T>, AutoCloseable {
        private final AsyncIterable<T> rows;

        Rows(AsyncIterable<T> rows) {
            this.rows = rows;
        }

        @Override
        public Iterator<T> iterator() {
            Iterator<T> each = rows.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    checkNotCopying();
                    return each.hasNext();
                }

                @Override
                public T next() {
                    checkNotCopying();
                    return each.next();
                }
            };
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    @Override
    public <T extends @Nullable Object, X extends Throwable> T transaction(
            TransactionOptions options, AsyncFunction<? super Session, ? extends T, ? extends X> body)
            throws X, SQLException {
        try {
            return Queries.<T, Throwable>onStrand(() -> Transaction.<T>run(this, options, body));
        } catch (Throwable t) {
            throw Throwing.<X>any(t);
        }
    }

    /**
     * Whether a transaction is open.
     *
     * @return true inside {@link #transaction}
     */
    public boolean isInTransaction() {
        return depth > 0;
    }

    // ---------------------------------------------------------------- the end

    /**
     * Gives the connection back to the pool, or away if it is broken. Waits for a statement of another task that runs on
     * it, at most for the grace. Closing it again does nothing.
     */
    @Override
    public void close() {
        if (closed.get()) {
            return;
        }
        boolean mine = turn.tryAcquire() || waitsForTurn();
        if (closed.compareAndSet(false, true)) {
            giveBack(mine);
        }
        if (mine) {
            turn.release();
        }
    }

    /** Whether it has got the turn within the grace, also if the caller is cancelled. */
    private boolean waitsForTurn() {
        boolean[] taken = {false};
        try {
            Async.shield(
                    pool.grace(),
                    () -> Async.moveOnAfter(pool.grace(), () -> {
                        turn.acquire();
                        taken[0] = true;
                    }));
        } catch (Cancelled | CancellationException e) {
            // The connection goes back all the same; the next checkpoint says so again.
        }
        return taken[0];
    }

    private void giveBack(boolean idle) {
        boolean fine = false;
        try {
            if (idle && depth == 0 && unread == null && !broken) {
                rollBackLeftovers();
                fine = !broken;
            }
        } finally {
            broken = !fine;
            pool.takeBack(this);
        }
    }

    /** For who has begun a transaction by SQL and not ended it: the next borrower must not be in it. */
    private void rollBackLeftovers() {
        try {
            if (dialect == Dialect.POSTGRESQL && Pgjdbc.isInTransaction(connection)) {
                Async.shield(
                        pool.grace(),
                        () -> PROBE.onCancel(this::cut, Duration.ZERO)
                                .thenClose(() -> {})
                                .call(() -> {
                                    try (Statement statement = connection.createStatement()) {
                                        return statement.execute("rollback");
                                    }
                                }));
            }
        } catch (SQLException | Cancelled e) { // then it is not used again
            broken = true;
        }
    }

    @Override
    public String toString() {
        return "session of " + pool + (closed.get() ? ", closed" : "");
    }
}
