package dev.yibu.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Strand;
import dev.yibu.sync.Event;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/*
 * Why some connections are given back by a thread of their own
 *
 * When HikariCP gets a connection back while somebody waits in it, it offers the connection to the waiters until one takes
 * it, and pauses for some microseconds in between. Virtual threads that do so starve the waiter that a new connection or a
 * cancellation has just woken: a carrier goes on with the queue in which it has found work, and threads whose pause is over
 * keep theirs full. Seen with two carriers and six such threads: the waiter did not run for minutes, and so none of them
 * got on. On a platform thread the same loop disturbs nobody.
 *
 * It takes waiters in HikariCP, and they are rare: the turnstile admits as many callers as there can be connections, so
 * one waits there only while connections are being replaced.
 */

/*
 * How a connection goes from one session to the next
 *
 * While somebody waits at the turnstile, a session that ends hands its connection to the next in turn. HikariCP would have
 * it for a moment only; what that costs is in ADR 12. What HikariCP does for a connection it does when it has it: retire it
 * at the end of its life, replace it when it is suspected, set back what was set. So a connection goes back
 *
 *   - when HikariCP has not seen it for LONGEST_LOAN_NANOS, at the next session's end;
 *   - when connections have been suspected since it was lent, when somebody waits in HikariCP, when the pool closes;
 *   - when something was set that only HikariCP sets back (Session.changed);
 *   - when nobody waits: a connection is idle nowhere but in HikariCP.
 *
 * A broken one goes to nobody. One that a request to stop may still be on its way to is broken (Session.settle), so whom
 * it is handed to is not hit. Connections of a data source that is the program's own go back each time: it may count on
 * that.
 *
 * Who hands over leaves its lease behind, which the next replaces with its own: so the connection is in use all the time.
 * A close that comes between the two waits for the next, which sees that the pool is closed, and gives the connection back.
 */

/**
 * Lends connections, in turn. The turnstile has a place for each connection, so whoever is in finds a connection in
 * the data source: HikariCP is quick as long as nobody waits in it, and unfair and slow when many do.
 */
final class Pool {
    /** HikariCP accepts no shorter ones. */
    private static final long LEAST_MILLIS = 250;

    /** Nor can it count longer ones in the seconds that drivers have for a login. */
    private static final long MOST_MILLIS = Integer.MAX_VALUE;

    private static final long VALIDATION_MILLIS = 5_000;

    /** How long a connection goes from session to session; less than HikariCP trusts one that it has not looked at. */
    private static final long LONGEST_LOAN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** As long as there are shields. */
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static final ForeignCall CONNECT = ForeignCall.named("connect to a database");

    private final DataSource source;
    /** The source, if it is one of HikariCP's. */
    private final @Nullable HikariDataSource hikari;

    /** Whether a connection may go from one session to the next past the data source. */
    private final boolean passesOn;

    private final Turnstile<Session> turnstile;
    private final String name;
    private final int size;
    private final Duration acquireTimeout;
    private final Optional<Duration> statementTimeout;
    private final Duration grace;

