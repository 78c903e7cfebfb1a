package dev.yibu.crawler;

import dev.yibu.crawler.Visit.Fate;
import dev.yibu.sql.Row;
import dev.yibu.sql.Session;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records visits in PostgreSQL, many with few statements; within a transaction that keeps all others from doing the same.
 */
final class PostgresWriter {
    // By whoever commits.
    private final KnownAddresses known = new KnownAddresses();
    private boolean begun;

    /** A transaction that is tried again may have been undone before. */
    void forgetIfAgain() {
        if (begun) {
            forget();
        }
        begun = true;
    }

    void committed() {
        begun = false;
    }

    void forget() {
        known.clear();
        begun = false;
    }

    List<Settled> settle(Session session, String owner, List<Visit> visits, int maxAlike) throws SQLException {
        int number = visits.size();
        Set<Long> own = finish(session, owner, visits);
        @Nullable Page[] pages = new Page[number];
        long[] addresses = new long[number];
        List<Discovered> found = new ArrayList<>();
        long noPages = 0;
        for (int i = 0; i < number; i++) {
            Visit visit = visits.get(i);
            Target target = visit.target();
            if (!own.contains(target.id())) {
                continue; // another crawler has taken it over
            }
            Page page = visit.page();
            boolean redirected = isRedirected(visit);
            addresses[i] = target.id();
            if (page != null && redirected) {
                Optional<Long> claimed = claim(session, page.url(), page.depth());
                addresses[i] = claimed.orElse(-1L);
                page = claimed.isPresent() ? page : null;
            }
            pages[i] = page;
            noPages += page == null ? 1 : 0;
            if (page != null || !redirected) {
                found.addAll(visit.found());
            }
        }
        Additions additions = add(session, found, maxAlike);
        List<Settled> settled = new ArrayList<>(number);
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Visit visit = visits.get(i);
            Page page = pages[i];
            // Which of them is told what was added is of no importance.
            settled.add(new Settled(visit.target(), page, i == 0 ? additions.added() : 0));
            if (page != null) {
                rows.add(Sql.pageValues(addresses[i], page, visit, additions.trapsAmong(visit.found())));
            }
        }
        session.executeMany(Sql.PUT_PAGE, rows);
        if (noPages > 0) {
            session.execute("UPDATE yibu_crawl SET granted = granted - ?", noPages);
        }
        return settled;
    }

    private static boolean isRedirected(Visit visit) {
        Page page = visit.page();
        return page != null && !page.url().equals(visit.target().url());
    }

    /** Yields those that were this crawler's. */
    private static Set<Long> finish(Session session, String owner, List<Visit> visits) throws SQLException {
        List<Long> ids = new ArrayList<>();
        List<String> fates = new ArrayList<>();
        for (Visit visit : visits) {
            ids.add(visit.target().id());
            fates.add((isRedirected(visit) ? Fate.DUPLICATE : visit.fate()).name());
        }
        return new HashSet<>(session.query(
                Long.class,
                "UPDATE yibu_address a SET state = 2, fate = n.fate, owner = NULL, lease = NULL"
                        + " FROM unnest(?, ?) AS n (id, fate)"
                        + " WHERE a.id = n.id AND a.state = 1 AND a.owner = ? RETURNING a.id",
                ids,
                fates,
                owner));
    }

    private static Optional<Long> claim(Session session, URI url, int depth) throws SQLException {
        return session.queryRow(Long.class, Sql.CLAIM_ADDRESS, url.toString(), Addresses.site(url), depth);
    }

    /** How many addresses were new, and which were too many of their kind. */
    record Additions(int added, Set<String> traps) {
        int trapsAmong(List<Discovered> found) {
            return (int) found.stream()
                    .filter(one -> traps.contains(one.url().toString()))
                    .count();
        }
    }

    Additions add(Session session, List<Discovered> found, int maxAlike) throws SQLException {
        Map<String, Discovered> candidates = new LinkedHashMap<>();
        for (Discovered one : found) {
            if (!known.contains(one.url().toString())) {
                candidates.putIfAbsent(one.url().toString(), one);
            }
        }
        if (candidates.isEmpty()) {
            return new Additions(0, Set.of());
        }
        for (String url : session.query(
                String.class,
                "SELECT url FROM yibu_address WHERE url = ANY (?) AND state <> 3",
                List.copyOf(candidates.keySet()))) {
            candidates.remove(url);
            known.add(url);
        }
        Map<String, Integer> alike = alike(session, candidates.values());
        Set<String> traps = new HashSet<>();
        Set<String> changed = new HashSet<>();
        List<Object[]> rows = new ArrayList<>();
        for (Map.Entry<String, Discovered> candidate : candidates.entrySet()) {
            Discovered one = candidate.getValue();
            String shape = key(one);
            int number = shape == null ? 0 : alike.getOrDefault(shape, 0);
            if (number >= maxAlike) {
                traps.add(candidate.getKey());
                continue;
            }
            if (shape != null) {
                alike.put(shape, number + 1);
                changed.add(shape);
            }
            rows.add(new Object[] {
                candidate.getKey(),
                Addresses.site(one.url()),
                one.depth(),
                one.kind().name()
            });
            known.add(candidate.getKey());
        }
        session.executeMany(Sql.ADD_ADDRESS, rows);
        putAlike(session, alike, changed);
        return new Additions(rows.size(), traps);
    }

    /** Site and shape as one text; null if nothing is alike. */
    private static @Nullable String key(Discovered found) {
        return found.shape() == null ? null : Addresses.site(found.url()) + '\n' + found.shape();
    }

    private static Map<String, Integer> alike(Session session, Iterable<Discovered> candidates) throws SQLException {
        Set<String> keys = new HashSet<>();
        for (Discovered candidate : candidates) {
            String key = key(candidate);
            if (key != null) {
                keys.add(key);
            }
        }
        Map<String, Integer> alike = new HashMap<>();
        if (keys.isEmpty()) {
            return alike;
        }
        for (Row row : session.query(
                "SELECT site || chr(10) || shape AS key, number FROM yibu_shape"
                        + " WHERE (site, shape) IN (SELECT split_part(k, chr(10), 1), split_part(k, chr(10), 2)"
                        + " FROM unnest(?) AS k)",
                List.copyOf(keys))) {
            alike.put(row.get("key", String.class), row.get("number", Integer.class));
        }
        return alike;
    }

    private static void putAlike(Session session, Map<String, Integer> alike, Set<String> changed) throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        for (String key : changed) {
            int end = key.indexOf('\n');
            rows.add(new Object[] {key.substring(0, end), key.substring(end + 1), alike.getOrDefault(key, 0)});
        }
        session.executeMany(
                "INSERT INTO yibu_shape (site, shape, number) VALUES (?, ?, ?)"
                        + " ON CONFLICT (site, shape) DO UPDATE SET number = excluded.number",
                rows);
    }
}
