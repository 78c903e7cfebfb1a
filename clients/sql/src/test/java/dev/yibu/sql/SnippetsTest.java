package dev.yibu.sql;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.sql.Snippets.User;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs what the Javadoc shows. */
@Timeout(120)
class SnippetsTest {
    @ParameterizedTest
    @EnumSource
    void the_snippets_do_what_they_say(Server server) throws Exception {
        server.execute(
                "drop table if exists users",
                "create table users (id bigint primary key, name varchar(50))",
                "drop table if exists accounts",
                "create table accounts (id int primary key, balance int)",
                "insert into accounts values (1, 100), (2, 100)",
                "drop table if exists events",
                "create table events (what json)");
        try (Database db = server.open(2)) {
            Snippets.many(db, List.of(new User(1, "Ada"), new User(2, "Bob"), new User(3, "nobody")));
            assertThat(Snippets.database(server.url(), List.of(2L, 7L)))
                    .containsExactly(Optional.of(new User(2, "Bob")), Optional.empty());
            assertThat(Snippets.session(db)).isEqualTo(2);
            Snippets.transaction(db, 1, 2, 30);
            assertThat(db.query(Integer.class, "select balance from accounts order by id"))
                    .containsExactly(70, 130);
            assertThat(Snippets.retry(db)).isEqualTo(35);
            assertThat(Snippets.named(db)).extracting(User::name).containsExactlyInAnyOrder("Ada", "Bob");
            assertThat(run(() -> Snippets.stream(db))).isEqualTo(12);
            assertThat(Snippets.json(db)).isEqualTo(Map.of("kind", "login", "tries", 2));
        }
        assertThat(Snippets.options("geheim").poolSize()).isEqualTo(20);
    }
}
