package dev.yibu.crawler;

import dev.yibu.crawler.Visit.Fate;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements of a {@link SqliteStorage}, prepared once; for one thread at a time, within its transactions. */
final class SqliteWriter {
    private static final int SHAPES_KEPT = 4_096;

    private final Connection connection;
    private final PreparedStatement add;
    private final PreparedStatement claim;
    private final PreparedStatement putPage;
    private final PreparedStatement finish;
    private final PreparedStatement isKnown;
    private final PreparedStatement select;
    private final PreparedStatement take;
    private final PreparedStatement countShape;
    private final PreparedStatement putShape;

    private final KnownAddresses known = new KnownAddresses();
    private final Map<String, Integer> shapes = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > SHAPES_KEPT;
        }
    };
    private int maxAlike = Integer.MAX_VALUE;

    SqliteWriter(Connection connection) throws SQLException {
        this.connection = connection;
        add = connection.prepareStatement(Sql.ADD_ADDRESS);
        claim = connection.prepareStatement(Sql.CLAIM_ADDRESS);
        putPage = connection.prepareStatement(Sql.PUT_PAGE);
        finish = connection.prepareStatement("UPDATE yibu_address SET state = 2, fate = ? WHERE id = ?");
        isKnown = connection.prepareStatement("SELECT 1 FROM yibu_address WHERE url = ? AND state <> 3");
        select = connection.prepareStatement("SELECT a.id, a.url, a.depth, a.kind, p.etag, p.modified"
                + " FROM yibu_address a LEFT JOIN yibu_page p ON p.address = a.id"
                + " WHERE a.site = ? AND a.state = 0 ORDER BY a.id LIMIT ?");
        take = connection.prepareStatement(
                "UPDATE yibu_address SET state = 1 WHERE site = ? AND state = 0 AND id <= ?");
        countShape = connection.prepareStatement("SELECT number FROM yibu_shape WHERE site = ? AND shape = ?");
        putShape = connection.prepareStatement("INSERT INTO yibu_shape (site, shape, number) VALUES (?, ?, ?)"
                + " ON CONFLICT (site, shape) DO UPDATE SET number = excluded.number");
    }

    void limitAlike(int most) {
        maxAlike = most;
    }

    /** What is remembered may not be true any more. */
    void forget() {
        known.clear();
        shapes.clear();
    }

    void putCrawl(String starts, int round, String extraction) throws SQLException {
        try (PreparedStatement put = connection.prepareStatement(
                "INSERT INTO yibu_crawl (id, version, starts, round, running, extraction, granted)"
                        + " VALUES (1, ?, ?, ?, 1, ?, 0) ON CONFLICT (id) DO UPDATE SET"
                        + " round = excluded.round, running = 1, extraction = excluded.extraction")) {
            put.setInt(1, Sql.VERSION);
            put.setString(2, starts);
            put.setInt(3, round);
            put.setString(4, extraction);
            put.executeUpdate();
        }
    }

    void clear() throws SQLException {
        forget();
        for (String statement : Sql.CLEAR) {
            execute(statement);
        }
    }

    /** What is taken waits again: nobody else can have it. */
    void giveBack() throws SQLException {
        execute("UPDATE yibu_address SET state = 0 WHERE state = 1");
    }

    /** Pages are to be asked for as if they had never been seen. */
    void forgetValidators() throws SQLException {
        execute("UPDATE yibu_page SET etag = '', modified = ''");
    }

    /** All that is known becomes old. */
    void startAnew() throws SQLException {
        forget();
        execute("UPDATE yibu_address SET state = 3");
        execute("DELETE FROM yibu_shape");
    }

    void end() throws SQLException {
        execute("UPDATE yibu_crawl SET running = 0");
    }

    private void execute(String statement) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            prepared.executeUpdate();
        }
    }

    long countPages() throws SQLException {
        try (PreparedStatement count = connection.prepareStatement(Sql.COUNT_PAGES);
                ResultSet row = count.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    boolean hasWaiting() throws SQLException {
        try (PreparedStatement any = connection.prepareStatement("SELECT 1 FROM yibu_address WHERE state = 0 LIMIT 1");
                ResultSet row = any.executeQuery()) {
            return row.next();
        }
    }

    List<Target> take(String site, int most) throws SQLException {
        List<Target> targets = new ArrayList<>();
        select.setString(1, site);
        select.setInt(2, most);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                targets.add(Sql.target(row));
            }
        }
        if (!targets.isEmpty()) {
            take.setString(1, site);
            take.setLong(2, targets.getLast().id());
            take.executeUpdate();
        }
        return targets;
    }

    Settled settle(Visit visit) throws SQLException {
        Target target = visit.target();
        Page page = visit.page();
        long address = target.id();
        Fate fate = visit.fate();
        if (page != null && !page.url().equals(target.url())) {
            address = claim(page.url(), target.depth());
            fate = Fate.DUPLICATE;
            page = address < 0 ? null : page;
        }
        finish.setString(1, fate.name());
        finish.setLong(2, target.id());
        finish.executeUpdate();
        int added = 0;
        int traps = 0;
        if (visit.page() == null || page != null) {
            for (Discovered found : visit.found()) {
                switch (add(found)) {
                    case ADDED -> added++;
                    case TRAP -> traps++;
                    case KNOWN -> {}
                }
            }
        }
        if (page != null) {
            Sql.bindPage(putPage, address, page, visit, traps);
            putPage.executeUpdate();
        }
        return new Settled(target, page, added);
    }

    /** The id of an address that nobody knew, or -1. */
    private long claim(URI url, int depth) throws SQLException {
        claim.setString(1, url.toString());
        claim.setString(2, Addresses.site(url));
        claim.setInt(3, depth);
        try (ResultSet row = claim.executeQuery()) {
            return row.next() ? row.getLong(1) : -1;
        }
    }

    enum Addition {
        ADDED,
        KNOWN,
        TRAP
    }

    Addition add(Discovered found) throws SQLException {
        String url = found.url().toString();
        if (known.contains(url)) {
            return Addition.KNOWN;
        }
        String site = Addresses.site(found.url());
        String shape = found.shape();
        int alike = shape == null ? 0 : alike(site, shape);
        if (alike >= maxAlike) {
            return isKnown(url) ? Addition.KNOWN : Addition.TRAP;
        }
        add.setString(1, url);
        add.setString(2, site);
        add.setInt(3, found.depth());
        add.setString(4, found.kind().name());
        boolean added = add.executeUpdate() == 1;
        known.add(url);
        if (added && shape != null) {
            putShape(site, shape, alike + 1);
        }
        return added ? Addition.ADDED : Addition.KNOWN;
    }

    private boolean isKnown(String url) throws SQLException {
        isKnown.setString(1, url);
        try (ResultSet row = isKnown.executeQuery()) {
            return row.next();
        }
    }

    private int alike(String site, String shape) throws SQLException {
        @Nullable Integer remembered = shapes.get(site + shape);
        if (remembered != null) {
            return remembered;
        }
        countShape.setString(1, site);
        countShape.setString(2, shape);
        int alike;
        try (ResultSet row = countShape.executeQuery()) {
            alike = row.next() ? row.getInt(1) : 0;
        }
        shapes.put(site + shape, alike);
        return alike;
    }

    private void putShape(String site, String shape, int number) throws SQLException {
        putShape.setString(1, site);
        putShape.setString(2, shape);
        putShape.setInt(3, number);
        putShape.executeUpdate();
        shapes.put(site + shape, number);
    }
}
