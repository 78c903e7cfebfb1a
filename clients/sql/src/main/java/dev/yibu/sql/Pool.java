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
import dev.yibu.sync.Semaphore;
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
 * It takes waiters in HikariCP, and they are rare: the semaphore admits as many callers as there can be connections, so
 * one waits there only while connections are being replaced.
 */

/**
 * Lends connections, in turn. The semaphore has a permit for each connection, so whoever has one finds a connection in
 * the data source: HikariCP is quick as long as nobody waits in it, and unfair and slow when many do.
 */
final class Pool {
    /** HikariCP accepts no shorter ones. */
    private static final long LEAST_MILLIS = 250;

    /** Nor can it count longer ones in the seconds that drivers have for a login. */
    private static final long MOST_MILLIS = Integer.MAX_VALUE;

    private static final long VALIDATION_MILLIS = 5_000;

    /** As long as there are shields. */
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static final ForeignCall CONNECT = ForeignCall.named("connect to a database");

    private final DataSource source;
    /** The source, if it is one of HikariCP's. */
    private final @Nullable HikariDataSource hikari;

    private final Semaphore permits;
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

    /** Whether the grace of a close is over; written before it looks at the leases. */
    private volatile boolean ending;

    /** Set when it is closed and nobody has a lease. */
    private final Event allBack = Event.create("all sessions are back");

    private final Event ended = Event.create("the database is closed");

    private Pool(DataSource source, DatabaseOptions options) {
        this.source = source;
        this.hikari = source instanceof HikariDataSource ours ? ours : null;
        this.name = options.name();
        this.size = options.poolSize();
        this.acquireTimeout = options.acquireTimeout();
        this.statementTimeout = options.statementTimeout();
        this.grace = options.grace();
        this.permits = Semaphore.of(size, "connections of " + name);
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
        return new Pool(source, options);
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
        return new Pool(source, options);
    }

    // ---------------------------------------------------------------- lending

    /** A session with a connection of its own; the caller, which is a strand, closes it. */
    Session lend() throws SQLException {
        checkOpen();
        takePermit();
        Lease lease = new Lease(Objects.requireNonNull(Strand.current()));
        leases.add(lease);
        try {
            checkOpen();
            Connection connection = lease.await(() -> CONNECT.call(source::getConnection));
            if (connection == null) {
                throw isClosed();
            }
            try {
                Session session = new Session(this, lease, connection, dialectOf(connection));
                lease.session(session);
                if (ending) { // it has perhaps come too late to be seen
                    throw isClosed();
                }
                return session;
            } catch (Throwable t) {
                connection.close();
                throw t;
            }
        } catch (Throwable t) {
            release(lease);
            throw t;
        }
    }

    private void release(Lease lease) {
        leases.remove(lease);
        permits.release();
        if (closed.get() && leases.isEmpty()) {
            allBack.set();
        }
    }

    private void takePermit() throws SQLException {
        if (permits.tryAcquire()) {
            return; // the call that follows is a checkpoint
        }
        boolean[] taken = {false};
        try {
            Async.moveOnAfter(acquireTimeout, () -> {
                permits.acquire();
                taken[0] = true;
            });
        } catch (Throwable t) {
            if (taken[0]) {
                permits.release();
            }
            throw t;
        }
        if (!taken[0]) {
            throw new SQLTransientConnectionException(
                    "all " + size + " connections of " + name + " were in use for " + acquireTimeout
                            + ": is one not given back, or the pool too small?",
                    "08001");
        }
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

    /** Takes back what {@link #lend} gave. Neither waits nor fails. */
    void takeBack(Lease lease, Connection connection, boolean broken) {
        try {
            if (broken) {
                discard(connection);
            } else if (isAwaitedInside()) {
                returnByOther(connection);
            } else {
                connection.close();
            }
        } catch (SQLException e) {
            // A connection that can't even be closed is no use to anybody: the data source has let go of it.
        } finally {
            release(lease);
        }
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
        return new PoolStatistics(size, open, inUse, permits.statistics().waiting(), stopped.sum(), discarded.sum());
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
                permits.release(); // one more than there are: whoever waits gets it, fails, and passes it on
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
