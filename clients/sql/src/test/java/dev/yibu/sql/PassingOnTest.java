package dev.yibu.sql;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.testkit.Explore;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

/** When a connection goes from one session to the next past its data source; in virtual time, on connections to nothing. */
class PassingOnTest {
    private static final Duration LONG = Duration.ofMillis(100);

    /** Yields connections that do nothing, and knows how many are out. */
    private static final class Source {
        final AtomicInteger lent = new AtomicInteger();
        final AtomicInteger returned = new AtomicInteger();
        Runnable onReturn = () -> {};

        DataSource asDataSource() {
            return fake(DataSource.class, (_, method) -> switch (method) {
                case "getConnection" -> connection();
                default -> null;
            });
        }

        private Connection connection() {
            int number = lent.incrementAndGet();
            AtomicBoolean closed = new AtomicBoolean();
            return fake(Connection.class, (_, method) -> switch (method) {
                case "getMetaData" ->
                    fake(DatabaseMetaData.class, (_, what) -> what.equals("getDatabaseProductName") ? "none" : null);
                case "close" -> {
                    if (closed.compareAndSet(false, true)) {
                        onReturn.run();
                        returned.incrementAndGet();
                    }
                    yield null;
                }
                case "isClosed" -> closed.get();
                case "toString" -> "connection " + number;
                default -> null;
            });
        }
    }

    private interface Answer {
        Object to(Object self, String method) throws Throwable;
    }

