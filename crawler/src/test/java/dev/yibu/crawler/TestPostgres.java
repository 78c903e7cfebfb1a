package dev.yibu.crawler;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real server of PostgreSQL, started by the first test that needs it, for the whole JVM; or the one that
 * YIBU_TEST_POSTGRES names, a JDBC URL with user and password.
 */
final class TestPostgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static String server;

    private TestPostgres() {}

    /** The URL of a new, empty database. */
    static synchronized String database() throws IOException, SQLException {
        if (server == null) {
            String given = System.getenv("YIBU_TEST_POSTGRES");
            server = given == null ? start() : given;
        }
        String name = "crawl_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        execute(server, "CREATE DATABASE " + name);
        return server.replaceFirst("(//[^/]*/)[^?]*", "$1" + name);
    }

    static void execute(String url, String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement prepared = connection.createStatement()) {
            prepared.execute(statement);
        }
    }

    private static String start() throws IOException {
        Path target = Files.createDirectories(Path.of("target", "servers").toAbsolutePath());
        Path folder = Files.createTempDirectory(target, "postgres");
        @SuppressWarnings("resource") // it ends with the JVM
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                postgres.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                delete(folder);
            }
        }));
        return "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?user=postgres&password=postgres";
    }

    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
