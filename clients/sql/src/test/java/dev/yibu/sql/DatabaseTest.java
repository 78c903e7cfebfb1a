package dev.yibu.sql;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a program does with a database, on both servers. */
@Timeout(120)
class DatabaseTest {
    record User(long id, String firstName) {}

    @ParameterizedTest
    @EnumSource
    void queries_statements_and_transactions_work(Server server) throws Exception {
        try (Database db = server.open(4)) {
            db.execute("drop table if exists users");
            db.execute("create table users (id bigint primary key, first_name varchar(50))");

            assertThat(db.execute("insert into users values (?, ?)", 1, "Ada")).isEqualTo(1);
            assertThat(db.query(User.class, "select first_name, id from users where id = ?", 1))
                    .containsExactly(new User(1, "Ada"));
            assertThat(db.queryValue(Long.class, "select count(*) from users")).isEqualTo(1);
            assertThat(db.queryRow("select * from users where id = 5")).isEmpty();
            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        tx.execute("insert into users values (2, 'Bob')");
                        throw new IllegalStateException("no");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(db.queryValue(Long.class, "select count(*) from users")).isEqualTo(1);
            db.transactionRun(tx -> tx.execute("insert into users values (2, 'Bob')"));
            assertThat(db.query(String.class, "select first_name from users order by id"))
                    .containsExactly("Ada", "Bob");
            List<Long> squares = run(() -> gather(
                    IntStream.range(0, 100).boxed().toList(),
                    i -> db.queryValue(Long.class, "select ? * ? as square", (long) i, (long) i)));
            assertThat(squares.get(99)).isEqualTo(99L * 99);
            assertThat(db.statistics().inUse()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_deadline_stops_a_statement(Server server) throws Exception {
        try (Database db = server.open(2)) {
            long start = System.nanoTime();
            assertThatThrownBy(
                            () -> timeout(Duration.ofMillis(200), () -> db.query(server.sleep("60") + " /* late */")))
                    .isInstanceOf(TimeoutException.class);
            System.out.println(server + " took " + (System.nanoTime() - start) / 1e6);
            assertThat(server.busyWith("late")).isEmpty();
            assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
        }
    }
}