    /** Answers with what a method that does nothing returns, where {@code answer} is null. */
    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                PassingOnTest.class.getClassLoader(), new Class<?>[] {type}, (self, method, _) -> {
                    Object known = answer.to(self, method.getName());
                    return known != null ? known : nothing(method);
                }));
    }

    private static Object nothing(Method method) {
        return method.getReturnType() == boolean.class ? Boolean.FALSE : method.getReturnType() == int.class ? 0 : null;
    }

    private final Source source = new Source();
    private final List<String> used = new ArrayList<>();
    private Pool pool = pool(1, true);

    private Pool pool(int size, boolean passesOn) {
        DatabaseOptions options =
                DatabaseOptions.of("jdbc:none:").withPoolSize(size).withAcquireTimeout(Duration.ofSeconds(10));
        return new Pool(source.asDataSource(), options, passesOn);
    }

    @AfterEach
    void all_connections_are_back() {
        assertThat(source.returned.get()).as("connections that were given back").isEqualTo(source.lent.get());
        assertThat(pool.statistics().inUse()).isZero();
        assertThat(pool.statistics().waiting()).isZero();
    }

    private void use() throws SQLException {
        try (Session session = pool.lend()) {
            used.add(session.connection().toString());
            assertThat(pool.statistics().inUse()).isBetween(1, pool.statistics().size());
        }
    }

    private void untilWaiting(int number) {
        while (pool.statistics().waiting() < number) {
            sleep(Duration.ofMillis(1));
        }
    }

    private interface Step {
        void on(Session session) throws Exception;
    }

    /** A session ends for which another one waits. */
    private void handOver(Step before) throws Exception {
        run(() -> TaskGroup.run(group -> {
            Session first = pool.lend();
            group.start(this::use);
            untilWaiting(1);
            before.on(first);
            first.close();
        }));
        assertThat(used).hasSize(1);
    }

    @Explore(seeds = 100)
    void a_connection_goes_to_the_next_in_turn() throws Exception {
        handOver(_ -> {});
        assertThat(source.lent.get()).isEqualTo(1);
    }

    @Explore(seeds = 100)
    void a_connection_that_was_out_for_long_goes_back_first() throws Exception {
        handOver(_ -> sleep(LONG));
        assertThat(source.lent.get()).isEqualTo(2);
    }

    @Explore(seeds = 100)
    void a_connection_that_many_have_used_goes_back_all_the_same() throws Exception {
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 10; i++) {
                group.start(() -> {
                    for (int j = 0; j < 10; j++) {
                        try (Session _ = pool.lend()) {
                            sleep(Duration.ofMillis(10));
                        }
                    }
                });
            }
        }));
        assertThat(source.lent.get()).as("in a second").isBetween(10, 15);
    }

    @Explore(seeds = 100)
    void a_connection_on_which_something_was_set_goes_back_first() throws Exception {
        TransactionOptions options = TransactionOptions.defaults().withReadOnly(true);
        handOver(session -> session.transactionRun(options, _ -> {}));
        assertThat(source.lent.get()).isEqualTo(2);
    }

    @Explore(seeds = 100)
    void a_connection_that_is_suspected_goes_back_first() throws Exception {
        handOver(_ -> pool.suspectOthers());
        assertThat(source.lent.get()).isEqualTo(2);
    }

    @Explore(seeds = 100)
    void a_broken_connection_goes_to_nobody() throws Exception {
        handOver(Session::breakDown);
        assertThat(source.lent.get()).isEqualTo(2);
        assertThat(pool.statistics().discarded()).isEqualTo(1);
    }

    @Explore(seeds = 100)
    void a_data_source_of_the_program_has_its_connection_back_each_time() throws Exception {
        pool = pool(1, false);
        handOver(_ -> {});
        assertThat(source.lent.get()).isEqualTo(2);
    }

    @BetweenAccesses
    void a_connection_is_in_use_from_session_to_session_until_its_source_has_it() throws Exception {
        List<Integer> inUse = new ArrayList<>();
        source.onReturn = () -> inUse.add(pool.statistics().inUse());
        run(() -> TaskGroup.run(group -> {
            Session first = pool.lend();
            Task<?> next = group.start("next", this::use);
            untilWaiting(1);
            group.start("canceller", () -> next.cancel("enough"));
            group.start("giver", first::close);
            int now = pool.statistics().inUse();
            while (source.returned.get() == 0) {
                inUse.add(now);
                checkpoint();
                now = pool.statistics().inUse();
            }
        }));
        assertThat(inUse).containsOnly(1);
    }

    @BetweenAccesses
    void a_cancellation_at_the_handing_over_loses_neither_place_nor_connection() throws Exception {
        run(() -> {
            TaskGroup.run(group -> {
                Session first = pool.lend();
                Task<?> doomed = group.start(this::use);
                untilWaiting(1);
                group.start("another", this::use);
                untilWaiting(2);
                group.start("canceller", () -> doomed.cancel("enough"));
                group.start("giver", first::close);
            });
            use();
        });
        assertThat(used.size()).isBetween(2, 3);
    }

    @BetweenAccesses
    void the_time_to_wait_ends_at_the_handing_over_and_nothing_is_lost() throws Exception {
        int[] late = {0};
        run(() -> {
            TaskGroup.run(group -> {
                Session first = pool.lend();
                group.start("waiter", () -> {
                    try {
                        use();
                    } catch (SQLTransientConnectionException e) {
                        late[0]++;
                    }
                });
                group.start("giver", () -> {
                    sleep(Duration.ofSeconds(10));
                    first.close();
                });
            });
            use();
        });
        assertThat(used.size() + late[0]).isEqualTo(2);
    }

    @BetweenAccesses
    void a_close_at_the_handing_over_ends_when_all_are_back_and_leaves_nobody_waiting() throws Exception {
        pool = pool(2, true);
        Instant start = clock().instant();
        run(() -> {
            TaskGroup.run(group -> {
                Session first = pool.lend();
                Session second = pool.lend();
                for (int i = 0; i < 3; i++) {
                    group.start("waiter", () -> {
                        try {
                            use();
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessageContaining("closed");
                        }
                    });
                }
                untilWaiting(3);
                group.start("closer", () -> pool.close(true));
                group.start("giver", first::close);
                group.start("giver", second::close);
            });
            assertThatThrownBy(this::use).isInstanceOf(IllegalStateException.class);
        });
        assertThat(Duration.between(start, clock().instant()))
                .as("nobody stays away for the grace")
                .isLessThan(DatabaseOptions.of("jdbc:none:").grace());
    }
}
