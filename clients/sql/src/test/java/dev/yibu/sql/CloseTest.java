package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens while a database is closed: afterwards the server has none of its connections, and nobody waits. */
@Timeout(120)
class CloseTest {
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static Database open(Server server, int poolSize, Duration grace) throws SQLException {
        return Database.open(server.options().withPoolSize(poolSize).withGrace(grace));
    }

    /** The server's numbers of all connections of a pool, none of which is in use. */
    private static List<Long> connections(Server server, Database db, int poolSize) throws SQLException {
        List<Session> sessions = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < poolSize; i++) {
            Session session = db.acquire();
            sessions.add(session);
            numbers.add(session.queryValue(Long.class, server.ownId()));
        }
        sessions.forEach(Session::close);
        return numbers;
    }

    /** The server may see the end of a connection a moment later. */
    private static void assertGone(Server server, List<Long> connections) throws SQLException {
        String numbers = connections.stream().map(Object::toString).collect(Collectors.joining(", "));
        String alive = server == Server.POSTGRES
                ? "select pid from pg_stat_activity where pid in (" + numbers + ")"
                : "select id from information_schema.processlist where id in (" + numbers + ")";
        long start = System.nanoTime();
        while (!server.numbers(alive).isEmpty()) {
            assertThat(System.nanoTime() - start).as("nanoseconds to end").isLessThan(20_000_000_000L);
        }
    }

    private static void assertClosed(Database db) {
        assertThat(db.statistics()).isEqualTo(new PoolStatistics(db.statistics().size(), 0, 0, 0, 0, 0));
        assertThatThrownBy(() -> db.query("select 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static void untilWaiting(Database db, int calls) {
        while (db.statistics().waiting() != calls) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_close_in_a_cancelled_task_closes_all_the_same(Server server) throws Exception {
        for (Duration grace : List.of(Duration.ZERO, Duration.ofSeconds(1), FOR_EVER)) {
            Database db = open(server, 2, grace);
            List<Long> connections = connections(server, db, 2);

            run(() -> {
                currentTask().cancel();
                db.close();
                assertThatThrownBy(Async::checkpoint).isInstanceOf(Cancelled.class);
            });

            assertClosed(db);
            assertGone(server, connections);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_close_on_an_interrupted_thread_closes_and_leaves_the_flag(Server server) throws Exception {
        for (Duration grace : List.of(Duration.ZERO, FOR_EVER)) {
            Database db = open(server, 2, grace);
            List<Long> connections = connections(server, db, 2);

            Thread.currentThread().interrupt();
            db.close();

            assertThat(Thread.interrupted()).as("the flag").isTrue();
            assertClosed(db);
            assertGone(server, connections);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_close_that_is_cancelled_while_it_waits_for_sessions_waits_on(Server server) throws Exception {
        Database db = open(server, 2, FOR_EVER);
        List<Long> connections = connections(server, db, 2);
        run(() -> {
            Session session = db.acquire();
            Task<Void> closing = beginClosing(db);
            closing.cancel("enough");
            assertThat(session.queryValue(Long.class, "select 1")).isEqualTo(1);
            session.close();
            closing.await();
        });
        assertClosed(db);
        assertGone(server, connections);
    }

    /** A close that has begun: the database refuses work. */
    private static Task<Void> beginClosing(Database db) throws SQLException {
        Task<Void> closing = createTask(db::close);
        while (isOpen(db)) {
            Thread.onSpinWait();
        }
        return closing;
    }

    private static boolean isOpen(Database db) throws SQLException {
        try {
            db.acquire().close();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_close_ends_what_is_busy_when_the_grace_is_over_in_the_server_too(Server server) throws Exception {
        for (Duration grace : List.of(Duration.ZERO, Duration.ofMillis(200))) {
            Database db = open(server, 2, grace);
            List<Long> connections = connections(server, db, 2);
            run(() -> {
                Task<List<Row>> busy = createTask(() -> db.query(server.sleep("60") + " /* at the close */"));
                while (server.busyWith("at the close").isEmpty()) {
                    Thread.onSpinWait();
                }

                db.close();

                assertGone(server, connections);
                assertThatThrownBy(busy::await).isInstanceOf(SQLException.class);
            });
            assertThat(db.statistics().inUse()).isZero();
            assertThat(db.statistics().open()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_waits_for_a_connection_hears_at_once_that_the_database_is_closed(Server server) throws Exception {
        Database db = open(server, 1, FOR_EVER);
        List<Long> connections = connections(server, db, 1);
        run(() -> {
            Session session = db.acquire();
            List<Task<List<Row>>> waiting = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                waiting.add(createTask(() -> db.query("select 1")));
            }
            untilWaiting(db, 5);

            Task<Void> closing = createTask(db::close);

            for (Task<List<Row>> task : waiting) {
                assertThatThrownBy(task::await)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
            assertThat(db.statistics().inUse()).as("the session is still out").isEqualTo(1);
            session.close();
            closing.await();
        });
        assertClosed(db);
        assertGone(server, connections);
    }

    @ParameterizedTest
    @EnumSource
    void a_close_while_connections_go_from_session_to_session_breaks_off_no_query(Server server) throws Exception {
        for (int round = 0; round < 20; round++) {
            Database db = open(server, 2, FOR_EVER);
            List<Long> connections = connections(server, db, 2);
            run(() -> TaskGroup.run(group -> {
                for (int i = 0; i < 8; i++) {
                    group.start(() -> assertThatThrownBy(() -> queryForEver(db))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("closed"));
                }
                while (db.statistics().waiting() == 0) {
                    Thread.onSpinWait();
                }
                db.close();
            }));
            assertClosed(db);
            assertGone(server, connections);
        }
    }

    private static void queryForEver(Database db) throws SQLException {
        while (true) {
            db.query("select 1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_waits_in_the_data_source_hears_of_the_close_too(Server server) throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Database db = Database.over(
                Between.of(server.source(), (method, call) -> {
                    waits.countDown();
                    never.await();
                    return call.make();
                }),
                1);
        run(() -> {
            Task<List<Row>> waiting = createTask(() -> db.query("select 1"));
            waits.await();

            Task<Void> closing = createTask(db::close);

            assertThatThrownBy(waiting::await)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            closing.await();
        });
        assertClosed(db);
    }

    @ParameterizedTest
    @EnumSource
    void a_second_close_returns_when_the_first_is_done(Server server) throws Exception {
        Database db = open(server, 2, FOR_EVER);
        List<Long> connections = connections(server, db, 2);
        run(() -> {
            Session session = db.acquire();
            Task<Void> first = beginClosing(db);
            CountDownLatch begun = new CountDownLatch(1);
            Task<Void> second = createTask(() -> {
                begun.countDown();
                db.close();
                assertClosed(db);
                assertGone(server, connections);
            });
            begun.await();
            session.close();
            first.await();
            second.await();
        });
        db.close();
        assertClosed(db);
        assertGone(server, connections);
    }
}
