// Databases
// A pool of connections to PostgreSQL, a real one, which starts before the clock does: that takes some seconds. Whoever
// needs a connection waits in turn. A query that is given up is stopped in the server too.

import static dev.yibu.Async.*;

import dev.yibu.sql.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.UncheckedIOException;
import java.sql.SQLException;

// @start region=tour
record User(long id, String name) {}

User find(Database db, long id) throws SQLException {
    String slowly = "select id, name from users, pg_sleep(0.2) where id = ?";
    return db.queryRow(User.class, slowly, id).orElseThrow();
}

void main() throws SQLException {
    try (Database db = Database.open(url())) {
        db.execute("create table users (id bigint primary key, name text)");
        db.executeMany("insert into users values (:id, :name)", List.of(new User(1, "Ada"), new User(2, "Alan")));

        for (User user : run(() -> gather(List.of(1L, 2L), id -> find(db, id)))) {
            IO.println(user.name());
        }

        try {
            db.transactionRun(tx -> {
                tx.execute("delete from users");
                throw new IllegalStateException("no, they stay");
            });
        } catch (IllegalStateException e) {
            IO.println(db.queryValue(Long.class, "select count(*) from users") + " users: " + e.getMessage());
        }

        boolean finished = moveOnAfter(Duration.ofMillis(100), () -> db.execute("select pg_sleep(60)"));
        String busy = "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active'"
                + " and pid <> pg_backend_pid()";
        IO.println("finished: " + finished + ", still in the server: " + db.queryValue(Long.class, busy));
    }
}
// @end

void oneAfterTheOther() throws SQLException {
    try (Database db = Database.open(url())) {
        IO.println(find(db, 1).name());
        IO.println(find(db, 2).name());
        IO.println(db.execute("select pg_sleep(0.1)"));
    }
}

/** Ends with the program. */
static final EmbeddedPostgres SERVER = start();

static EmbeddedPostgres start() {
    try {
        return EmbeddedPostgres.start();
    } catch (IOException e) {
        throw new UncheckedIOException(e);
    }
}

String url() {
    return SERVER.getJdbcUrl("postgres", "postgres");
}

// Output:
// Ada
// Alan
// 2 users: no, they stay
// finished: false, still in the server: 0
