package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.yibu.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who gets a connection, and whose connections they are. */
@Timeout(120)
class PoolTest {
    @ParameterizedTest
    @EnumSource
    void who_comes_first_gets_the_connection_first(Server server) throws Exception {
        try (Database db = server.open(1)) {
            List<Integer> served = Collections.synchronizedList(new ArrayList<>());
            run(() -> {
                List<Task<Void>> tasks = new ArrayList<>();
                try (Session session = db.acquire()) {
                    for (int i = 0; i < 20; i++) {
                        int number = i;
                        tasks.add(createTask(() -> {
                            try (Session _ = db.acquire()) {
                                served.add(number);
                            }
                        }));
                        while (db.statistics().waiting() <= i) {
                            Thread.onSpinWait();
                        }
                    }
                    assertThat(session.queryValue(Long.class, "select 1")).isEqualTo(1);
                }
                gather(tasks, Task::await);
            });
            assertThat(served).isEqualTo(IntStream.range(0, 20).boxed().toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_gets_a_connection_from_the_session_before_is_in_no_transaction_of_it(Server server) throws Exception {
        server.execute("drop table if exists passed", "create table passed (number int)");
        try (Database db = server.open(1)) {
            run(() -> {
                Task<Long> next;
                long before;
                try (Session session = db.acquire()) {
                    next = createTask(() -> {
                        try (Session after = db.acquire()) {
                            after.execute("insert into passed values (1)");
                            return after.queryValue(Long.class, server.ownId());
                        }
                    });
                    while (db.statistics().waiting() == 0) {
                        Thread.onSpinWait();
                    }
                    before = session.queryValue(Long.class, server.ownId());
                    session.transactionRun(
                            TransactionOptions.defaults().withReadOnly(true), tx -> tx.query("select * from passed"));
                    if (server == Server.POSTGRES) {
                        session.execute("begin read only"); // which nobody ends
                    }
                }
                assertThat(next.await()).isEqualTo(before);
                assertThat(server.numbers("select number from passed")).containsExactly(1L);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_more_connections_than_the_pool_has_are_used(Server server) throws Exception {
        try (Database db = server.open(3)) {
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            run(() -> dev.yibu.Async.forEach(IntStream.range(0, 200).boxed().toList(), _ -> {
                try (Session session = db.acquire()) {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    session.query("select 1");
                    now.decrementAndGet();
                }
            }));
            assertThat(most.get()).isBetween(1, 3);
            assertThat(db.statistics().open()).isBetween(1, 3);
            assertThat(db.ping()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_data_source_of_the_program_does_as_well(Server server) throws Exception {
        Database db = Database.over(server.source(), 2);

        assertThat(run(() -> gather(
                        IntStream.range(0, 20).boxed().toList(), i -> db.queryValue(Integer.class, "select ? + 0", i))))
                .isEqualTo(IntStream.range(0, 20).boxed().toList());
        assertThat(dev.yibu.Async.moveOnAfter(
                        java.time.Duration.ofMillis(100), () -> db.query(server.sleep("60") + " /* plain source */")))
                .isFalse();
        assertThat(server.busyWith("plain source")).isEmpty();
        db.close();
        assertThatThrownBy(() -> db.query("select 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @EnumSource
    void a_pool_of_the_program_stays_open(Server server) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.source());
        config.setMaximumPoolSize(2);
        try (HikariDataSource source = new HikariDataSource(config)) {
            try (Database db = Database.over(source, 2)) {
                assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
            }
            source.getConnection().close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closing_ends_who_waits_and_who_does_not_come_back(Server server) throws Exception {
        DatabaseOptions options = server.options().withPoolSize(1).withGrace(java.time.Duration.ofMillis(300));
        Database db = Database.open(options);
        long before = server.numbers(server.ownId()).getFirst();
        assertThat(before).isPositive();
        run(() -> {
            Session kept = db.acquire();
            long id = kept.queryValue(Long.class, server.ownId());
            Task<List<Row>> waiting = createTask(() -> db.query("select 1"));
            while (db.statistics().waiting() == 0) {
                Thread.onSpinWait();
            }
            db.close();
            kept.close();
            assertThatThrownBy(waiting::await).isInstanceOf(IllegalStateException.class);
            assertThat(server.busyWith("nobody")).isEmpty();
            String alive = server == Server.POSTGRES
                    ? "select pid from pg_stat_activity where pid = " + id
                    : "select id from information_schema.processlist where id = " + id;
            long start = System.nanoTime();
            while (!server.numbers(alive).isEmpty() && System.nanoTime() - start < 10_000_000_000L) {
                Thread.onSpinWait();
            }
            assertThat(server.numbers(alive)).isEmpty();
        });
        db.close();
    }
}
