package dev.yibu.tests.adapters;

import dev.yibu.tests.servers.Sockets;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A PostgreSQL server whose statements wait for advisory locks, and a connection beside all pools that holds these locks
 * and looks who waits for them.
 */
final class PostgresPeer implements AutoCloseable {
    private static final AtomicLong KEYS = new AtomicLong();

    private final Path folder;
    private final EmbeddedPostgres server;
    private final Connection beside;

    private PostgresPeer() throws IOException, SQLException {
        folder = Files.createTempDirectory(
                Files.createDirectories(Path.of("target", "servers").toAbsolutePath()), "postgres");
        server = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.toFile())
                .setDataDirectory(folder.resolve("data"))
                .start();
        beside = DriverManager.getConnection(url(server.getPort()));
        try (Statement statement = beside.createStatement()) {
            // A row says which lock it waits for; what is large in it is not kept.
            statement.execute("create unlogged table written (key bigint, filler text)");
            statement.execute("create function wait() returns trigger language plpgsql as $$ begin"
                    + " perform pg_advisory_xact_lock_shared(new.key); new.filler := null; return new; end $$");
            statement.execute("create trigger wait before insert on written for each row execute function wait()");
        }
    }

    static PostgresPeer start() {
        try {
            return new PostgresPeer();
        } catch (IOException | SQLException e) {
            throw new AssertionError("no PostgreSQL to test with", e);
        }
    }

    static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=postgres";
    }

    int port() {
        return server.getPort();
    }

    /** How many sockets of this process lead to the server, but for the one beside. */
    long sockets() {
        return Sockets.to(port()) - 1;
    }

    /** A lock that nobody gets before it is released. */
    Lock lock() throws SQLException {
        return new Lock();
    }

    final class Lock {
        private final long key = KEYS.incrementAndGet();
        private int reached;
        private boolean released;

        private Lock() throws SQLException {
            ask("select 1 from pg_advisory_lock(?)");
        }

        /** What a statement names the lock by. */
        long key() {
            return key;
        }

        /** How many statements wait for the lock. */
        private int waiting() throws SQLException {
            int waiting = ask("select count(*) from pg_locks"
                    + " where locktype = 'advisory' and not granted and classid = 0 and objid::bigint = ?");
            reached = Math.max(reached, waiting);
            return waiting;
        }

        /** How many have ever been seen waiting at the same time. */
        int reached() throws SQLException {
            waiting();
            return reached;
        }

        /** How many of them wait no more. */
        int gone() throws SQLException {
            int waiting = waiting();
            return reached - waiting;
        }

        void release() {
            try {
                if (!released) {
                    released = true;
                    ask("select pg_advisory_unlock(?)::int");
                }
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }

        private int ask(String question) throws SQLException {
            try (PreparedStatement statement = beside.prepareStatement(question)) {
                statement.setLong(1, key);
                try (ResultSet answer = statement.executeQuery()) {
                    answer.next();
                    return answer.getInt(1);
                }
            }
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        beside.close();
        server.close();
        List<Path> below;
        try (Stream<Path> paths = Files.walk(folder)) {
            below = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : below) {
            Files.deleteIfExists(path);
        }
    }
}
