package dev.yibu.sql;

import static dev.yibu.Async.*;

import dev.yibu.Retry;
import dev.yibu.sql.TransactionOptions.Isolation;
import dev.yibu.stream.AsyncIterable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The code that the Javadoc shows; {@link SnippetsTest} runs it. */
final class Snippets {
    private Snippets() {}

    record User(long id, String name) {}

    static List<Optional<User>> database(String url, List<Long> ids) throws SQLException {
        // @start region="database"
        // record User(long id, String name) {}
        try (Database db = Database.open(url)) {
            return run(() -> gather(ids, id -> db.queryRow(User.class, "select * from users where id = ?", id)));
        }
        // @end
    }

    static DatabaseOptions options(String secret) {
        // @start region="options"
        DatabaseOptions options = DatabaseOptions.of("jdbc:postgresql://localhost/shop")
                .withUser("clerk", secret)
                .withPoolSize(20)
                .withStatementTimeout(Duration.ofSeconds(5))
                .withProperty("sslmode", "verify-full");
        // @end
        return options;
    }

    static long session(Database db) throws SQLException {
        // @start region="session"
        try (Session session = db.acquire()) {
            session.execute("create temporary table picked (id bigint)");
            session.executeMany("insert into picked values (?)", List.of(1, 2));
            return session.queryValue(Long.class, "select count(*) from users join picked using (id)");
        }
        // @end
    }

    static void transaction(Database db, long from, long to, int amount) throws SQLException {
        // @start region="transaction"
        db.transactionRun(tx -> {
            tx.execute("update accounts set balance = balance - ? where id = ?", amount, from);
            tx.execute("update accounts set balance = balance + ? where id = ?", amount, to);
        });
        // @end
    }

    static int retry(Database db) throws SQLException {
        // @start region="retry"
        TransactionOptions careful = TransactionOptions.defaults()
                .withIsolation(Isolation.SERIALIZABLE)
                .withRetry(Retry.exponential(5, Duration.ofMillis(10)));
        return db.transaction(careful, tx -> {
            int balance = tx.queryValue(Integer.class, "select balance from accounts where id = 1");
            tx.execute("update accounts set balance = ? where id = 1", balance / 2);
            return balance / 2;
        });
        // @end
    }

    static List<User> named(Database db) throws SQLException {
        // @start region="named"
        return db.query(
                User.class,
                "select * from users where id between :low and :high and name <> :name",
                Params.of("low", 1).and("high", 9).and("name", "nobody"));
        // @end
    }

    static long stream(Database db) throws SQLException {
        // @start region="stream"
        long letters = 0;
        try (AsyncIterable<User> users = db.stream(User.class, "select * from users")) {
            for (User user : users) {
                letters += user.name().length();
            }
        }
        // @end
        return letters;
    }

    static void many(Database db, List<User> users) throws SQLException {
        // @start region="many"
        db.executeMany("insert into users (id, name) values (:id, :name)", users); // records, by their components
        // @end
    }

    static Map<?, ?> json(Database db) throws SQLException {
        // @start region="json"
        db.execute("insert into events values (?)", Json.of(Map.of("kind", "login", "tries", 2)));
        Json event = db.queryValue(Json.class, "select what from events");
        Map<?, ?> what = event.as(Map.class);
        // @end
        return what;
    }
}
