package dev.yibu.sql;

import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.TaskGroup;
import dev.yibu.stream.AsyncIterable;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Statements cancelled at random times, beside others on the same connections that nobody cancels. {@code
 * -Dyibu.sql.cancels=10000} cancels more, {@code -Dyibu.sql.seed} repeats the choices of a run.
 */
@Timeout(600)
class CancelStressTest {
    private static final int CANCELS = Integer.getInteger("yibu.sql.cancels", 1_000);
    private static final int POOL = 6;
    private static final int VICTIMS = 8;
    private static final int NEIGHBOURS = 4;

    /** A statement takes about as long: so cancels come before, during and after. */
    private static final int LONGEST_NANOS = 6_000_000;

    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private final AtomicLong undisturbed = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();

    @ParameterizedTest
    @EnumSource
    void no_cancel_leaks_or_hits_a_neighbour(Server server) throws Exception {
        long seed = Long.getLong("yibu.sql.seed", System.nanoTime());
        System.out.println(server + ": -Dyibu.sql.seed=" + seed);
        server.execute("drop table if exists stress", "create table stress (victim int, step int)");
        server.execute("drop table if exists crowd", "create table crowd (name varchar(100))");
        try (Database db = server.open(POOL)) {
            db.executeMany("insert into crowd values (?)", Collections.nCopies(1_000, "x".repeat(100)));
            long start = System.nanoTime();
            run(() -> TaskGroup.run(group -> {
                for (int i = 0; i < NEIGHBOURS; i++) {
                    int number = i;
                    group.start(() -> neighbour(server, db, number));
                }
                TaskGroup.run(victims -> {
                    for (int i = 0; i < VICTIMS; i++) {
                        int number = i;
                        victims.start(() -> victim(server, db, number, new Random(seed + number)));
                    }
                });
                over.set(true);
            }));
            System.out.printf(
                    "%s: %d victims cancelled, %d finished before, %d undisturbed neighbours, in %.1f s; %s%n",
                    server,
                    cancelled.get(),
                    finished.get(),
                    undisturbed.get(),
                    (System.nanoTime() - start) / 1e9,
                    db.statistics());

            assertThat(db.statistics().stopped()).isGreaterThanOrEqualTo(CANCELS);
            assertThat(undisturbed.get()).isPositive();
            assertThat(db.statistics().inUse()).isZero();
            assertThat(server.busyWith("victim")).isEmpty();
            assertThat(db.queryValue(Long.class, "select count(*) from stress where step = 1"))
                    .as("transactions of which a part is there")
                    .isEqualTo(db.queryValue(Long.class, "select count(*) from stress where step = 2"));
        }
    }

    private void victim(Server server, Database db, int number, Random random) throws Exception {
        while (db.statistics().stopped() < CANCELS) {
            Duration limit = Duration.ofNanos(random.nextInt(LONGEST_NANOS));
            int choice = random.nextInt(6);
            boolean done = moveOnAfter(limit, () -> {
                switch (choice) {
                    case 0 -> db.query(endless(server));
                    case 1 -> db.query(brief(server, random.nextInt(10)));
                    case 2 -> db.query("select ? /* victim */", number);
                    case 3 ->
                        db.transactionRun(tx -> {
                            tx.execute("insert into stress values (?, 1) /* victim */", number);
                            tx.query(brief(server, 1));
                            tx.execute("insert into stress values (?, 2) /* victim */", number);
                        });
                    case 4 -> {
                        int read = 0;
                        try (AsyncIterable<Row> rows = db.stream("select * from crowd a, crowd b /* victim */")) {
                            for (Row row : rows) {
                                read += row.columns().size();
                            }
                        }
                    }
                    default -> {
                        try (Session session = db.acquire()) {
                            session.query("select ? /* victim */", number);
                            session.query(brief(server, 2));
                        }
                    }
                }
            });
            (done ? finished : cancelled).incrementAndGet();
        }
    }

    /** Not sleep() in MariaDB: all who sleep there share a mutex, and a KILL of one holds up the others for seconds. */
    private static String endless(Server server) {
        return server == Server.POSTGRES
                ? "select pg_sleep(60) /* victim */"
                : "select count(*) from crowd a, crowd b, crowd c /* victim */";
    }

    private static String brief(Server server, int millis) {
        return server == Server.POSTGRES
                ? "select pg_sleep(0.00" + millis + ") /* victim */"
                : "select count(*) from crowd a, (select 1 from crowd limit " + 10 * millis + ") b /* victim */";
    }

    private void neighbour(Server server, Database db, int number) throws Exception {
        String slowly = server == Server.POSTGRES ? "0 from pg_sleep(0.001)" : "0 * count(*) from crowd";
        for (long i = 0; !over.get(); i++) {
            long sent = number * 1_000_000_000L + i;
            List<Long> answer = db.query(Long.class, "select ? + " + slowly, sent);
            assertThat(answer).containsExactly(sent);
            db.transactionRun(tx -> {
                assertThat(tx.queryValue(Long.class, "select ? + 0", sent)).isEqualTo(sent);
                assertThat(tx.queryValue(Long.class, "select ? + 1", sent)).isEqualTo(sent + 1);
            });
            undisturbed.incrementAndGet();
        }
    }
}
