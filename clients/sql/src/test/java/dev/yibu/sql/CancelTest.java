package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.gatherOutcomes;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.yibu.Task;
import dev.yibu.TimeoutException;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.sync.Event;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A cancelled statement ends at once, in the server too, and its connection is fine or gone. */
@Timeout(120)
class CancelTest {
    /** The promise is 100 ms; a busy machine may take longer, but nothing like the sleep's 60 s. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private static void untilBusy(Server server, String mark, int sessions) throws SQLException {
        while (server.busyWith(mark).size() < sessions) {
            Thread.onSpinWait();
        }
    }

    private static void assertQuiet(Server server, String mark) throws SQLException {
        long start = System.nanoTime();
        while (!server.busyWith(mark).isEmpty()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_cancel_stops_a_long_statement_at_once(Server server) throws Exception {
        try (Database db = server.open(2)) {
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                run(() -> {
                    Task<List<Row>> task = createTask(() -> db.query(server.sleep("60") + " /* long one */"));
                    untilBusy(server, "long one", 1);
                    long start = System.nanoTime();
                    task.cancel("enough");
                    assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
                    millis.add((System.nanoTime() - start) / 1e6);
                    assertQuiet(server, "long one");
                });
                assertThat(db.statistics().inUse()).isZero();
            }
            Collections.sort(millis);
            System.out.printf(
                    "%s: %d cancels of a sleep: median %.1f ms, slowest %.1f ms%n",
                    server, millis.size(), millis.get(millis.size() / 2), millis.getLast());
            assertThat(millis.getLast()).isLessThan(SOON.toMillis());
            assertThat(db.statistics().stopped()).isEqualTo(20);
            assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_deadline_stops_a_long_statement_at_once(Server server) throws Exception {
        try (Database db = server.open(2)) {
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                assertThatThrownBy(() ->
                                timeout(Duration.ofMillis(100), () -> db.query(server.sleep("60") + " /* dead */")))
                        .isInstanceOf(TimeoutException.class);
                millis.add((System.nanoTime() - start) / 1e6 - 100);
                assertQuiet(server, "dead");
            }
            Collections.sort(millis);
            System.out.printf(
                    "%s: %d deadlines of 100 ms: median %.1f ms later, slowest %.1f ms%n",
                    server, millis.size(), millis.get(millis.size() / 2), millis.getLast());
            assertThat(millis.getLast()).isLessThan(SOON.toMillis());
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_limit_for_statements_stops_one_that_takes_longer(Server server) throws Exception {
        DatabaseOptions options = server.options().withStatementTimeout(Duration.ofMillis(200));
        try (Database db = Database.open(options.withPoolSize(1))) {
            assertThatThrownBy(() -> db.query(server.sleep("60") + " /* limited */"))
                    .isInstanceOf(TimeoutException.class);
            assertQuiet(server, "limited");
            assertThatThrownBy(() -> db.transactionRun(tx -> tx.query(server.sleep("60") + " /* limited */")))
                    .isInstanceOf(TimeoutException.class);
            assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
            assertThat(db.statistics().inUse()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_cancelled_transaction_is_rolled_back(Server server) throws Exception {
        server.execute("drop table if exists cancelled", "create table cancelled (id int primary key)");
        try (Database db = server.open(1)) {
            run(() -> {
                Task<Void> task = createTask(() -> db.transactionRun(tx -> {
                    tx.execute("insert into cancelled values (1)");
                    tx.query(server.sleep("60") + " /* in transaction */");
                }));
                untilBusy(server, "in transaction", 1);
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });

            assertThat(db.queryValue(Long.class, "select count(*) from cancelled"))
                    .isZero();
            assertThat(db.execute("insert into cancelled values (1)")).isEqualTo(1);
            assertThat(db.queryValue(Long.class, "select count(*) from cancelled"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_deadline_inside_a_transaction_leaves_the_rest_to_the_program(Server server) throws Exception {
        server.execute("drop table if exists partly", "create table partly (id int primary key)");
        try (Database db = server.open(1)) {
            db.transactionRun(tx -> {
                tx.execute("insert into partly values (1)");
                boolean finished = moveOnAfter(
                        Duration.ofMillis(100),
                        () -> tx.transactionRun(inner -> {
                            inner.execute("insert into partly values (2)");
                            inner.query(server.sleep("60"));
                        }));
                assertThat(finished).isFalse();
                tx.execute("insert into partly values (3)");
            });

            assertThat(db.query(Integer.class, "select id from partly order by id"))
                    .containsExactly(1, 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_deadline_just_after_the_last_statement_of_a_savepoint_goes_back_to_it(Server server) throws Exception {
        server.execute("drop table if exists partly", "create table partly (id int primary key)");
        try (Database db = server.open(1)) {
            db.transactionRun(tx -> {
                tx.execute("insert into partly values (1)");
                boolean finished = moveOnAfter(
                        Duration.ofHours(1),
                        () -> tx.transactionRun(inner -> {
                            inner.execute("insert into partly values (2)");
                            deadline().reschedule(Duration.ZERO);
                        }));
                assertThat(finished).isFalse();
                tx.execute("insert into partly values (3)");
            });

            assertThat(db.query(Integer.class, "select id from partly order by id"))
                    .containsExactly(1, 3);
            assertThat(db.statistics().discarded()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_waits_for_a_connection_can_be_cancelled(Server server) throws Exception {
        try (Database db = server.open(1)) {
            run(() -> {
                try (Session session = db.acquire()) {
                    Task<Long> waiting = createTask(() -> db.queryValue(Long.class, "select 1"));
                    while (db.statistics().waiting() == 0) {
                        Thread.onSpinWait();
                    }
                    waiting.cancel("enough");
                    assertThatThrownBy(waiting::await).isInstanceOf(CancellationException.class);
                    assertThat(db.statistics().waiting()).isZero();
                    assertThat(session.queryValue(Long.class, "select 2")).isEqualTo(2);
                }
                assertThat(db.queryValue(Long.class, "select 3")).isEqualTo(3);
            });
            assertThat(db.statistics().inUse()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_failure_of_one_of_many_stops_the_statements_of_the_others(Server server) throws Exception {
        try (Database db = server.open(4)) {
            assertThatThrownBy(() -> run(() -> gather(
                            () -> db.query(server.sleep("60") + " /* sibling */"),
                            () -> db.query(server.sleep("60") + " /* sibling */"),
                            () -> {
                                untilBusy(server, "sibling", 2);
                                return db.query("select nothing from nowhere");
                            })))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("nowhere");
            assertQuiet(server, "sibling");
            assertThat(db.statistics().inUse()).isZero();
        }
    }

    /** The server does not look at a request to stop while this runs, so the connection is cut. */
    @ParameterizedTest
    @EnumSource(names = "POSTGRES")
    void a_statement_that_does_not_stop_costs_the_connection_after_the_grace(Server server) throws Exception {
        DatabaseOptions options = server.options().withPoolSize(1).withGrace(Duration.ofMillis(300));
        try (Database db = Database.open(options)) {
            long deaf = db.queryValue(Long.class, server.ownId());
            long start = System.nanoTime();
            // A block that catches the cancellation and sleeps on.
            String stubborn = "do $$ begin for i in 1..600 loop begin perform pg_sleep(0.1); "
                    + "exception when query_canceled then null; end; end loop; end $$";
            assertThatThrownBy(() -> timeout(Duration.ofMillis(200), () -> db.execute(stubborn)))
                    .isInstanceOf(TimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));

            assertThat(db.queryValue(Long.class, server.ownId())).isNotEqualTo(deaf);
            assertThat(db.statistics().discarded()).isEqualTo(1);
            server.execute(server.kill(deaf));
        }
    }

    private static Database withSlowRequests(Server server) throws SQLException {
        return Database.over(
                Between.of(server.source(), (method, call) -> {
                    Object result = call.make();
                    if (method.equals("cancel") || method.equals("cancelQuery")) {
                        Thread.sleep(1_200); // the answer takes longer than a request may
                    }
                    return result;
                }),
                1);
    }

    /** PostgreSQL need not be asked to stop: it sends a piece at a time. */
    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void a_stream_that_is_left_early_with_a_slow_request_costs_the_connection(Server server) throws Exception {
        try (Database db = withSlowRequests(server)) {
            run(() -> {
                long before = db.queryValue(Long.class, server.ownId());
                try (AsyncIterable<Row> rows =
                        db.stream("select 1 from information_schema.columns a, information_schema.columns b")) {
                    assertThat(rows.iterator().next().columns()).hasSize(1);
                }
                assertThat(db.statistics().discarded()).isEqualTo(1);
                assertThat(db.queryValue(Long.class, server.ownId())).isNotEqualTo(before);
            });
        }
    }

    /** MariaDB keeps such a request for the next statement. */
    @ParameterizedTest
    @EnumSource
    void a_request_that_comes_when_the_statement_has_ended_hits_no_other(Server server) throws Exception {
        AtomicReference<LateRequest> late = new AtomicReference<>();
        HikariConfig config = new HikariConfig();
        config.setMaximumPoolSize(1);
        config.setDataSource(Between.of(server.source(), (method, call) -> {
            LateRequest now = late.get();
            return now == null ? call.make() : now.around(method, call);
        }));
        try (HikariDataSource source = new HikariDataSource(config);
                Database db = Database.over(source, 1)) {
            run(() -> {
                long before = db.queryValue(Long.class, server.ownId());
                for (int i = 0; i < 10; i++) {
                    LateRequest now = new LateRequest();
                    late.set(now);
                    Task<List<Row>> task = createTask(() -> db.query("select 1"));
                    now.begun.await();
                    task.cancel("too late");
                    assertThat(now.sent.await(60, TimeUnit.SECONDS)).isTrue();
                    gatherOutcomes(List.of(task), Task::await);
                    late.set(null);
                    assertThat(db.queryValue(Long.class, server.ownId())).isEqualTo(before);
                }
            });
            assertThat(db.statistics().stopped()).isEqualTo(10);
            assertThat(db.statistics().discarded()).isZero();
        }
    }

    /** The request is made while the statement runs, and sent when it has ended. */
    private static final class LateRequest {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch made = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
        private final CountDownLatch sent = new CountDownLatch(1);

        Object around(String method, Between.Call call) throws Throwable {
            if (method.equals("execute") && begun.getCount() > 0) {
                begun.countDown();
                made.await();
                Object result = call.make();
                ended.countDown();
                return result;
            }
            if (method.equals("cancel") || method.equals("cancelQuery")) {
                made.countDown();
                ended.await();
                Object result = call.make();
                sent.countDown();
                return result;
            }
            return call.make();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRES")
    void a_copy_that_is_given_up_with_a_slow_request_costs_the_connection(Server server) throws Exception {
        server.execute("drop table if exists given_up", "create table given_up (id int)");
        try (Database db = withSlowRequests(server)) {
            Event asked = Event.create();
            Iterable<List<Object>> rows = () -> new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public List<Object> next() {
                    asked.set();
                    Event.create().await();
                    return List.of(1);
                }
            };
            run(() -> {
                Task<Long> copy = createTask(() -> db.copyIn("given_up", List.of("id"), rows));
                asked.await();
                copy.cancel("enough");
                assertThatThrownBy(copy::await).isInstanceOf(CancellationException.class);
            });
            assertThat(db.statistics().discarded()).isEqualTo(1);
            assertThat(db.queryValue(Long.class, "select count(*) from given_up"))
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_cancel_with_a_slow_request_costs_the_connection(Server server) throws Exception {
        try (Database db = withSlowRequests(server)) {
            assertThat(moveOnAfter(
                            Duration.ofMillis(100), () -> db.query(server.sleep("60") + " /* slowly stopped */")))
                    .isFalse();
            assertThat(db.statistics().discarded()).isEqualTo(1);
            assertQuiet(server, "slowly stopped");
        }
    }
}
