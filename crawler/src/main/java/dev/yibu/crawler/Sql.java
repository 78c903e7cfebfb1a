package dev.yibu.crawler;

import dev.yibu.crawler.Target.Kind;
import dev.yibu.crawler.Visit.Fate;
import java.net.URI;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The schema that all stores have in common, and the statements on it. An address is WAITING, TAKEN, DONE, or OLD: known
 * from an earlier crawl and not found again yet.
 */
final class Sql {
    static final int VERSION = 1;
    static final int WAITING = 0;
    static final int TAKEN = 1;
    static final int DONE = 2;
    static final int OLD = 3;
    static final int PAGES_AT_A_TIME = 200;

    static final String SELECT_CRAWL =
            "SELECT starts, round, running, extraction, granted FROM yibu_crawl WHERE id = 1";

    /** Adds an address, or finds an old one again; changes no row if it is known. */
    static final String ADD_ADDRESS = "INSERT INTO yibu_address (url, site, depth, kind, state) VALUES (?, ?, ?, ?, 0)"
            + " ON CONFLICT (url) DO UPDATE SET depth = excluded.depth, kind = excluded.kind, state = 0, fate = NULL"
            + " WHERE yibu_address.state = 3";

    /** The same for an address that a redirect has led to, which is thereby done. */
    static final String CLAIM_ADDRESS =
            "INSERT INTO yibu_address (url, site, depth, kind, state, fate) VALUES (?, ?, ?, 'PAGE', 2, 'PAGE')"
                    + " ON CONFLICT (url) DO UPDATE SET depth = excluded.depth, kind = 'PAGE', state = 2, fate = 'PAGE'"
                    + " WHERE yibu_address.state = 3 RETURNING id";

    static final String PUT_PAGE =
            "INSERT INTO yibu_page (address, status, title, bytes, links, started, micros, error,"
                    + " body, fields, etag, modified, elsewhere, too_deep, excluded, traps, nofollow)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET"
                    + " status = excluded.status, title = excluded.title, bytes = excluded.bytes, links = excluded.links,"
                    + " started = excluded.started, micros = excluded.micros, error = excluded.error, body = excluded.body,"
                    + " fields = excluded.fields, etag = excluded.etag, modified = excluded.modified,"
                    + " elsewhere = excluded.elsewhere, too_deep = excluded.too_deep, excluded = excluded.excluded,"
                    + " traps = excluded.traps, nofollow = excluded.nofollow";

    private static final String SELECT_PAGE = "SELECT a.url, a.depth, p.status, p.title, p.bytes, p.links, p.started,"
            + " p.micros, p.error, p.body, p.fields, a.id FROM yibu_page p JOIN yibu_address a ON a.id = p.address";

    static final String SELECT_KNOWN = SELECT_PAGE + " WHERE p.address = ?";

    static final String SELECT_PAGES =
            SELECT_PAGE + " WHERE a.state = 2 AND a.fate = 'PAGE' AND a.id > ?" + " ORDER BY a.id LIMIT ?";

    static final String SELECT_FATES =
            "SELECT state, fate, count(*) FROM yibu_address WHERE state IN (0, 2) GROUP BY state, fate";

    static final String SELECT_TOTALS =
            "SELECT count(p.error), coalesce(sum(CASE WHEN p.status = 304 THEN 1 ELSE 0 END),"
                    + " 0), coalesce(sum(p.bytes), 0), coalesce(sum(p.elsewhere), 0), coalesce(sum(p.too_deep), 0),"
                    + " coalesce(sum(p.excluded), 0), coalesce(sum(p.traps), 0), coalesce(sum(p.nofollow), 0)"
                    + " FROM yibu_page p JOIN yibu_address a ON a.id = p.address WHERE a.state = 2 AND a.fate = 'PAGE'";

    static final String COUNT_PAGES = "SELECT count(*) FROM yibu_address WHERE state = 2 AND fate = 'PAGE'";

    static final String[] CLEAR = {
        "DELETE FROM yibu_crawl",
        "DELETE FROM yibu_address",
        "DELETE FROM yibu_page",
        "DELETE FROM yibu_shape",
        "DELETE FROM yibu_host"
    };

    private Sql() {}

