package dev.yibu.sql;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TimeoutException;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.sync.Event;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams, batches and COPY. */
@Timeout(120)
class ManyRowsTest {
    private static final int MANY = 20_000;

    private static final String SLEEPERS = "select pid from pg_stat_activity where wait_event = 'PgSleep'";

    record Item(int id, String name) {}

    private static Database filled(Server server) throws SQLException {
        server.execute("drop table if exists items", "create table items (id int primary key, name varchar(2000))");
        Database db = server.open(2);
        db.executeMany(
                "insert into items values (:id, :name)",
                IntStream.range(0, MANY).mapToObj(i -> new Item(i, "item " + i)).toList());
        return db;
    }

    private static void assertNothingLent(Database db) {
        assertThat(db.statistics().inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_yields_all_rows_in_order(Server server) throws Exception {
        try (Database db = filled(server)) {
            run(() -> {
                int next = 0;
                for (Item item : db.stream(Item.class, "select * from items order by id")) {
                    assertThat(item).isEqualTo(new Item(next, "item " + next));
                    next++;
                }
                assertThat(next).isEqualTo(MANY);
                assertNothingLent(db);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_is_left_early_gives_its_connection_back(Server server) throws Exception {
        try (Database db = filled(server)) {
            run(() -> {
                for (int i = 0; i < 5; i++) {
                    try (AsyncIterable<Row> rows = db.stream("select * from items order by id")) {
                        Iterator<Row> iterator = rows.iterator();
                        assertThat(iterator.next().get("id")).isEqualTo(0);
                        assertThat(iterator.next().get("id")).isEqualTo(1);
                    }
                    assertNothingLent(db);
                }
                assertThat(db.queryValue(Long.class, "select count(*) from items"))
                        .isEqualTo(MANY);
            });
            run(
                    () -> { // what a plain loop leaves behind ends with the scope
                        for (Row row : db.stream("select * from items order by id")) {
                            assertThat(row.get("id")).isEqualTo(0);
                            break;
                        }
                    });
            assertNothingLent(db);
        }
    }

    /** The server makes up rows without end: whoever wanted all of them first would never get one. */
    @ParameterizedTest
    @EnumSource
    void a_stream_needs_no_more_memory_than_a_few_rows(Server server) throws Exception {
        String endless = server == Server.POSTGRES
                ? "select generate_series(1, 4000000000) as i, repeat('x', 1000) as fill"
                : "select a.id, repeat('x', 1000) as fill from items a, items b, items c, items d";
        try (Database db = filled(server)) {
            run(() -> {
                int read = 0;
                try (AsyncIterable<Row> rows = db.stream(endless)) {
                    for (Row row : rows) {
                        assertThat((String) row.get("fill")).hasSize(1000);
                        if (++read == 20_000) {
                            break;
                        }
                    }
                }
                assertNothingLent(db);
                assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_of_a_session_needs_its_transaction(Server server) throws Exception {
        try (Database db = filled(server)) {
            run(() -> db.transactionRun(tx -> {
                tx.execute("insert into items values (?, 'mine')", MANY);
                int seen = 0;
                for (Item item : tx.stream(Item.class, "select * from items order by id")) {
                    assertThat(item.id()).isEqualTo(seen++);
                }
                assertThat(seen).isEqualTo(MANY + 1);
                tx.execute("delete from items where id < 10");
            }));
            assertThat(db.queryValue(Long.class, "select count(*) from items")).isEqualTo(MANY - 9);
            run(() -> {
                try (Session session = db.acquire()) {
                    assertThatThrownBy(() -> session.stream("select 1"))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("transaction");
                }
            });
            assertThatThrownBy(() -> db.stream("select 1")).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void other_statements_between_the_rows_of_a_stream_work_or_are_refused(Server server) throws Exception {
        try (Database db = filled(server)) {
            run(() -> db.transactionRun(tx -> {
                try (AsyncIterable<Item> items = tx.stream(Item.class, "select * from items order by id")) {
                    for (Item item : items) {
                        if (server == Server.MARIADB) {
                            assertThatThrownBy(() -> tx.execute("delete from items"))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("stream");
                            break;
                        }
                        if (item.id() % 5000 == 0) {
                            tx.execute("update items set name = 'seen' where id = ?", item.id());
                        }
                    }
                }
                tx.execute("update items set name = 'last' where id = 1");
            }));
            assertThat(db.queryValue(Long.class, "select count(*) from items where name = 'seen'"))
                    .isEqualTo(server == Server.MARIADB ? 0 : 4);
            assertThat(db.queryValue(String.class, "select name from items where id = 1"))
                    .isEqualTo("last");
        }
    }

    /** Its driver would answer the next statement with what is left of the stream, or with the answer before. */
    @ParameterizedTest
    @EnumSource
    void a_stream_that_a_transaction_leaves_open_disturbs_nobody(Server server) throws Exception {
        try (Database db = filled(server)) {
            for (int i = 0; i < 5; i++) {
                boolean fails = i % 2 == 0;
                run(() -> {
                    try {
                        db.transactionRun(tx -> {
                            tx.execute("insert into items values (?, 'new')", MANY + 1);
                            tx.transactionRun(inner -> {
                                Iterator<Row> rows = inner.stream("select * from items order by id")
                                        .iterator();
                                assertThat(rows.next().get("id")).isEqualTo(0);
                                if (fails) {
                                    throw new IllegalArgumentException("no");
                                }
                            });
                            Iterator<Row> rows =
                                    tx.stream("select * from items order by id").iterator();
                            assertThat(rows.next().get("id")).isEqualTo(0);
                            tx.stream("select * from items where id > 9 order by id")
                                    .iterator()
                                    .next();
                            throw new IllegalArgumentException("no");
                        });
                    } catch (IllegalArgumentException | IllegalStateException e) {
                        assertThat(e).hasMessageContaining(e instanceof IllegalStateException ? "stream" : "no");
                    }
                    for (long n = 0; n < 4; n++) {
                        assertThat(db.query(Long.class, "select ? + 0", n)).containsExactly(n);
                    }
                });
                assertThat(db.queryValue(Long.class, "select count(*) from items"))
                        .isEqualTo(MANY);
                assertNothingLent(db);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_failure_of_a_stream_comes_from_the_iteration(Server server) throws Exception {
        try (Database db = server.open(1)) {
            run(() -> {
                AsyncIterable<Row> rows = db.stream("select nothing from nowhere");
                assertThatThrownBy(() -> rows.iterator().hasNext())
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("nowhere");
            });
            assertNothingLent(db);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_deadline_around_a_slow_stream_stops_it(Server server) throws Exception {
        String slow = server == Server.POSTGRES
                ? "select i, pg_sleep(case when i < 1000 then 0 else 60 end)::text from generate_series(1, 2000) i"
                : "select id, sleep(if(id < 1000, 0, 60)) from items order by id";
        try (Database db = filled(server)) {
            for (int i = 0; i < 10; i++) {
                int[] read = {0};
                boolean finished = run(() -> moveOnAfter(Duration.ofMillis(150), () -> {
                    try (AsyncIterable<Row> rows = db.stream(slow)) {
                        for (Row row : rows) {
                            read[0]++;
                        }
                    }
                }));

                assertThat(finished).isFalse();
                assertThat(read[0]).isLessThan(1100);
                assertNothingLent(db);
                for (long n = 0; n < 4; n++) { // none gets the answer of another
                    assertThat(db.query(Long.class, "select ? + 0", n)).containsExactly(n);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_batch_is_all_or_nothing(Server server) throws Exception {
        server.execute("drop table if exists batch", "create table batch (id int primary key, name varchar(20))");
        try (Database db = server.open(1)) {
            assertThatThrownBy(() -> db.executeMany(
                            "insert into batch values (?, ?)",
                            IntStream.range(0, 3_000)
                                    .mapToObj(i -> List.of(i == 2_999 ? 1 : i, "n"))
                                    .toList()))
                    .isInstanceOf(SQLException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
            assertThat(db.queryValue(Long.class, "select count(*) from batch")).isZero();

            db.executeMany("insert into batch values (?, ?)", List.of(List.of(1, "a"), new Object[] {2, "b"}));
            db.executeMany("delete from batch where id = ?", List.of(2, 3));
            db.executeMany("insert into batch values (:id, :name)", List.of());
            db.transactionRun(tx -> tx.executeMany(
                    "insert into batch values (:id, :name)",
                    List.of(new Item(5, "e"), Params.of("id", 6).and("name", null))));
            assertThat(db.query(Integer.class, "select id from batch order by id"))
                    .containsExactly(1, 5, 6);
            assertThatThrownBy(() -> db.executeMany("delete from batch where id = ?", Arrays.asList(1, null)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a row of a batch");
        }
    }

    // ---------------------------------------------------------------- COPY

    private static Database copied() throws SQLException {
        Server.POSTGRES.execute(
                "drop table if exists copied",
                "create table copied (id int primary key, name text, tags text[], data bytea)");
        return Server.POSTGRES.open(1);
    }

    @Test
    void copy_takes_rows_with_all_kinds_of_text() throws Exception {
        String odd = "tab\t line\n return\r back\\ quote\" brace{,} 异步";
        try (Database db = copied()) {
            long count = db.copyIn(
                    "copied",
                    List.of("id", "name", "tags", "data"),
                    List.of(
                            List.of(1, odd, List.of(odd, "NULL"), new byte[] {0, 10, 92}),
                            Arrays.asList(2, null, List.of(), null),
                            Arrays.asList(3, "\\N", null, new byte[0])));

            assertThat(count).isEqualTo(3);
            Row first = db.queryRow("select * from copied where id = 1").orElseThrow();
            assertThat(first.get("name")).isEqualTo(odd);
            assertThat(first.get("tags")).isEqualTo(List.of(odd, "NULL"));
            assertThat(first.get("data")).isEqualTo(new byte[] {0, 10, 92});
            assertThat(db.queryRow(String.class, "select name from copied where id = 2"))
                    .isEmpty();
            assertThat(db.queryValue(String.class, "select name from copied where id = 3"))
                    .isEqualTo("\\N");
        }
    }

    @Test
    void copy_out_and_in_again_is_the_same() throws Exception {
        try (Database db = copied()) {
            db.execute("insert into copied select i, 'name ' || i from generate_series(1, 30000) i");
            ByteArrayOutputStream out = new ByteArrayOutputStream();

            assertThat(db.copyOut("copy copied to stdout (format csv)", out)).isEqualTo(30_000);
            db.execute("truncate copied");
            assertThat(db.copyIn("copy copied from stdin (format csv)", new ByteArrayInputStream(out.toByteArray())))
                    .isEqualTo(30_000);
            assertThat(db.queryValue(Long.class, "select sum(length(name)) from copied"))
                    .isEqualTo(IntStream.rangeClosed(1, 30_000)
                            .mapToLong(i -> ("name " + i).length())
                            .sum());
        }
    }

    @Test
    void a_copy_that_fails_loads_nothing_and_leaves_the_pool_intact() throws Exception {
        try (Database db = copied()) {
            assertThatThrownBy(() -> db.copyIn("copied", List.of("id"), List.of(List.of(1), List.of("no number"))))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("no number");
            assertThatThrownBy(() -> db.copyIn("copied", List.of("id", "name"), List.of(List.of(1))))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("1 values");
            IOException failure = new IOException("the disk is gone");
            InputStream broken = new InputStream() {
                private int left = 100_000;

                @Override
                public int read() throws IOException {
                    if (left-- <= 0) {
                        throw failure;
                    }
                    return left % 10 == 0 ? '\n' : '7';
                }
            };
            assertThatThrownBy(() -> db.copyIn("copy copied(name) from stdin", broken))
                    .isSameAs(failure);
            OutputStream full = new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw failure;
                }
            };
            assertThatThrownBy(() -> db.copyOut("copy (select generate_series(1, 100000)) to stdout", full))
                    .isSameAs(failure);

            assertNothingLent(db);
            assertThat(db.queryValue(Long.class, "select count(*) from copied")).isZero();
        }
    }

    @Test
    void a_cancelled_copy_loads_nothing_and_leaves_the_pool_intact() throws Exception {
        try (Database db = copied()) {
            Iterable<List<Object>> endless = () -> IntStream.iterate(0, i -> i + 1)
                    .mapToObj(i -> List.<Object>of(i, "name"))
                    .iterator();

            assertThatThrownBy(() -> dev.yibu.Async.timeout(
                            Duration.ofMillis(300), () -> db.copyIn("copied", List.of("id", "name"), endless)))
                    .isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> dev.yibu.Async.timeout(
                            Duration.ofMillis(300),
                            () -> db.copyOut("copy (select pg_sleep(60)) to stdout", OutputStream.nullOutputStream())))
                    .isInstanceOf(TimeoutException.class);

            assertNothingLent(db);
            assertThat(db.queryValue(Long.class, "select count(*) from copied")).isZero();
        }
    }

    /** There is no call to the driver that could be stopped, and the server is busy with what it has got. */
    @Test
    void a_copy_that_is_cancelled_while_it_waits_for_data_stops_a_server_that_is_busy_with_the_first_rows()
            throws Exception {
        Server.POSTGRES.execute(
                "drop table if exists slow",
                "create table slow (id int)",
                "create or replace function dawdle() returns trigger language plpgsql as"
                        + " 'begin perform pg_sleep(3600); return new; end'",
                "create trigger dawdle before insert on slow for each row execute function dawdle()");
        DatabaseOptions options = Server.POSTGRES.options().withPoolSize(1).withGrace(Duration.ofHours(1));
        try (Database db = Database.open(options)) {
            long before = db.queryValue(Long.class, Server.POSTGRES.ownId());
            Event asked = Event.create();
            Iterator<List<Object>> rows = new Iterator<>() {
                private int given;

                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public List<Object> next() {
                    if (given++ == 20_000) { // more than a buffer, so the server has some
                        asked.set();
                        Event.create().await();
                    }
                    return List.of(given);
                }
            };
            Iterable<List<Object>> all = () -> rows;
            run(() -> {
                Task<Long> copy = createTask(() -> db.copyIn("slow", List.of("id"), all));
                asked.await();
                while (Server.POSTGRES.numbers(SLEEPERS).isEmpty()) {
                    Thread.onSpinWait();
                }

                copy.cancel("enough");

                assertThatThrownBy(copy::await).isInstanceOf(CancellationException.class);
            });
            assertNothingLent(db);
            assertThat(Server.POSTGRES.numbers(SLEEPERS)).isEmpty();
            assertThat(db.queryValue(Long.class, Server.POSTGRES.ownId())).isEqualTo(before);
            assertThat(db.queryValue(Long.class, "select count(*) from slow")).isZero();
        }
    }

    @Test
    void a_copy_of_rows_from_its_own_session_is_an_error_at_once() throws Exception {
        try (Database db = copied()) {
            db.execute("insert into copied select i from generate_series(1, 2000) i");
            run(() -> {
                try (Session session = db.acquire()) {
                    Iterable<List<?>> rows = () -> new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return true;
                        }

                        @Override
                        public List<?> next() {
                            try {
                                return List.of(session.queryValue(Integer.class, "select max(id) + 1 from copied"));
                            } catch (SQLException e) {
                                throw new AssertionError(e);
                            }
                        }
                    };
                    assertThatThrownBy(() -> session.copyIn("copied", List.of("id"), rows))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("another session");
                    assertThatThrownBy(() -> session.transactionRun(tx -> tx.copyIn(
                                    "copied",
                                    List.of("id"),
                                    tx.stream(Integer.class, "select id + 10000 from copied")
                                            .map(List::of))))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("another session");
                    OutputStream out = new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            try {
                                session.query("select 1");
                            } catch (SQLException e) {
                                throw new IOException(e);
                            }
                        }
                    };
                    assertThatThrownBy(() -> session.copyOut("copy copied to stdout", out))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("another session");
                }
                assertNothingLent(db);
                assertThat(db.queryValue(Long.class, "select count(*) from copied"))
                        .isEqualTo(2_000);
            });
        }
    }

    /** Between the rows of a stream, which its session may read ahead meanwhile. */
    @Test
    void a_copy_of_other_rows_between_those_of_a_stream_of_its_session_works() throws Exception {
        try (Database db = copied()) {
            db.execute("insert into copied select i from generate_series(1, 2000) i");
            run(() -> db.transactionRun(tx -> {
                for (int id : tx.stream(Integer.class, "select id from copied order by id")) {
                    if (id % 100 == 0) {
                        assertThat(tx.copyIn("copied", List.of("id"), List.of(List.of(id + 10_000))))
                                .isEqualTo(1);
                    }
                }
            }));
            assertThat(db.queryValue(Long.class, "select count(*) from copied")).isEqualTo(2_020);
        }
    }

    @Test
    void only_postgres_has_copy() throws Exception {
        try (Database db = Server.MARIADB.open(1)) {
            InputStream data = new ByteArrayInputStream("1".getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> db.copyIn("copy t from stdin", data))
                    .isInstanceOf(SQLFeatureNotSupportedException.class)
                    .hasMessageContaining("executeMany");
        }
    }
}
