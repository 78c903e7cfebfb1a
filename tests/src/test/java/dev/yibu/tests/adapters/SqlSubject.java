package dev.yibu.tests.adapters;

import com.zaxxer.hikari.HikariDataSource;
import dev.yibu.sql.Database;
import dev.yibu.sql.PoolStatistics;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Sockets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A database under the contract, over a pool of connections. */
final class SqlSubject implements Subject {
    private static final int SIZE = 3;

    /** More than a piece of a stream, which is what is read at a time. */
    private static final int ROWS = 1_200;

    private static final int HELD_ROW = 700;

    /** Lines for COPY that are more than the kernel takes before the server reads. */
    private static final int LINES = 64;

    private static final byte[] LARGE =
            ("0\t" + "x".repeat(256 * 1024) + "\n").repeat(LINES).getBytes(StandardCharsets.US_ASCII);

    /** Where to connect to, if not to the server of the pool. */
    private static final ScopedValue<Integer> PORT = ScopedValue.newInstance();

    private final PostgresPeer peer;
    private final Source source;
    private final Database database;
    private final AtomicLong questions = new AtomicLong();
    private final Set<Integer> silent = ConcurrentHashMap.newKeySet();

    SqlSubject(PostgresPeer peer) {
        this.peer = peer;
        this.source = new Source(peer.port());
        this.database = Database.over(source, SIZE);
    }

    /** A pool like the one that a database has of its own, but for connections to other servers: those are not kept. */
    private static final class Source extends HikariDataSource {
        Source(int port) {
            setJdbcUrl(PostgresPeer.url(port));
            setMaximumPoolSize(SIZE);
            setMinimumIdle(0);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return PORT.isBound() ? DriverManager.getConnection(PostgresPeer.url(PORT.get())) : super.getConnection();
        }
    }

    @Override
    public Stage stage(Phase phase) throws SQLException {
        return switch (phase) {
            case CONNECTING -> new SilentStage();
            case WRITING_THE_BODY ->
                new LockStage() {
                    @Override
                    void operate(long key) throws Exception {
                        copy(key);
                    }
                };
            case READING_THE_BODY ->
                new LockStage() {
                    @Override
                    void operate(long key) throws SQLException {
                        stream(key);
                    }
                };
            case WAITING_FOR_THE_ANSWER ->
                new LockStage() {
                    @Override
                    void operate(long key) throws SQLException {
                        ask("select ?::bigint from pg_advisory_xact_lock_shared(?)", key);
                    }
                };
            default -> throw new IllegalArgumentException(phase.toString());
        };
    }

    private abstract class LockStage implements Stage {
        private final PostgresPeer.Lock lock = peer.lock();

        LockStage() throws SQLException {}

        abstract void operate(long key) throws Exception;

        @Override
        public final void operate() throws Exception {
            operate(lock.key());
        }

        @Override
        public final int reached() throws SQLException {
            return lock.reached();
        }

        @Override
        public final OptionalInt gone() throws SQLException {
            return OptionalInt.of(lock.gone());
        }

        @Override
        public final void release() {
            lock.release();
        }

        @Override
        public final void close() {
            lock.release();
        }
    }

    /** A server that says nothing to whoever wants to log in. */
    private final class SilentStage implements Stage {
        private final Hold hold = new Hold(Phase.CONNECTING);
        private final ScriptedServer server = ScriptedServer.start(connection -> {
            connection.read();
            hold.pass();
        });

        SilentStage() {
            silent.add(server.port());
        }

        @Override
        public void operate() throws Exception {
            ScopedValue.where(PORT, server.port()).call(() -> {
                SqlSubject.this.operate();
                return true;
            });
        }

        @Override
        public int reached() {
            return hold.reached();
        }

        @Override
        public void release() {
            // it stays silent
        }

        @Override
        public void close() {
            hold.release();
            server.close();
            silent.remove(server.port());
        }
    }

    @Override
    public void operate() throws SQLException {
        ask("select ?::bigint from (values (?)) as no_lock", 0);
    }

    private void ask(String sql, long key) throws SQLException {
        long question = questions.incrementAndGet();
        check(database.queryValue(Long.class, sql, question, key), question);
    }

    /** The server has sent a piece, and comes to the held row in the next. */
    private void stream(long key) throws SQLException {
        long first = questions.addAndGet(ROWS);
        long next = first;
        try (AsyncIterable<Long> rows = database.stream(
                Long.class,
                "select case when n = " + HELD_ROW + " then (select n from pg_advisory_xact_lock_shared(?)) else n end"
                        + " + ?::bigint from generate_series(0, " + (ROWS - 1) + ") as n",
                key,
                first)) {
            for (long row : rows) {
                check(row, next++);
            }
        }
        check(next, first + ROWS);
    }

    /** The server reads no more once it has the first line. */
    private void copy(long key) throws SQLException, IOException {
        InputStream lines = new SequenceInputStream(
                new ByteArrayInputStream((key + "\t\n").getBytes(StandardCharsets.US_ASCII)),
                new ByteArrayInputStream(LARGE));
        check(database.copyIn("copy written from stdin", lines), LINES + 1);
    }

    private static void check(long answer, long expected) {
        if (answer != expected) {
            throw new AssertionError("this is the answer to another question");
        }
    }

    @Override
    public Pool pool() {
        PoolStatistics statistics = database.statistics();
        return new Pool(SIZE, SIZE - statistics.inUse(), statistics.waiting());
    }

    @Override
    public int connections() {
        return database.statistics().open();
    }

    @Override
    public long sockets() {
        return peer.sockets() + silent.stream().mapToLong(Sockets::to).sum();
    }

    @Override
    public void close() {
        database.close();
        source.close();
    }
}
