package dev.yibu.crawler;

import static dev.yibu.Async.shield;

import dev.yibu.Async;
import dev.yibu.AsyncFunction;
import dev.yibu.Coroutine;
import dev.yibu.Retry;
import dev.yibu.crawler.Target.Kind;
import dev.yibu.crawler.Visit.Fate;
import dev.yibu.sql.Database;
import dev.yibu.sql.DatabaseOptions;
import dev.yibu.sql.Row;
import dev.yibu.sql.Session;
import dev.yibu.sql.TransactionOptions;
import dev.yibu.sync.Mutex;
import java.net.URI;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A crawl that several processes share. Each takes rows that no other has locked, and keeps them for the time of a lease,
 * which it renews; by the server's clock. Who records visits holds the row of the crawl, so that there is one of them at a
 * time, and counts and addresses are right without further locks; a transaction serves all visits that wait for one.
 */
final class PostgresStorage implements Storage {
    private static final int CONNECTIONS = 4;
    private static final int MOST_IN_A_TRANSACTION = 200;
    private static final Duration CLOSING = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

    /** A number that nobody else locks: the tables are made by one process at a time. */
    private static final long SCHEMA_LOCK = 0x5969427501L;

    private static final String NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    private static final String MINE = "UPDATE yibu_address a SET state = 1, owner = ?, lease = " + NOW
            + " + ? FROM (SELECT w.id, p.etag, p.modified FROM yibu_address w"
            + " LEFT JOIN yibu_page p ON p.address = w.id WHERE w.site = ? AND ";
    private static final String LOCKED = " ORDER BY w.id LIMIT ? FOR UPDATE OF w SKIP LOCKED) n WHERE a.id = n.id"
            + " RETURNING a.id, a.url, a.depth, a.kind, n.etag, n.modified";
    private static final String TAKE = MINE + "w.state = 0" + LOCKED;
    private static final String TAKE_OVER = MINE + "w.state = 1 AND w.lease < " + NOW + " AND w.owner <> ?" + LOCKED;

    private final String name;
    private final Database database;
    private final String owner;
    private final GroupCommit<Visit, Settled> commits;
    private final PostgresWriter writer = new PostgresWriter();
    private volatile @Nullable Plan plan;
    private volatile int round;

    private PostgresStorage(String name, Database database) {
        this.name = name;
        this.database = database;
        this.owner = HexFormat.of().toHexDigits(Async.random().nextLong())
                + HexFormat.of().toHexDigits(Async.random().nextLong());
        this.commits = new GroupCommit<>(MOST_IN_A_TRANSACTION, Mutex.create("commits to " + name), this::commit);
    }

