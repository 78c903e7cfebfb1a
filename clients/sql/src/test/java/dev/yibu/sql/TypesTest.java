package dev.yibu.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values on their way to the servers and back. */
@Timeout(120)
class TypesTest {
    enum Mood {
        GLAD,
        SAD
    }

    record Address(String street, int number) {}

    record Plain(
            boolean flag,
            short small,
            int middle,
            long big,
            BigDecimal exact,
            double rough,
            String text,
            byte[] bytes,
            LocalDate day,
            LocalTime hour,
            LocalDateTime moment,
            Mood mood,
            UUID uuid) {}

    private static final Instant NOW = Instant.parse("2026-07-08T09:10:11.123456Z");
    private static final UUID SOME = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

    @ParameterizedTest
    @EnumSource
    void plain_values_come_back_as_they_went(Server server) throws Exception {
        String uuid = server == Server.POSTGRES ? "uuid" : "varchar(36)";
        String bytes = server == Server.POSTGRES ? "bytea" : "varbinary(20)";
        String moment = server == Server.POSTGRES ? "timestamp" : "datetime(6)";
        String rough = server == Server.POSTGRES ? "float8" : "double";
        server.execute(
                "drop table if exists plain",
                "create table plain (flag boolean, small smallint, middle int, big bigint, exact numeric(30, 10), rough "
                        + rough + ", text varchar(100), bytes " + bytes + ", day date, hour time, moment " + moment
                        + ", mood varchar(10), uuid " + uuid + ")"
                        + (server == Server.POSTGRES ? "" : " character set utf8mb4"));
        Plain sent = new Plain(
                true,
                (short) -7,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                new BigDecimal("12345678901234567890.0123456789"),
                0.1,
                "it's 异步 ? :x",
                new byte[] {0, -1, 39, 92},
                LocalDate.of(2026, 2, 28),
                LocalTime.of(23, 59, 58),
                LocalDateTime.of(2026, 2, 28, 1, 2, 3, 456_789_000),
                Mood.SAD,
                SOME);
        try (Database db = server.open(1)) {
            db.execute(
                    "insert into plain values (:flag, :small, :middle, :big, :exact, :rough, :text, :bytes, :day, :hour,"
                            + " :moment, :mood, :uuid)",
                    Params.of(sent));
            Plain got = db.queryRow(Plain.class, "select * from plain").orElseThrow();
            Row row = db.queryRow("select * from plain").orElseThrow();

            assertThat(got).usingRecursiveComparison().isEqualTo(sent);
            assertThat(row.columns()).startsWith("flag", "small").hasSize(13);
            assertThat(row.get("flag")).isEqualTo(true);
            assertThat(row.get("BIG")).isEqualTo(Long.MAX_VALUE);
            assertThat(row.get("moment")).isEqualTo(sent.moment());
            assertThat(row.get("day")).isEqualTo(sent.day());
            assertThat(row.get("hour")).isEqualTo(sent.hour());
            assertThat(row.get("mood", Mood.class)).isEqualTo(Mood.SAD);
            assertThat(row.get("bytes")).isEqualTo(sent.bytes());
            assertThat(row.toMap()).hasSize(13).containsEntry("text", sent.text());
        }
    }

    record Nullable(Integer number, Optional<String> text) {}

    record Careless(int number, String text) {}

