package dev.yibu.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.yibu.Async;
import dev.yibu.TaskGroup;
import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.sql.Database;
import dev.yibu.sql.DatabaseOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;

/**
 * The experiments with a database. A pool has 10 connections in each competitor, and each has warmed them up. All speak to
 * the same server, over the loopback.
 */
final class SqlExperiments implements Suite.Open {
    static final List<String> NAMES =
            List.of("queries-1", "queries-10", "queries-100", "speed-sql", "insert", "copy", "fetch", "fetch-stream");

    private static final String ASYNCPG = "asyncpg, uvloop";
    private static final int POOL = 10;
    private static final int QUERIES = 20_000;
    private static final int INSERTED = 10_000;
    private static final int FETCHED = 100_000;
    private static final String QUERY = "select ? + 1";
    private static final String SLOW = "select pg_sleep(0.1)";
    private static final String INSERT = "insert into bulk (id, name, amount) values (?, ?, ?)";
    private static final String COPY = "copy bulk (id, name, amount) from stdin";
    private static final String FETCH = "select id, name, amount, rate, active from fetched";

    /** A row of what is fetched. */
    record Fetched(int id, String name, long amount, double rate, boolean active) {}

    private final EmbeddedPostgres postgres;
    private final HikariDataSource hikari;
    private final Database yibu;

    SqlExperiments() throws SQLException, IOException {
        postgres = EmbeddedPostgres.start();
        String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?user=postgres&password=postgres"
                + "&reWriteBatchedInserts=true";
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(POOL);
        hikari = new HikariDataSource(config);
        yibu = Database.open(DatabaseOptions.of(url).withPoolSize(POOL));
        yibu.execute("create unlogged table bulk (id int, name text, amount bigint)");
        yibu.execute("create table fetched as select i as id, 'name ' || i as name, i::bigint * 1000 as amount,"
                + " i / 7.0::float8 as rate, i % 2 = 0 as active from generate_series(1, " + FETCHED + ") i");
    }

    @Override
    public Experiment named(String name) {
        return switch (name) {
            case "queries-1" -> queries(name, 1);
            case "queries-10" -> queries(name, 10);
            case "queries-100" -> queries(name, 100);
            case "speed-sql" -> speed(name);
            case "insert" -> insert(name);
            case "copy" -> copy(name);
            case "fetch" -> fetch(name);
            case "fetch-stream" -> fetchStream(name);
            default -> throw new IllegalArgumentException("no experiment: " + name);
        };
    }

    @Override
    public void close() throws IOException {
        yibu.close();
        hikari.close();
        postgres.close();
    }

    /** asyncpg, with its pool used in these ways. */
    private Peers asyncpg(String work, String... modes) {
        Peers peers = new Peers();
        for (String mode : modes) {
            peers.python(ASYNCPG + ", " + mode, ASYNCPG, "ask_postgres.py", work, mode, "" + postgres.getPort());
        }
        return peers;
    }

    // ---------------------------------------------------------------- many small queries

