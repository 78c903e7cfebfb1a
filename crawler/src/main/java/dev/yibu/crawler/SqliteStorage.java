package dev.yibu.crawler;

import static dev.yibu.Async.blocking;
import static dev.yibu.Async.shield;

import dev.yibu.Coroutine;
import dev.yibu.sync.Mutex;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A crawl in a file, for one process, which has the file to itself until it ends, however it ends. One connection, used by
 * one task at a time, on the threads for blocking calls; a transaction is written to the log of the file, and serves all
 * visits that wait for one.
 */
final class SqliteStorage implements Storage {
    /** Tells a store from other people's databases. */
    private static final int APPLICATION = 0x59694275;

    private static final int MOST_IN_A_TRANSACTION = 200;

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final String name;
    private final Connection connection;
    private final Mutex turn;
    private final GroupCommit<Visit, Settled> commits;

    // By whoever has the turn.
    private final SqliteWriter writer;
    private @Nullable Plan plan;
    private long granted;

    private SqliteStorage(String name, Connection connection) throws SQLException {
        this.name = name;
        this.connection = connection;
        this.turn = Mutex.create("the store " + name);
        this.commits = new GroupCommit<>(MOST_IN_A_TRANSACTION, turn, this::commit);
        this.writer = new SqliteWriter(connection);
    }

    /** Opens a file, which is made if there is none; without one, a database that is gone when it is closed. */
    static SqliteStorage open(@Nullable Path file) {
        String name = file == null ? "for this crawl" : file.toString();
        return blocking(() -> {
            SQLiteConfig config = new SQLiteConfig();
            config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
            config.setBusyTimeout(0);
            SQLiteDataSource source = new SQLiteDataSource(config);
            source.setUrl("jdbc:sqlite:" + (file == null ? "" : file.toAbsolutePath()));
            try {
                return opened(name, source.getConnection());
            } catch (SQLException e) {
                throw failure(name, e);
            }
        });
    }