    @ParameterizedTest
    @EnumSource
    void null_is_null_but_for_primitives(Server server) throws Exception {
        server.execute("drop table if exists nulls", "create table nulls (number int, text varchar(9))");
        try (Database db = server.open(1)) {
            db.execute("insert into nulls values (?, ?)", null, Optional.empty());

            assertThat(db.queryRow(Nullable.class, "select * from nulls"))
                    .contains(new Nullable(null, Optional.empty()));
            assertThat(db.query(String.class, "select text from nulls")).containsExactly((String) null);
            assertThat(db.queryRow(String.class, "select text from nulls")).isEmpty();
            assertThatThrownBy(() -> db.queryValue(String.class, "select text from nulls"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("queryRow");
            assertThatThrownBy(() -> db.query(Careless.class, "select * from nulls"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("number is NULL")
                    .hasMessageContaining("Integer");
            Row row = db.queryRow("select * from nulls").orElseThrow();
            assertThat(row.get("number")).isNull();
            assertThat(row.find("number", Integer.class)).isEmpty();
            assertThatThrownBy(() -> row.get("number", Integer.class)).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(() -> row.get("nothing"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("[number, text]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_does_not_fit_is_an_error_not_a_guess(Server server) throws Exception {
        try (Database db = server.open(1)) {
            assertThatThrownBy(() -> db.queryValue(Integer.class, "select 3000000000"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("3000000000");
            assertThatThrownBy(() -> db.queryValue(Long.class, "select 1.5"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("1.5");
            assertThatThrownBy(() -> db.queryValue(Mood.class, "select 'BORED'"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Mood");
            assertThatThrownBy(() -> db.queryValue(LocalDate.class, "select 7"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("LocalDate");
            assertThatThrownBy(() -> db.queryValue(Long.class, "select 1, 2"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("2 columns");
            assertThatThrownBy(() -> db.query(Careless.class, "select 1 as number"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Careless.text")
                    .hasMessageContaining("[number]");
            assertThatThrownBy(() -> db.queryRow("select 1 union select 2"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("more than one");
            assertThat(db.queryValue(BigInteger.class, "select 7")).isEqualTo(BigInteger.valueOf(7));
            assertThat(db.queryValue(String.class, "select 7")).isEqualTo("7");
            assertThat(db.queryValue(double.class, "select 7")).isEqualTo(7.0);
            assertThat(db.queryValue(Long.class, "select 1")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void points_in_time_keep_their_instant(Server server) throws Exception {
        String type = server == Server.POSTGRES ? "timestamptz" : "timestamp(6)";
        server.execute("drop table if exists times", "create table times (id int, at " + type + " null)");
        record At(Instant at) {}
        try (Database db = server.open(1)) {
            db.execute("insert into times values (1, ?)", NOW);
            db.execute("insert into times values (2, ?)", NOW.atOffset(ZoneOffset.ofHours(5)));
            db.execute("insert into times values (3, ?)", NOW.atZone(java.time.ZoneId.of("Asia/Shanghai")));

            assertThat(db.query(Instant.class, "select at from times order by id"))
                    .containsExactly(NOW, NOW, NOW);
            assertThat(db.query(At.class, "select at from times where at = ?", NOW))
                    .hasSize(3);
            assertThat(db.query(OffsetDateTime.class, "select at from times"))
                    .allSatisfy(at -> assertThat(at.toInstant()).isEqualTo(NOW));
        }
    }

    @ParameterizedTest
    @EnumSource
    void json_becomes_what_the_program_wants(Server server) throws Exception {
        record Person(int id, Address address, List<String> tags, Map<String, Object> more, Json raw) {}
        String json = server == Server.POSTGRES ? "jsonb" : "json";
        server.execute(
                "drop table if exists people",
                "create table people (id int, address " + json + ", tags " + json + ", more " + json + ", raw " + json
                        + ")");
        try (Database db = server.open(1)) {
            db.execute(
                    "insert into people values (?, ?, ?, ?, ?)",
                    1,
                    Json.of(new Address("Main Street", 5)),
                    Json.of(List.of("a", "b")),
                    Json.of(Map.of("deep", Map.of("x", 1))),
                    new Json("[1, null]"));

            assertThat(db.query(Person.class, "select * from people"))
                    .containsExactly(new Person(
                            1,
                            new Address("Main Street", 5),
                            List.of("a", "b"),
                            Map.of("deep", Map.of("x", 1)),
                            new Json("[1, null]")));
            assertThat(db.queryValue(Json.class, "select address from people").as(Address.class))
                    .isEqualTo(new Address("Main Street", 5));
            assertThatThrownBy(() -> new Json("{").as(Address.class)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void postgres_has_arrays_intervals_enums_and_other_types() throws Exception {
        record All(
                List<Integer> numbers,
                String[] words,
                List<List<Long>> table,
                List<Instant> times,
                List<LocalDate> days,
                Duration gap,
                String host,
                Mood mood) {}
        Server server = Server.POSTGRES;
        server.execute(
                "drop table if exists odd",
                "drop type if exists mood",
                "create type mood as enum ('GLAD', 'SAD')",
                "create table odd (numbers int[], words text[], \"table\" bigint[][], times timestamptz[], days date[],"
                        + " gap interval, host inet, mood mood)");
        All sent = new All(
                Arrays.asList(1, null, 3),
                new String[] {"a", "b \"c\" \\ {,}", "NULL"},
                List.of(List.of(1L, 2L), List.of(3L, 4L)),
                List.of(NOW),
                List.of(LocalDate.of(2026, 1, 2)),
                Duration.ofHours(49).plusMillis(1_500),
                "10.0.0.1",
                Mood.GLAD);
        try (Database db = server.open(1)) {
            db.execute(
                    "insert into odd values (:numbers, :words, :table, :times, :days, :gap, :host::inet, :mood)",
                    Params.of(sent));
            All got = db.queryRow(All.class, "select * from odd").orElseThrow();

            assertThat(got).usingRecursiveComparison().isEqualTo(sent);
            assertThat(db.query(Integer.class, "select n from generate_series(1, 5) n where n = any(?)", List.of(2, 4)))
                    .containsExactly(2, 4);
            assertThat(db.query(Integer.class, "select n from generate_series(1, 5) n where n = any(?)", List.of()))
                    .isEmpty();
            assertThat(db.queryValue(String.class, "select (interval '1 month 2 days')::text"))
                    .isEqualTo("1 mon 2 days");
            assertThat(db.queryValue(Boolean.class, "select '{\"a\": 1}'::jsonb ?? 'a'"))
                    .isTrue();
            assertThat(db.queryValue(
                            Boolean.class,
                            "select :json::jsonb ?? :key",
                            Params.of("json", Json.of(Map.of("a", 1))).and("key", "a")))
                    .isTrue();
        }
    }

    @Test
    void mariadb_has_collections_for_in_durations_and_unsigned_numbers() throws Exception {
        Server server = Server.MARIADB;
        server.execute(
                "drop table if exists odd",
                "create table odd (id int, big bigint unsigned, span time(3), tiny tinyint(1))",
                "insert into odd values (1, 18446744073709551615, '49:00:01.500', 1), (2, 1, '00:00:01', 0)");
        try (Database db = server.open(1)) {
            assertThat(db.query(Integer.class, "select id from odd where id in (?) and big > ?", List.of(1, 2, 3), 5))
                    .containsExactly(1);
            assertThat(db.query(Integer.class, "select id from odd where id in (:ids)", Params.of("ids", List.of())))
                    .isEmpty();
            assertThat(db.queryValue(BigInteger.class, "select big from odd where id = 1"))
                    .isEqualTo(new BigInteger("18446744073709551615"));
            assertThat(db.queryValue(Duration.class, "select span from odd where id = 1"))
                    .isEqualTo(Duration.ofHours(49).plusMillis(1_500));
            assertThat(db.query(boolean.class, "select tiny from odd order by id"))
                    .containsExactly(true, false);
        }
    }
}
