package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.run;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong between a program and its database: a clear error in time, nothing leaked, and the next call works. */
@Timeout(180)
class FaultTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private static void assertWorks(Database db) throws Exception {
        for (int i = 0; i < 4; i++) {
            assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
        }
        assertThat(db.statistics().inUse()).isZero();
        assertThat(db.statistics().waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_server_that_stops_and_starts_in_a_transaction(Server server) throws Exception {
        Server.Embedded embedded = server.embedded();
        DatabaseOptions options =
                DatabaseOptions.of(embedded.url()).withPoolSize(4).withAcquireTimeout(Duration.ofSeconds(1));
        try (Database db = Database.open(options)) {
            db.execute("drop table if exists stopped");
            db.execute("create table stopped (id int primary key)");
            assertThatThrownBy(() -> timeout(
                            DEADLINE,
                            () -> db.transactionRun(tx -> {
                                tx.execute("insert into stopped values (1)");
                                embedded.stop();
                                tx.execute("insert into stopped values (2)");
                            })))
                    .isInstanceOf(SQLException.class);
            assertThat(db.statistics().inUse()).isZero();

            assertThatThrownBy(() -> timeout(DEADLINE, () -> db.query("select 1")))
                    .isInstanceOf(SQLException.class)
                    .satisfies(e -> assertThat(e.toString() + e.getCause()).containsIgnoringCase("connect"));
            assertThatThrownBy(() -> timeout(Duration.ofMillis(200), () -> db.query("select 1")))
                    .isInstanceOf(TimeoutException.class);

            embedded.start();
            timeout(DEADLINE, () -> assertWorks(db));
            assertThat(db.queryValue(Long.class, "select count(*) from stopped"))
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void idle_connections_that_a_restart_has_killed_cost_one_error_at_most(Server server) throws Exception {
        Server.Embedded embedded = server.embedded();
        try (Database db = Database.open(DatabaseOptions.of(embedded.url()).withPoolSize(4))) {
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sessions.add(db.acquire());
            }
            embedded.stop();
            sessions.forEach(Session::close);
            embedded.start();

            try {
                db.query("select 1");
            } catch (SQLException e) {
                assertThat(SqlErrors.isConnectionLost(e)).as(e.toString()).isTrue();
            }
            timeout(DEADLINE, () -> assertWorks(db));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_pool_that_is_used_up(Server server) throws Exception {
        DatabaseOptions options =
                server.options().withName("small").withPoolSize(1).withAcquireTimeout(Duration.ofMillis(300));
        try (Database db = Database.open(options)) {
            Session session = db.acquire();
            assertThatThrownBy(() -> db.query("select 1"))
                    .isInstanceOf(SQLTransientConnectionException.class)
                    .hasMessageContaining("small")
                    .hasMessageContaining("1 connections");
            assertThatThrownBy(() -> timeout(Duration.ofMillis(50), () -> db.query("select 1")))
                    .isInstanceOf(TimeoutException.class);
            assertThat(db.statistics()).extracting(PoolStatistics::inUse).isEqualTo(1);
            session.close();
            assertWorks(db);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_connection_that_the_server_kills(Server server) throws Exception {
        try (Database db = server.open(2)) {
            long idle = db.queryValue(Long.class, server.ownId());
            server.execute(server.kill(idle));
            try {
                db.query("select 1");
            } catch (SQLException e) {
                assertThat(SqlErrors.isConnectionLost(e)).as(e.toString()).isTrue();
            }
            assertWorks(db);

            run(() -> {
                Task<List<Row>> busy = createTask(() -> db.query(server.sleep("60") + " /* to be killed */"));
                List<Long> victims = server.busyWith("to be killed");
                while (victims.isEmpty()) {
                    victims = server.busyWith("to be killed");
                }
                server.execute(server.kill(victims.getFirst()));
                assertThatThrownBy(busy::await).isInstanceOf(SQLException.class);
            });
            assertWorks(db);

            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        server.execute(server.kill(tx.queryValue(Long.class, server.ownId())));
                        tx.query("select 1");
                    }))
                    .isInstanceOf(SQLException.class);
            assertWorks(db);
        }
    }

    @Test
    void a_full_disk_and_a_limit_for_temporary_files_of_postgres() throws Exception {
        try (Database db = Server.POSTGRES.open(1)) {
            assertThatThrownBy(() -> db.execute("copy (select generate_series(1, 100000)) to '/dev/full'"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53100"));
            assertWorks(db);
            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        tx.execute("set local temp_file_limit = '64kB'");
                        tx.query("select i from generate_series(1, 1000000) i order by -i limit 1");
                        tx.query("select repeat(i::text, 100) from generate_series(1, 300000) i order by 1");
                    }))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53400"));
            assertWorks(db);
        }
    }

    @Test
    void a_table_of_mariadb_that_is_full() throws Exception {
        try (Database db = Server.MARIADB.open(1)) {
            try (Session session = db.acquire()) {
                session.execute("set max_heap_table_size = 16384");
                session.execute("create temporary table tiny (text char(255)) engine = memory");

                assertThatThrownBy(() ->
                                session.executeMany("insert into tiny values (?)", Collections.nCopies(1_000, "x")))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(1114));
            }
            assertWorks(db);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_wrong_password(Server server) throws Exception {
        server.url();
        server.createCarefulUser();
        String url =
                DatabaseOptions.withoutSecrets(server.url()) + (server == Server.MARIADB ? "?sslMode=disable" : "");

        DatabaseOptions options = DatabaseOptions.of(url).withName("careful");

        assertThatThrownBy(() -> timeout(DEADLINE, () -> Database.open(options.withUser(Server.CAREFUL, "geheim"))))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(Server.CAREFUL)
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        assertThat(t.toString()).doesNotContain("geheim");
                    }
                });
        assertNoThreadLeft("careful");
        try (Database db = Database.open(options.withUser(Server.CAREFUL, "right"))) {
            assertWorks(db);
        }
    }

    /** A pool that could not be opened has ended its threads, or is about to. */
    private static void assertNoThreadLeft(String pool) {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(pool))
                .forEach(thread -> {
                    try {
                        assertThat(thread.join(DEADLINE)).as(thread.getName()).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void encryption_that_is_refused(Server server) throws Exception {
        DatabaseOptions options = server.options().withName("refused");
        DatabaseOptions encrypted = server == Server.POSTGRES
                ? options.withProperty("sslmode", "verify-full")
                : DatabaseOptions.of(server.url().replace("sslMode=disable", "sslMode=verify-full"))
                        .withName("refused");

        assertThatThrownBy(() -> timeout(DEADLINE, () -> Database.open(encrypted)))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(e.toString() + e.getCause()).containsPattern("(?i)ssl|certificat"));
        assertNoThreadLeft("refused");
        try (Database db = Database.open(options)) {
            assertWorks(db);
        }
    }

    @Test
    void an_address_where_nobody_answers() {
        assertThatThrownBy(() ->
                        timeout(DEADLINE, () -> Database.open("jdbc:postgresql://127.0.0.1:1/none", "me", "geheim")))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("127.0.0.1:1")
                .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
    }
}