    private static SqliteStorage opened(String name, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int application = number(statement, "PRAGMA application_id");
            if (application != APPLICATION && number(statement, "SELECT count(*) FROM sqlite_master") > 0) {
                throw new StoreException("the store " + name + " is a database of something else; choose another file");
            }
            int version = number(statement, "PRAGMA user_version");
            if (version > Sql.VERSION) {
                throw Sql.ofALaterVersion("the store " + name);
            }
            connection.setAutoCommit(false);
            statement.execute("PRAGMA application_id = " + APPLICATION);
            statement.execute("PRAGMA user_version = " + Sql.VERSION);
            for (String table : Sql.schema("INTEGER PRIMARY KEY", "BLOB")) {
                statement.execute(table);
            }
            connection.commit();
            return new SqliteStorage(name, connection);
        } catch (SQLException | StoreException e) {
            connection.close();
            throw e;
        }
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** Without what makes several codes of one, such as which kind of write has failed. */
    private static @Nullable SQLiteErrorCode primary(SQLException e) {
        return e instanceof SQLiteException sqlite
                ? SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff)
                : null;
    }

    private static StoreException failure(String name, SQLException e) {
        String reason = switch (primary(e)) {
            case SQLITE_BUSY, SQLITE_LOCKED ->
                " is in use by another crawl; several crawlers at a time need a store in PostgreSQL";
            case SQLITE_NOTADB -> " is no store of a crawl; choose another file";
            case SQLITE_CANTOPEN -> " can't be opened; check that its folder exists and can be written to";
            case SQLITE_READONLY, SQLITE_PERM ->
                " can't be written to; make it and its folder writable, or choose another file";
            case SQLITE_FULL -> " has no room left on its disk; make some, and start again to go on";
            case null, default -> " fails: " + e.getMessage();
        };
        return new StoreException("the store " + name + reason, e);
    }

    /** Runs a transaction; what it has done is undone if it fails. The caller has the turn. */
    private <T extends @Nullable Object> T transaction(Coroutine<T, SQLException> body) {
        return blocking(() -> {
            boolean done = false;
            StoreException failure = null;
            try {
                T value = body.run();
                connection.commit();
                done = true;
                return value;
            } catch (SQLException e) {
                failure = failure(name, e);
                throw failure;
            } finally {
                if (!done) {
                    rollBack(failure);
                }
            }
        });
    }

    /** Adds to what has failed. */
    private void rollBack(@Nullable StoreException failure) {
        writer.forget();
        try {
            connection.rollback();
        } catch (SQLException e) {
            StoreException another = failure(name, e);
            if (failure == null) {
                throw another;
            }
            failure.addSuppressed(another); // a full disk undoes the transaction by itself
        }
    }

    private <T extends @Nullable Object> T inTurn(Coroutine<T, SQLException> body) {
        try (Mutex.Hold _ = turn.hold()) {
            return transaction(body);
        }
    }

    @Override
    public Optional<CrawlStore.Contents> contents() {
        return inTurn(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet crawl = statement.executeQuery(Sql.SELECT_CRAWL)) {
                return crawl.next()
                        ? Optional.of(Sql.contents(crawl.getString(1), crawl.getInt(3) == 1, writer.countPages()))
                        : Optional.empty();
            }
        });
    }

    @Override
    public void clear() {
        inTurn(() -> {
            writer.clear();
            return null;
        });
    }

    @Override
    public Standing begin(Plan plan, List<Discovered> seeds) {
        return inTurn(() -> {
            this.plan = plan;
            writer.giveBack(); // what a crawl had taken that was cancelled, or whose process died
            Standing standing = begin(plan);
            granted = standing.pages();
            writer.limitAlike(plan.maxAlike());
            for (Discovered seed : seeds) {
                writer.add(seed);
            }
            return standing;
        });
    }

    private Standing begin(Plan plan) throws SQLException {
        String starts = Sql.starts(plan.starts());
        try (Statement statement = connection.createStatement();
                ResultSet crawl = statement.executeQuery(Sql.SELECT_CRAWL)) {
            if (!crawl.next()) {
                writer.putCrawl(starts, 1, plan.extraction());
                return new Standing(false, 0, 1);
            }
            int round = crawl.getInt(2);
            if (!crawl.getString(1).equals(starts)) {
                throw new StoreException("the store " + name + " holds a crawl from "
                        + crawl.getString(1).replace("\n", " and ") + "; choose another store");
            }
            long pages = writer.countPages();
            boolean another = !crawl.getString(4).equals(plan.extraction());
            boolean goesOn = crawl.getInt(3) == 1 || (pages < plan.maxPages() && writer.hasWaiting());
            if (goesOn) {
                if (another) {
                    writer.forgetValidators();
                }
                writer.putCrawl(starts, round, plan.extraction());
                return new Standing(true, pages, round);
            }
            writer.startAnew();
            if (another) {
                writer.forgetValidators();
            }
            writer.putCrawl(starts, round + 1, plan.extraction());
            return new Standing(false, 0, round + 1);
        }
    }

    private Plan plan() {
        Plan begun = plan;
        if (begun == null) {
            throw new IllegalStateException("the crawl has not begun");
        }
        return begun;
    }

    @Override
    public List<Target> take(String site, int most) {
        return inTurn(() -> {
            int free = (int) Math.min(most, plan().maxPages() - granted);
            List<Target> targets = free <= 0 ? List.of() : writer.take(site, free);
            granted += targets.size();
            return targets;
        });
    }

    @Override
    public boolean othersAreAtWork() {
        return false;
    }

    @Override
    public Settled settle(Visit visit) {
        return commits.submit(visit);
    }

    private List<Settled> commit(List<Visit> visits) {
        return transaction(() -> {
            List<Settled> settled = new ArrayList<>(visits.size());
            for (Visit visit : visits) {
                settled.add(writer.settle(visit));
            }
            // Whoever turned out to be no page leaves room for another.
            granted -= settled.stream().filter(one -> one.page() == null).count();
            return settled;
        });
    }

    @Override
    public Page known(Target target) {
        return inTurn(() -> {
            try (PreparedStatement select = connection.prepareStatement(Sql.SELECT_KNOWN)) {
                select.setLong(1, target.id());
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw new StoreException("the store " + name + " has lost a page: it is damaged");
                    }
                    return Sql.page(row);
                }
            }
        });
    }

    /** There are no others. */
    @Override
    public Duration enter(String site, Duration most) {
        return Duration.ZERO;
    }

    @Override
    public void leave(String site, Duration delay) {}

    @Override
    public void renew() {}

    @Override
    public Tally tally() {
        return inTurn(() -> {
            try (Statement first = connection.createStatement();
                    Statement second = connection.createStatement();
                    ResultSet fates = first.executeQuery(Sql.SELECT_FATES);
                    ResultSet totals = second.executeQuery(Sql.SELECT_TOTALS)) {
                return Sql.tally(fates, totals);
            }
        });
    }

    @Override
    public Pages pages(long after) {
        return inTurn(() -> {
            try (PreparedStatement select = connection.prepareStatement(Sql.SELECT_PAGES)) {
                select.setLong(1, after);
                select.setInt(2, Sql.PAGES_AT_A_TIME);
                try (ResultSet row = select.executeQuery()) {
                    return Sql.pages(row);
                }
            }
        });
    }

    @Override
    public void end() {
        inTurn(() -> {
            writer.end();
            return null;
        });
    }

    /** Also when its user is cancelled: or else the file would stay locked. */
    @Override
    public void close() {
        shield(CLOSING, () -> {
            try (Mutex.Hold _ = turn.hold()) {
                blocking(() -> {
                    try {
                        connection.close();
                    } catch (SQLException e) {
                        throw failure(name, e);
                    }
                });
            }
        });
    }
}