    static PostgresStorage open(String url) {
        String name =
                url.replaceFirst("[?].*", "").replaceFirst("//[^/]*@", "//").replaceFirst("^jdbc:", "");
        try {
            Database database = Database.open(DatabaseOptions.of(url).withPoolSize(CONNECTIONS));
            boolean ready = false;
            try {
                database.<SQLException>transactionRun(session -> {
                    session.query("SELECT pg_advisory_xact_lock(?)", SCHEMA_LOCK);
                    for (String table : Sql.schema("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "BYTEA")) {
                        session.execute(table);
                    }
                    Optional<Integer> version = session.queryRow(Integer.class, "SELECT version FROM yibu_crawl");
                    if (version.isPresent() && version.get() > Sql.VERSION) {
                        throw Sql.ofALaterVersion("the store " + name);
                    }
                });
                ready = true;
                return new PostgresStorage(name, database);
            } finally {
                if (!ready) {
                    database.close();
                }
            }
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    private static StoreException failure(String name, SQLException e) {
        return new StoreException("the store " + name + " fails: " + e.getMessage(), e);
    }

    private <T extends @Nullable Object> T guarded(Coroutine<T, SQLException> body) {
        try {
            return body.run();
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    /** A takeover from a crawler that is slow and not dead can meet that one's own transaction; one of them gives way. */
    private <T extends @Nullable Object> T transaction(AsyncFunction<Session, T, SQLException> body) {
        TransactionOptions options = TransactionOptions.defaults().withRetry(Retry.exponential(5, FIRST_PAUSE));
        return guarded(() -> database.<T, SQLException>transaction(options, body));
    }

    private Plan plan() {
        Plan begun = plan;
        if (begun == null) {
            throw new IllegalStateException("the crawl has not begun");
        }
        return begun;
    }

    @Override
    public Optional<CrawlStore.Contents> contents() {
        return guarded(() -> {
            Optional<Row> crawl = database.queryRow(Sql.SELECT_CRAWL);
            if (crawl.isEmpty()) {
                return Optional.empty();
            }
            long pages = database.queryValue(Long.class, Sql.COUNT_PAGES);
            boolean running = crawl.get().get("running", Integer.class) == 1;
            return Optional.of(Sql.contents(crawl.get().get("starts", String.class), running, pages));
        });
    }

    @Override
    public void clear() {
        transaction(session -> {
            for (String statement : Sql.CLEAR) {
                session.execute(statement);
            }
            return null;
        });
    }

    @Override
    public Standing begin(Plan plan, List<Discovered> seeds) {
        this.plan = plan;
        return transaction(session -> {
            session.query("SELECT pg_advisory_xact_lock(?)", SCHEMA_LOCK); // before there is a row to lock
            giveBack(session); // what a crawl through this store had taken that was cancelled
            Standing standing = begin(session, plan);
            writer.forget();
            writer.add(session, seeds, plan.maxAlike());
            round = standing.round();
            return standing;
        });
    }

    private Standing begin(Session session, Plan plan) throws SQLException {
        String starts = Sql.starts(plan.starts());
        Optional<Row> found = session.queryRow(Sql.SELECT_CRAWL + " FOR UPDATE");
        if (found.isEmpty()) {
            session.execute(
                    "INSERT INTO yibu_crawl (id, version, starts, round, running, extraction, granted)"
                            + " VALUES (1, ?, ?, 1, 1, ?, 0)",
                    Sql.VERSION,
                    starts,
                    plan.extraction());
            return new Standing(false, 0, 1);
        }
        Row crawl = found.get();
        String before = crawl.get("starts", String.class);
        int round = crawl.get("round", Integer.class);
        if (!before.equals(starts)) {
            throw new StoreException("the store " + name + " holds a crawl from " + before.replace("\n", " and ")
                    + "; choose another store");
        }
        long pages = session.queryValue(Long.class, Sql.COUNT_PAGES);
        boolean waiting =
                session.queryValue(Boolean.class, "SELECT EXISTS (SELECT 1 FROM yibu_address WHERE state = 0)");
        if (!crawl.get("extraction", String.class).equals(plan.extraction())) {
            session.execute("UPDATE yibu_page SET etag = '', modified = ''");
        }
        if (crawl.get("running", Integer.class) == 1 || (pages < plan.maxPages() && waiting)) {
            session.execute("UPDATE yibu_crawl SET running = 1, extraction = ?", plan.extraction());
            return new Standing(true, pages, round);
        }
        session.execute("UPDATE yibu_address SET state = 3, owner = NULL, lease = NULL");
        session.execute("DELETE FROM yibu_shape");
        session.execute(
                "UPDATE yibu_crawl SET running = 1, granted = 0, round = ?, extraction = ?",
                round + 1,
                plan.extraction());
        return new Standing(false, 0, round + 1);
    }

    @Override
    public List<Target> take(String site, int most) {
        Plan begun = plan();
        long lease = begun.lease().toMillis();
        return transaction(session -> {
            // What was taken over counted when it was first taken.
            List<Row> rows = new ArrayList<>(session.query(TAKE_OVER, owner, lease, site, owner, most));
            long granted = session.queryValue(Long.class, "SELECT granted FROM yibu_crawl");
            int free = Math.clamp(begun.maxPages() - granted, 0, most - rows.size());
            if (free > 0) {
                List<Row> fresh = session.query(TAKE, owner, lease, site, free);
                rows.addAll(granted(session, fresh, begun.maxPages()));
            }
            List<Target> targets = new ArrayList<>(rows.size());
            for (Row row : rows) {
                targets.add(target(row));
            }
            targets.sort(Comparator.comparingLong(Target::id)); // a statement returns its rows in any order
            return targets;
        });
    }

    /** Counts what was taken; if others have left no room meanwhile, nothing was. */
    private static List<Row> granted(Session session, List<Row> fresh, int maxPages) throws SQLException {
        int number = fresh.size();
        boolean granted = number == 0
                || session.execute(
                                "UPDATE yibu_crawl SET granted = granted + ? WHERE granted + ? <= ?",
                                number,
                                number,
                                maxPages)
                        == 1;
        if (granted) {
            return fresh;
        }
        List<Long> ids = new ArrayList<>(number);
        for (Row row : fresh) {
            ids.add(row.get("id", Long.class));
        }
        session.execute("UPDATE yibu_address SET state = 0, owner = NULL, lease = NULL WHERE id = ANY (?)", ids);
        return List.of();
    }

    private static Target target(Row row) throws SQLDataException {
        Optional<String> etag = row.find("etag", String.class);
        return new Target(
                row.get("id", Long.class),
                URI.create(row.get("url", String.class)),
                row.get("depth", Integer.class),
                Kind.valueOf(row.get("kind", String.class)),
                etag.isEmpty() ? Validators.NONE : new Validators(etag.get(), row.get("modified", String.class)));
    }

    @Override
    public boolean othersAreAtWork() {
        return guarded(() -> database.queryValue(
                Boolean.class,
                "SELECT EXISTS (SELECT 1 FROM yibu_address WHERE state = 1 AND owner <> ?)"
                        + " OR (EXISTS (SELECT 1 FROM yibu_address WHERE state = 0)"
                        + " AND (SELECT granted FROM yibu_crawl) < ?)",
                owner,
                plan().maxPages()));
    }

    @Override
    public Settled settle(Visit visit) {
        return commits.submit(visit);
    }

    private List<Settled> commit(List<Visit> visits) {
        boolean done = false;
        try {
            List<Settled> settled = transaction(session -> {
                writer.forgetIfAgain();
                lockCrawl(session);
                return writer.settle(session, owner, visits, plan().maxAlike());
            });
            done = true;
            writer.committed();
            return settled;
        } finally {
            if (!done) {
                writer.forget();
            }
        }
    }

    @Override
    public Page known(Target target) {
        return guarded(() -> page(database.queryRow(Sql.SELECT_KNOWN, target.id())
                .orElseThrow(() -> new StoreException("the store " + name + " has lost a page: it is damaged"))));
    }

    private static Page page(Row row) throws SQLDataException {
        return new Page(
                URI.create(row.get("url", String.class)),
                row.get("depth", Integer.class),
                row.get("status", Integer.class),
                row.get("title", String.class),
                row.get("bytes", Long.class),
                LinkList.unpack(row.get("links", byte[].class)),
                Instant.ofEpochMilli(row.get("started", Long.class)),
                Duration.ofNanos(row.get("micros", Long.class) * 1_000),
                row.find("error", String.class),
                row.get("body", String.class),
                Json.fields(row.get("fields", String.class)));
    }

    @Override
    public Duration enter(String site, Duration most) {
        return guarded(() -> {
            boolean entered = database.execute(
                            "INSERT INTO yibu_host (site, free) VALUES (?, " + NOW + " + ?) ON CONFLICT (site)"
                                    + " DO UPDATE SET free = excluded.free WHERE yibu_host.free <= " + NOW,
                            site,
                            most.toMillis())
                    == 1;
            return entered
                    ? Duration.ZERO
                    : Duration.ofMillis(Math.max(
                            1,
                            database.queryValue(
                                    Long.class, "SELECT free - " + NOW + " FROM yibu_host WHERE site = ?", site)));
        });
    }

    @Override
    public void leave(String site, Duration delay) {
        guarded(() ->
                database.execute("UPDATE yibu_host SET free = " + NOW + " + ? WHERE site = ?", delay.toMillis(), site));
    }

    @Override
    public void renew() {
        long lease = plan().lease().toMillis();
        transaction(session -> {
            lockCrawl(session);
            return session.execute(
                    "UPDATE yibu_address SET lease = " + NOW + " + ? WHERE state = 1 AND owner = ?", lease, owner);
        });
    }

    @Override
    public Tally tally() {
        return guarded(() -> {
            long waiting = 0;
            Map<Fate, Long> fates = new EnumMap<>(Fate.class);
            for (Row row : database.query(Sql.SELECT_FATES)) {
                long number = row.get("count", Long.class);
                if (row.get("state", Integer.class) == Sql.WAITING) {
                    waiting += number;
                } else {
                    fates.put(Fate.valueOf(row.get("fate", String.class)), number);
                }
            }
            Row totals = database.queryRow(Sql.SELECT_TOTALS).orElseThrow();
            long[] sums = new long[8];
            for (int i = 0; i < sums.length; i++) {
                Object sum = totals.get(i);
                sums[i] = sum instanceof Number number ? number.longValue() : 0;
            }
            Skipped skipped = new Skipped(sums[3], sums[4], sums[5], sums[6], sums[7]);
            return new Tally(waiting, fates, sums[0], sums[1], sums[2], skipped);
        });
    }

    @Override
    public Pages pages(long after) {
        return guarded(() -> {
            List<Page> pages = new ArrayList<>();
            long last = -1;
            for (Row row : database.query(Sql.SELECT_PAGES, after, Sql.PAGES_AT_A_TIME)) {
                pages.add(page(row));
                last = row.get("id", Long.class);
            }
            return new Pages(pages, pages.size() < Sql.PAGES_AT_A_TIME ? -1 : last);
        });
    }

    /** Unless another has begun the next crawl meanwhile. */
    @Override
    public void end() {
        guarded(() -> database.execute("UPDATE yibu_crawl SET running = 0 WHERE round = ?", round));
    }

    /** Also when its user is cancelled: or else others would have to wait for the end of the lease. */
    @Override
    public void close() {
        try {
            if (plan != null) {
                shield(CLOSING, () -> transaction(this::giveBack));
            }
        } finally {
            database.close();
        }
    }

    /** First in each transaction that changes addresses: or else two might each have rows that the other wants. */
    private static void lockCrawl(Session session) throws SQLException {
        session.query("SELECT 1 FROM yibu_crawl FOR UPDATE");
    }

    private long giveBack(Session session) throws SQLException {
        lockCrawl(session);
        long given = session.execute(
                "UPDATE yibu_address SET state = 0, owner = NULL, lease = NULL WHERE state = 1 AND owner = ?", owner);
        session.execute("UPDATE yibu_crawl SET granted = granted - ?", given);
        return given;
    }
}