    /** Gives connections back when somebody waits for them in HikariCP; has no thread as long as that does not happen. */
    private final ThreadPoolExecutor returning = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("yibu-sql-returns").factory());

    private final LongAdder stopped = new LongAdder();
    private final LongAdder discarded = new LongAdder();
    private volatile @Nullable Dialect dialect;

    private final Leases leases;

    private final AtomicBoolean closed = new AtomicBoolean();

    /** How often all connections were suspected. */
    private final AtomicInteger suspicions = new AtomicInteger();

    /** Whether the grace of a close is over; written before it looks at the leases. */
    private volatile boolean ending;

    /** Set when it is closed and nobody has a lease. */
    private final Event allBack = Event.create("all sessions are back");

    private final Event ended = Event.create("the database is closed");

    Pool(DataSource source, DatabaseOptions options, boolean passesOn) {
        this.source = source;
        this.passesOn = passesOn;
        this.hikari = source instanceof HikariDataSource ours ? ours : null;
        this.name = options.name();
        this.size = options.poolSize();
        this.acquireTimeout = options.acquireTimeout();
        this.statementTimeout = options.statementTimeout();
        this.grace = options.grace();
        this.turnstile = new Turnstile<>(size, "connections of " + name);
        this.leases = new Leases(size + 1); // a close lets one more in, to find it closed
    }

    /** A pool of its own connections, the first of which is made here: what is wrong shows at once. */
    static Pool open(DatabaseOptions options) throws SQLException {
        findDriver(options);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(options.url());
        options.user().ifPresent(config::setUsername);
        options.password().ifPresent(config::setPassword);
        config.setPoolName(options.name().replace(':', '-'));
        config.setMaximumPoolSize(options.poolSize());
        // None is made ahead: while a server is down, HikariCP would try in vain after longer and longer pauses, and go
        // on
        // pausing when it is up again. So it tries only while somebody waits, and begins with short ones.
        config.setMinimumIdle(0);
        config.setConnectionTimeout(Math.clamp(millis(options.acquireTimeout()), LEAST_MILLIS, MOST_MILLIS));
        config.setValidationTimeout(Math.clamp(millis(options.acquireTimeout()), LEAST_MILLIS, VALIDATION_MILLIS));
        defaults(options.url()).forEach(config::addDataSourceProperty);
        options.properties().forEach(config::addDataSourceProperty);
        HikariDataSource source = CONNECT.call(() -> connect(config));
        return new Pool(source, options, true);
    }

    private static void findDriver(DatabaseOptions options) throws SQLException {
        try {
            DriverManager.getDriver(options.url());
        } catch (SQLException e) { // its message has the whole URL
            throw new SQLNonTransientConnectionException(
                    "no JDBC driver understands " + DatabaseOptions.withoutSecrets(options.url())
                            + ": is it spelt rightly, and the driver on the class path? MySQL has the URL of MariaDB,"
                            + " jdbc:mariadb:",
                    "08001");
        }
    }

    private static HikariDataSource connect(HikariConfig config) throws SQLException {
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static Map<String, String> defaults(String url) {
        return url.startsWith("jdbc:postgresql:")
                ? Map.of("reWriteBatchedInserts", "true", "tcpKeepAlive", "true", "cancelSignalTimeout", "10")
                : Map.of();
    }

    /** The user's own connections, of which at most so many are used at a time. */
    static Pool over(DataSource source, DatabaseOptions options) {
        return new Pool(source, options, false);
    }

    // ---------------------------------------------------------------- lending

    /** A session with a connection of its own; the caller, which is a strand, closes it. */
    Session lend() throws SQLException {
        checkOpen();
        Session before = enter();
        Lease lease = new Lease(Objects.requireNonNull(Strand.current()));
        Loan loan = null;
        if (before == null) {
            leases.add(lease);
        } else {
            leases.replace(before.lease(), lease);
            loan = before.loan();
        }
        try {
            checkOpen();
            if (loan == null) {
                loan = borrow(lease);
            }
            Session session = new Session(this, lease, loan);
            lease.session(session);
            if (ending) { // it has perhaps come too late to be seen
                throw isClosed();
            }
            return session;
        } catch (Throwable t) {
            try {
                if (loan != null) {
                    loan.connection().close();
                }
            } catch (SQLException e) {
                t.addSuppressed(e);
            } finally {
                release(lease);
            }
            throw t;
        }
    }

    private Loan borrow(Lease lease) throws SQLException {
        int before = suspicions.get();
        Connection connection = lease.await(() -> CONNECT.call(source::getConnection));
        if (connection == null) {
            throw isClosed();
        }
        try {
            return new Loan(
                    connection, dialectOf(connection), lease.strand().driver().nanoTime(), before);
        } catch (Throwable t) {
            connection.close();
            throw t;
        }
    }

    private void release(Lease lease) {
        leases.remove(lease);
        turnstile.leave();
        if (closed.get() && leases.isEmpty()) {
            allBack.set();
        }
    }

    /** Waits for its turn. Returns the session that has handed over its lease and its loan, if one has. */
    private @Nullable Session enter() throws SQLException {
        if (turnstile.tryEnter()) {
            return null; // the call that follows is a checkpoint
        }
        Optional<Session> entered = Async.<@Nullable Optional<Session>, RuntimeException>moveOnAfter(
                acquireTimeout, turnstile::enter, null);
        if (entered == null) {
            throw new SQLTransientConnectionException(
                    "all " + size + " connections of " + name + " were in use for " + acquireTimeout
                            + ": is one not given back, or the pool too small?",
                    "08001");
        }
        return entered.orElse(null);
    }

    private void checkOpen() {
        if (closed.get()) {
            throw isClosed();
        }
    }

    private IllegalStateException isClosed() {
        return new IllegalStateException("the database " + name + " is closed");
    }

    private Dialect dialectOf(Connection connection) throws SQLException {
        Dialect known = dialect;
        if (known == null) {
            known = CONNECT.call(() -> Dialect.of(connection));
            dialect = known;
        }
        return known;
    }

    /** Takes back what {@link #lend} gave, for the next in turn or for the data source. Neither waits nor fails. */
    void takeBack(Session session) {
        if (mayPassOn(session) && turnstile.leave(session)) {
            return;
        }
        Connection connection = session.connection();
        try {
            if (session.isBroken()) {
                discard(connection);
            } else if (isAwaitedInside()) {
                returnByOther(connection);
            } else {
                connection.close();
            }
        } catch (SQLException e) {
            // A connection that can't even be closed is no use to anybody: the data source has let go of it.
        } finally {
            release(session.lease());
        }
    }

    private boolean mayPassOn(Session session) {
        Strand strand = Strand.current();
        Loan loan = session.loan();
        return passesOn
                && !session.isBroken()
                && !session.isChanged()
                && strand != null
                && turnstile.waiting() > 0
                && strand.driver().nanoTime() - loan.sinceNanos() < LONGEST_LOAN_NANOS
                && loan.suspicions() == suspicions.get()
                && !closed.get()
                && !isAwaitedInside(); // who is in there has come before
    }

    private boolean isAwaitedInside() {
        HikariPoolMXBean inside = hikari == null || hikari.isClosed() ? null : hikari.getHikariPoolMXBean();
        return inside != null && Thread.currentThread().isVirtual() && inside.getThreadsAwaitingConnection() > 0;
    }

    private void returnByOther(Connection connection) throws SQLException {
        try {
            Async.<SQLException>shield(grace, () -> Async.<SQLException>runInExecutor(returning, connection::close));
        } catch (Cancelled | RejectedExecutionException e) { // too late for that: the grace is over, or the pool closed
            connection.close();
        }
    }

    private void discard(Connection connection) throws SQLException {
        discarded.increment();
        if (hikari != null) {
            hikari.evictConnection(connection); // which closes it
        } else {
            connection.abort(Runnable::run);
            connection.close();
        }
    }

    /**
     * A connection was lost: so may be the idle ones, if the server has restarted. HikariCP trusts those that were used
     * a moment ago, so it is told not to.
     */
    void suspectOthers() {
        suspicions.incrementAndGet();
        HikariPoolMXBean pool = hikari == null || hikari.isClosed() ? null : hikari.getHikariPoolMXBean();
        if (pool != null) {
            pool.softEvictConnections();
        }
    }

    void countStopped() {
        stopped.increment();
    }

    static long millis(Duration duration) {
        return TimeUnit.NANOSECONDS.toMillis(Deadlines.saturatedNanos(duration));
    }

    Duration grace() {
        return grace;
    }

    Optional<Duration> statementTimeout() {
        return statementTimeout;
    }

    PoolStatistics statistics() {
        int inUse = leases.size();
        HikariPoolMXBean pool = hikari == null ? null : hikari.getHikariPoolMXBean();
        int open = pool == null ? inUse : pool.getTotalConnections();
        return new PoolStatistics(size, open, inUse, turnstile.waiting(), stopped.sum(), discarded.sum());
    }

    // ---------------------------------------------------------------- the end

    /**
     * Waits for sessions to come back, not longer than the grace, and closes the connections if they are its own. Nothing
     * ends this before it is done: neither a cancellation of the caller nor an interrupt, which would leave HikariCP half
     * closed.
     */
    void close(boolean ownsSource) {
        boolean first = closed.compareAndSet(false, true);
        Async.shield(FOR_EVER, () -> {
            if (!first) {
                ended.await();
                return;
            }
            try {
                turnstile.leave(); // one more than there are: whoever waits gets it, fails, and passes it on
                leases.all().forEach(Lease::endWait);
                if (!leases.isEmpty()) {
                    Async.moveOnAfter(grace, allBack::await);
                }
                endLeases(ownsSource);
            } finally {
                returning.shutdown();
                ended.set();
            }
        });
    }

    private void endLeases(boolean ownsSource) {
        ending = true;
        if (!ownsSource) {
            return;
        }
        try {
            Async.forEach(leases.all(), Lease::end);
        } finally {
            if (hikari != null) {
                Async.runInExecutor(returning, hikari::close); // which waits, and would stop halfway at an interrupt
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