    /** The tables, with a database's own words for a key that counts up and for bytes. */
    static String[] schema(String key, String bytes) {
        return new String[] {
            "CREATE TABLE IF NOT EXISTS yibu_crawl (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,"
                    + " starts TEXT NOT NULL, round INTEGER NOT NULL, running INTEGER NOT NULL, extraction TEXT NOT NULL,"
                    + " granted BIGINT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS yibu_address (id " + key + ", url TEXT NOT NULL UNIQUE, site TEXT NOT NULL,"
                    + " depth INTEGER NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL, fate TEXT,"
                    + " owner TEXT, lease BIGINT)",
            "CREATE INDEX IF NOT EXISTS yibu_waiting ON yibu_address (site, id) WHERE state = 0",
            "CREATE INDEX IF NOT EXISTS yibu_taken ON yibu_address (lease) WHERE state = 1",
            "CREATE TABLE IF NOT EXISTS yibu_page (address BIGINT PRIMARY KEY, status INTEGER NOT NULL,"
                    + " title TEXT NOT NULL, bytes BIGINT NOT NULL, links " + bytes + " NOT NULL,"
                    + " started BIGINT NOT NULL, micros BIGINT NOT NULL, error TEXT, body TEXT NOT NULL,"
                    + " fields TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL, elsewhere INTEGER NOT NULL,"
                    + " too_deep INTEGER NOT NULL, excluded INTEGER NOT NULL, traps INTEGER NOT NULL,"
                    + " nofollow INTEGER NOT NULL)",
            "CREATE TABLE IF NOT EXISTS yibu_shape (site TEXT NOT NULL, shape TEXT NOT NULL, number INTEGER NOT NULL,"
                    + " PRIMARY KEY (site, shape))",
            "CREATE TABLE IF NOT EXISTS yibu_host (site TEXT PRIMARY KEY, free BIGINT NOT NULL)"
        };
    }

    static StoreException ofALaterVersion(String store) {
        return new StoreException(store + " was written by a later version of this program; use that one");
    }

    /** The values of {@link #PUT_PAGE}. */
    static Object[] pageValues(long address, Page page, Visit visit, int moreTraps) {
        Skipped skipped = visit.skipped().plusTraps(moreTraps);
        StringBuilder fields = new StringBuilder();
        Json.fields(fields, page.fields());
        return new Object[] {
            address,
            page.status(),
            page.title(),
            page.bytes(),
            visit.links().packed(),
            page.started().toEpochMilli(),
            page.elapsed().toNanos() / 1_000,
            page.error(),
            page.text(),
            fields.toString(),
            visit.validators().etag(),
            visit.validators().lastModified(),
            skipped.elsewhere(),
            skipped.tooDeep(),
            skipped.excluded(),
            skipped.traps(),
            skipped.nofollow()
        };
    }

    static void bindPage(PreparedStatement put, long address, Page page, Visit visit, int moreTraps)
            throws SQLException {
        Object[] values = pageValues(address, page, visit, moreTraps);
        for (int i = 0; i < values.length; i++) {
            put.setObject(i + 1, values[i] instanceof Optional<?> optional ? optional.orElse(null) : values[i]);
        }
    }

    static Page page(ResultSet row) throws SQLException {
        return new Page(
                URI.create(row.getString(1)),
                row.getInt(2),
                row.getInt(3),
                row.getString(4),
                row.getLong(5),
                LinkList.unpack(row.getBytes(6)),
                Instant.ofEpochMilli(row.getLong(7)),
                Duration.ofNanos(row.getLong(8) * 1_000),
                Optional.ofNullable(row.getString(9)),
                row.getString(10),
                Json.fields(row.getString(11)));
    }

    /** From as many rows as are asked for at a time, or fewer at the end. */
    static Storage.Pages pages(ResultSet row) throws SQLException {
        List<Page> pages = new ArrayList<>();
        long last = -1;
        while (row.next()) {
            pages.add(page(row));
            last = row.getLong(12);
        }
        return new Storage.Pages(pages, pages.size() < PAGES_AT_A_TIME ? -1 : last);
    }

    /** From id, url, depth, kind, etag, modified. */
    static Target target(ResultSet row) throws SQLException {
        String etag = row.getString(5);
        String modified = row.getString(6);
        return new Target(
                row.getLong(1),
                URI.create(row.getString(2)),
                row.getInt(3),
                Kind.valueOf(row.getString(4)),
                etag == null || modified == null ? Validators.NONE : new Validators(etag, modified));
    }

    static Tally tally(ResultSet fates, ResultSet totals) throws SQLException {
        long waiting = 0;
        Map<Fate, Long> numbers = new EnumMap<>(Fate.class);
        while (fates.next()) {
            if (fates.getInt(1) == WAITING) {
                waiting += fates.getLong(3);
            } else {
                numbers.put(Fate.valueOf(fates.getString(2)), fates.getLong(3));
            }
        }
        totals.next();
        Skipped skipped = new Skipped(
                totals.getLong(4), totals.getLong(5), totals.getLong(6), totals.getLong(7), totals.getLong(8));
        return new Tally(waiting, numbers, totals.getLong(1), totals.getLong(2), totals.getLong(3), skipped);
    }

    static CrawlStore.Contents contents(String starts, boolean running, long pages) {
        return new CrawlStore.Contents(starts.lines().map(URI::create).toList(), !running, pages);
    }

    /** The start addresses as one text, the same in any order. */
    static String starts(Iterable<URI> starts) {
        StringBuilder all = new StringBuilder();
        for (URI start : starts) {
            all.append(start).append('\n');
        }
        return all.toString().lines().sorted().reduce("", (a, b) -> a.isEmpty() ? b : a + '\n' + b);
    }
}
