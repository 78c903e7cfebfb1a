package dev.yibu.sql;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.AsyncFunction;
import dev.yibu.Retry;
import dev.yibu.sql.TransactionOptions.Isolation;
import dev.yibu.sync.Event;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All or nothing, also inside one another. */
@Timeout(120)
class TransactionTest {
    private static Database fresh(Server server, int poolSize) throws SQLException {
        server.execute("drop table if exists accounts", "create table accounts (id int primary key, balance int)");
        server.execute("insert into accounts values (1, 100), (2, 100)");
        return server.open(poolSize);
    }

    private static List<Integer> balances(Database db) throws SQLException {
        return db.query(Integer.class, "select balance from accounts order by id");
    }

    @ParameterizedTest
    @EnumSource
    void a_failure_of_the_body_rolls_back_and_arrives_as_it_is(Server server) throws Exception {
        try (Database db = fresh(server, 1)) {
            IOException failure = new IOException("no");

            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        tx.execute("update accounts set balance = 0");
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThatThrownBy(() -> db.transaction(tx -> {
                        tx.execute("update accounts set balance = 0");
                        return tx.execute("insert into accounts values (1, 1)");
                    }))
                    .isInstanceOf(SQLException.class);

            assertThat(balances(db)).containsExactly(100, 100);
            long changed = db.transaction(tx -> tx.execute("update accounts set balance = 7 where id = 2"));
            assertThat(changed).isEqualTo(1);
            assertThat(balances(db)).containsExactly(100, 7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_inner_transaction_is_a_savepoint(Server server) throws Exception {
        try (Database db = fresh(server, 1)) {
            db.transactionRun(tx -> {
                tx.execute("update accounts set balance = 1 where id = 1");
                assertThatThrownBy(() -> tx.transactionRun(inner -> {
                            inner.execute("update accounts set balance = 2");
                            inner.execute("insert into accounts values (1, 1)");
                        }))
                        .isInstanceOf(SQLException.class);
                assertThat(tx.isInTransaction()).isTrue();
                tx.transactionRun(inner -> {
                    inner.execute("update accounts set balance = 3 where id = 2");
                    inner.transactionRun(
                            deep -> deep.execute("update accounts set balance = balance + 1 where id = 2"));
                });
                assertThatThrownBy(() ->
                                tx.transactionRun(TransactionOptions.defaults().withReadOnly(true), inner -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("savepoint");
            });

            assertThat(balances(db)).containsExactly(1, 4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isolation_and_read_only_hold_for_one_transaction(Server server) throws Exception {
        TransactionOptions readOnly = TransactionOptions.defaults().withReadOnly(true);
        TransactionOptions serializable = TransactionOptions.defaults()
                .withIsolation(Isolation.SERIALIZABLE)
                .withReadOnly(true);
        String isolation = server == Server.POSTGRES
                ? "select current_setting('transaction_isolation')"
                : "select trx_isolation_level from information_schema.innodb_trx"
                        + " where trx_mysql_thread_id = connection_id()";
        try (Database db = fresh(server, 1)) {
            assertThatThrownBy(() -> db.transactionRun(readOnly, tx -> tx.execute("update accounts set balance = 0")))
                    .isInstanceOf(SQLException.class);
            String level = db.transaction(serializable, tx -> {
                tx.query("select * from accounts");
                return tx.queryValue(String.class, isolation);
            });
            assertThat(level).isEqualToIgnoringCase("serializable");
            String usual = db.transaction(tx -> {
                tx.execute("update accounts set balance = balance + 1");
                Async.sleep(Duration.ofMillis(150)); // so long MariaDB repeats what it has said
                return tx.queryValue(String.class, isolation);
            });
            assertThat(usual).isNotEqualToIgnoringCase("serializable");
            assertThat(balances(db)).containsExactly(101, 101);
        }
    }

    /** Two read both balances and then write one each: serially, the second would have seen the first. */
    @ParameterizedTest
    @EnumSource
    void a_serialization_failure_is_retried_when_asked(Server server) throws Exception {
        TransactionOptions options = TransactionOptions.defaults().withIsolation(Isolation.SERIALIZABLE);
        for (boolean retried : new boolean[] {false, true}) {
            try (Database db = fresh(server, 2)) {
                CyclicBarrier bothHaveRead = new CyclicBarrier(2);
                AtomicInteger attempts = new AtomicInteger();
                TransactionOptions chosen = retried ? options.withRetry(Retry.immediately(5)) : options;
                AsyncFunction<Integer, Long, Exception> withdraw = id -> db.transaction(chosen, tx -> {
                    int sum = tx.queryValue(Integer.class, "select cast(sum(balance) as decimal) from accounts");
                    if (attempts.incrementAndGet() <= 2) {
                        bothHaveRead.await();
                    }
                    return sum < 200 ? 0 : tx.execute("update accounts set balance = balance - 150 where id = ?", id);
                });

                if (retried) {
                    run(() -> gather(List.of(1, 2), withdraw));
                    assertThat(attempts.get()).isEqualTo(3);
                    assertThat(balances(db).stream().mapToInt(i -> i).sum()).isEqualTo(50);
                } else {
                    assertThatThrownBy(() -> run(() -> gather(List.of(1, 2), withdraw)))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(SqlErrors.isSerializationFailure(e))
                                            .as(e.toString())
                                            .isTrue());
                }
                assertThat(db.statistics().inUse()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void other_failures_are_not_retried(Server server) throws Exception {
        try (Database db = fresh(server, 1)) {
            AtomicInteger attempts = new AtomicInteger();

            assertThatThrownBy(() ->
                            db.transactionRun(TransactionOptions.defaults().withRetry(Retry.immediately(5)), tx -> {
                                attempts.incrementAndGet();
                                tx.execute("insert into accounts values (1, 1)");
                            }))
                    .isInstanceOf(SQLException.class);
            assertThat(attempts.get()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tasks_of_one_session_take_turns(Server server) throws Exception {
        try (Database db = fresh(server, 1);
                Session session = db.acquire()) {
            List<Integer> numbers =
                    java.util.stream.IntStream.range(0, 50).boxed().toList();
            assertThat(run(() -> gather(numbers, n -> session.queryValue(Integer.class, "select ? + 0", n))))
                    .isEqualTo(numbers);
        }
    }

    @ParameterizedTest
    @EnumSource
    void overlapping_transactions_of_one_session_are_an_error(Server server) throws Exception {
        try (Database db = fresh(server, 1)) {
            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        Event inner = Event.create();
                        Event outer = Event.create();
                        gather(
                                () -> tx.transactionRun(_ -> {
                                    inner.set();
                                    outer.await();
                                }),
                                () -> {
                                    inner.await();
                                    tx.transactionRun(_ -> {
                                        outer.set();
                                        Async.sleep(Duration.ofMinutes(1));
                                    });
                                });
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("overlap");
            assertThat(balances(db)).containsExactly(100, 100);
        }
    }

    @Test
    void a_transaction_begun_by_sql_does_not_reach_the_next_borrower() throws Exception {
        try (Database db = fresh(Server.POSTGRES, 1)) {
            try (Session session = db.acquire()) {
                session.execute("begin");
                session.execute("update accounts set balance = 0");
            }
            assertThat(balances(db)).containsExactly(100, 100);
            assertThat(db.queryValue(Boolean.class, "select pg_current_xact_id_if_assigned() is null"))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_closed_session_says_so(Server server) throws Exception {
        try (Database db = fresh(server, 1)) {
            Session session = db.acquire();
            session.close();
            session.close();

            assertThatThrownBy(() -> session.query("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(db.statistics().inUse()).isZero();
            assertThatThrownBy(() -> db.transactionRun(Session::close)).isInstanceOf(IllegalStateException.class);
            assertThat(db.statistics().inUse()).isZero();
            assertThat(balances(db)).hasSize(2);
        }
    }
}
