package dev.yibu.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A thread that is no task: each call is one visit, however often it waits. */
@Timeout(120)
class PlainThreadTest {
    /** Who is on the thread at each call of the driver. */
    private final List<Strand> seen = new ArrayList<>();

    private Database database(Server server) throws SQLException {
        return Database.over(
                Between.of(server.source(), (_, call) -> {
                    seen.add(Strand.current());
                    return call.make();
                }),
                2);
    }

    private void assertOneVisit() {
        assertThat(seen).hasSizeGreaterThan(2).doesNotContainNull();
        assertThat(seen.stream().distinct()).hasSize(1);
        assertThat(Strand.current()).isNull();
        seen.clear();
    }

    @ParameterizedTest
    @EnumSource
    void a_call_is_one_visit(Server server) throws Exception {
        server.execute("drop table if exists visits", "create table visits (id int)");
        try (Database db = database(server)) {
            db.query("select ?", 1);
            assertOneVisit();
            db.execute("insert into visits values (1)");
            assertOneVisit();
            db.executeMany("insert into visits values (?)", List.of(1, 2, 3));
            assertOneVisit();
            db.ping();
            assertOneVisit();
            db.transactionRun(tx -> {
                Strand around = Strand.current();
                tx.execute("insert into visits values (1)");
                tx.transactionRun(inner -> inner.execute("insert into visits values (1)"));
                assertThat(Strand.current()).isSameAs(around);
            });
            assertOneVisit();
            Session session = db.acquire();
            seen.clear();
            session.transactionRun(tx -> tx.execute("delete from visits"));
            assertOneVisit();
            session.query("select 1");
            assertOneVisit();
            session.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_interrupt_in_a_transaction_rolls_it_back_and_ends_the_whole_call(Server server) throws Exception {
        server.execute("drop table if exists visits", "create table visits (id int)");
        try (Database db = server.open(2)) {
            assertThatThrownBy(() -> db.transactionRun(tx -> {
                        tx.execute("insert into visits values (1)");
                        Thread.currentThread().interrupt();
                        assertThatThrownBy(() -> tx.query("select 1")).isInstanceOf(Cancelled.class);
                        assertThatThrownBy(() -> tx.query("select 1")).isInstanceOf(Cancelled.class);
                    }))
                    .isInstanceOf(CancellationException.class);

            assertThat(Thread.interrupted()).as("the flag").isTrue();
            assertThat(db.statistics().inUse()).isZero();
            assertThat(db.queryValue(Long.class, "select count(*) from visits")).isZero();
        }
    }
}
