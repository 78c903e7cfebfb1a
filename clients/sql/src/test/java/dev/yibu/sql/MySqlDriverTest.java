package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mysql.cj.jdbc.MysqlDataSource;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.yibu.Task;
import dev.yibu.stream.AsyncIterable;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** MySQL's own driver, in a data source of the program; its server is MariaDB here, which speaks the same protocol. */
@Timeout(120)
class MySqlDriverTest {
    private static final int POOL = 2;

    record Item(int id, String name) {}

    private static HikariDataSource source() {
        MysqlDataSource driver = new MysqlDataSource();
        driver.setUrl(Server.MARIADB
                .url()
                .replace("jdbc:mariadb:", "jdbc:mysql:")
                .replace("sslMode=disable", "sslMode=DISABLED"));
        HikariConfig config = new HikariConfig();
        config.setDataSource(driver);
        config.setMaximumPoolSize(POOL);
        return new HikariDataSource(config);
    }

    private static void assertWhole(Database db) throws Exception {
        assertThat(db.statistics().inUse()).isZero();
        for (long n = 0; n < 2 * POOL; n++) { // none gets the answer of another, or its cancel
            assertThat(db.query(Long.class, "select ? + 0", n)).containsExactly(n);
        }
    }

    @Test
    void queries_batches_and_transactions_work() throws Exception {
        Server.MARIADB.execute("drop table if exists mysql_items");
        try (HikariDataSource source = source();
                Database db = Database.over(source, POOL)) {
            db.execute("create table mysql_items (id int primary key, name varchar(100))");
            db.executeMany(
                    "insert into mysql_items values (:id, :name)",
                    IntStream.range(0, 3_000)
                            .mapToObj(i -> new Item(i, "item # " + i))
                            .toList());
            assertThat(db.queryRow(Item.class, "select * from mysql_items where name = ? # the last?", "item # 2999"))
                    .contains(new Item(2_999, "item # 2999"));
            assertThat(db.query(Integer.class, "select id from mysql_items where id in (?)", List.of(1, 2)))
                    .containsExactly(1, 2);
            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        tx.execute("delete from mysql_items");
                        tx.transactionRun(inner -> inner.execute("insert into mysql_items values (1, 'x')"));
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(db.queryValue(Long.class, "select count(*) from mysql_items"))
                    .isEqualTo(3_000);
            LocalDateTime time = LocalDateTime.of(2024, 2, 29, 12, 30, 15);
            assertThat(db.queryValue(LocalDateTime.class, "select cast(? as datetime)", time))
                    .isEqualTo(time);
            UUID uuid = UUID.randomUUID();
            assertThat(db.queryValue(UUID.class, "select ?", uuid)).isEqualTo(uuid);
            assertThat(run(() -> gather(
                            IntStream.range(0, 50).boxed().toList(),
                            i -> db.queryValue(Integer.class, "select ? + 0", i))))
                    .isEqualTo(IntStream.range(0, 50).boxed().toList());
            assertWhole(db);
        }
    }

    @Test
    void a_cancel_stops_the_statement_in_the_server_and_hits_no_other() throws Exception {
        try (HikariDataSource source = source();
                Database db = Database.over(source, POOL)) {
            for (int i = 0; i < 5; i++) {
                run(() -> {
                    Task<List<Row>> task = createTask(() -> db.query("select sleep(60) /* of the driver */"));
                    while (Server.MARIADB.busyWith("of the driver").isEmpty()) {
                        Thread.onSpinWait();
                    }
                    task.cancel("enough");
                    assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
                });
                assertThat(Server.MARIADB.busyWith("of the driver")).isEmpty();
                assertWhole(db);
            }
            assertThat(db.statistics().stopped()).isEqualTo(5);
            assertThat(db.statistics().discarded())
                    .as("connections that were cut")
                    .isZero();
            for (int i = 0; i < 40; i++) { // before, in and after a statement
                Duration limit = Duration.ofNanos(i * 50_000L);
                moveOnAfter(limit, () -> db.query("select sleep(0.0005)"));
                assertWhole(db);
            }
        }
    }

    @Test
    void a_stream_has_a_few_rows_in_memory_and_can_be_left_early() throws Exception {
        try (HikariDataSource source = source();
                Database db = Database.over(source, POOL)) {
            run(() -> {
                for (int i = 0; i < 3; i++) {
                    try (AsyncIterable<Row> rows = db.stream("select repeat('x', 1000) as fill"
                            + " from information_schema.columns a, information_schema.columns b"
                            + " , information_schema.columns c")) { // more than would fit
                        int read = 0;
                        for (Row row : rows) {
                            assertThat((String) row.get("fill")).hasSize(1_000);
                            if (++read == 2_000) {
                                break;
                            }
                        }
                    }
                    assertWhole(db);
                }
            });
        }
    }
}