    private Experiment queries(String name, int tasks) {
        int each = QUERIES / (tasks == 1 ? 4 : 1) / tasks;
        int all = each * tasks;
        Semaphore permits = new Semaphore(POOL, true);
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor(
                "HikariCP", () -> Cost.of(all, () -> onThreads(tasks, each, () -> ask(hikari)))));
        competitors.add(new Competitor(
                "HikariCP behind a JDK semaphore",
                () -> Cost.of(
                        all,
                        () -> onThreads(tasks, each, () -> {
                            permits.acquire();
                            try {
                                ask(hikari);
                            } finally {
                                permits.release();
                            }
                        }))));
        competitors.add(new Competitor(
                "Yibu",
                () -> Cost.of(
                        all,
                        () -> Async.run(() -> TaskGroup.run(group -> {
                            for (int i = 0; i < tasks; i++) {
                                group.start(() -> {
                                    for (int j = 0; j < each; j++) {
                                        if (yibu.queryValue(Integer.class, QUERY, j) != j + 1) {
                                            throw new AssertionError("a wrong answer");
                                        }
                                    }
                                });
                            }
                        })))));
        return new Experiment(name, "query", 5, 11, competitors)
                .with(asyncpg("queries " + tasks + " " + each, "held", "pool"));
    }

    /** Queries that take their time, all at once and one after the other. */
    private Experiment speed(String name) {
        List<Integer> numbers = IntStream.range(0, POOL).boxed().toList();
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor(
                "one after the other",
                () -> Cost.of(1, () -> {
                    for (Integer _ : numbers) {
                        yibu.execute(SLOW);
                    }
                })));
        competitors.add(new Competitor(
                "HikariCP", () -> Cost.of(1, () -> onThreads(POOL, 1, () -> askSlowly(hikari)))));
        competitors.add(new Competitor(
                "Yibu", () -> Cost.of(1, () -> Async.run(() -> Async.forEach(numbers, _ -> yibu.execute(SLOW))))));
        return new Experiment(name, "run", 1, 9, competitors).with(asyncpg("slow " + POOL, "pool"));
    }

    private static void askSlowly(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(SLOW)) {
            statement.execute();
        }
    }

    private static void ask(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setInt(1, 6);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next() || result.getInt(1) != 7) {
                    throw new AssertionError("a wrong answer");
                }
            }
        }
    }

    private static void onThreads(int threads, int each, Cost.Action action) throws Exception {
        CountDownLatch done = new CountDownLatch(threads);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int i = 0; i < threads; i++) {
            Thread.startVirtualThread(() -> {
                try {
                    for (int j = 0; j < each; j++) {
                        action.run();
                    }
                } catch (Throwable t) {
                    failure.set(t);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
    }

    // ---------------------------------------------------------------- many rows

    private static List<List<?>> rows() {
        return IntStream.range(0, INSERTED)
                .<List<?>>mapToObj(i -> List.of(i, "name " + i, i * 1000L))
                .toList();
    }

    private void empty() throws SQLException {
        yibu.execute("truncate bulk");
    }

    private Experiment insert(String name) {
        List<List<?>> rows = rows();
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor("JDBC batch", () -> {
            empty();
            return Cost.of(INSERTED, () -> insertByHand(rows));
        }));
        competitors.add(new Competitor("Yibu executeMany", () -> {
            empty();
            return Cost.of(INSERTED, () -> yibu.executeMany(INSERT, rows));
        }));
        return new Experiment(name, "row", 10, 21, competitors).with(asyncpg("insert " + INSERTED, "held"));
    }

    private void insertByHand(List<List<?>> rows) throws SQLException {
        try (Connection connection = hikari.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
                for (List<?> row : rows) {
                    statement.setInt(1, (Integer) row.get(0));
                    statement.setString(2, (String) row.get(1));
                    statement.setLong(3, (Long) row.get(2));
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
        }
    }

    private Experiment copy(String name) {
        List<List<?>> rows = rows();
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor("CopyManager", () -> {
            empty();
            return Cost.of(INSERTED, () -> copyByHand(rows));
        }));
        competitors.add(new Competitor("Yibu copyIn", () -> {
            empty();
            return Cost.of(INSERTED, () -> yibu.copyIn("bulk", List.of("id", "name", "amount"), rows));
        }));
        return new Experiment(name, "row", 10, 21, competitors).with(asyncpg("copy " + INSERTED, "held"));
    }

    private void copyByHand(List<List<?>> rows) throws SQLException, IOException {
        StringBuilder text = new StringBuilder();
        for (List<?> row : rows) {
            text.append(row.get(0))
                    .append('\t')
                    .append(row.get(1))
                    .append('\t')
                    .append(row.get(2))
                    .append('\n');
        }
        try (Connection connection = hikari.getConnection()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(COPY, new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private Experiment fetch(String name) {
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor("JDBC by hand", () -> Cost.of(FETCHED, this::fetchByHand)));
        competitors.add(new Competitor(
                "Yibu query",
                () -> Cost.of(FETCHED, () -> {
                    if (yibu.query(Fetched.class, FETCH).size() != FETCHED) {
                        throw new AssertionError("rows were lost");
                    }
                })));
        return new Experiment(name, "row", 10, 15, competitors).with(asyncpg("fetch " + FETCHED, "held"));
    }

    private Experiment fetchStream(String name) {
        List<Competitor> competitors = new ArrayList<>();
        competitors.add(new Competitor("JDBC by hand, 500 at a time", () -> Cost.of(FETCHED, this::streamByHand)));
        competitors.add(new Competitor(
                "Yibu stream",
                () -> Cost.of(
                        FETCHED,
                        () -> Async.run(() -> {
                            int count = 0;
                            for (Fetched row : yibu.stream(Fetched.class, FETCH)) {
                                count += row.id() > 0 ? 1 : 0;
                            }
                            if (count != FETCHED) {
                                throw new AssertionError("rows were lost");
                            }
                        }))));
        return new Experiment(name, "row", 10, 15, competitors);
    }

    private static Fetched row(ResultSet result) throws SQLException {
        return new Fetched(
                result.getInt(1), result.getString(2), result.getLong(3), result.getDouble(4), result.getBoolean(5));
    }

    private void fetchByHand() throws SQLException {
        List<Fetched> rows = new ArrayList<>();
        try (Connection connection = hikari.getConnection();
                PreparedStatement statement = connection.prepareStatement(FETCH);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                rows.add(row(result));
            }
        }
        if (rows.size() != FETCHED) {
            throw new AssertionError("rows were lost");
        }
    }

    private void streamByHand() throws SQLException {
        int count = 0;
        try (Connection connection = hikari.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(FETCH)) {
                statement.setFetchSize(500);
                try (ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        count += row(result).id() > 0 ? 1 : 0;
                    }
                }
            }
            connection.commit();
        }
        if (count != FETCHED) {
            throw new AssertionError("rows were lost");
        }
    }
}
