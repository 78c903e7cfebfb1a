package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PoolTest {
    private static HttpSession open(int connections, int perHost) {
        return HttpSession.open(
                HttpOptions.DEFAULT.withLimits(HttpLimits.DEFAULT.withConnections(connections, perHost)));
    }

    private static void settle() {
        Async.sleep(Duration.ofMillis(1));
    }

    @Test
    void no_more_requests_are_under_way_than_allowed() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Server server = new Server();
                HttpSession http = open(3, 3)) {
            server.on("/", exchange -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.yield();
                now.decrementAndGet();
                Server.answer(exchange, 200, "well");
            });
            Async.run(() -> Async.forEach(
                    IntStream.range(0, 200).boxed().toList(),
                    _ -> http.get(server.url("/")).text()));
            assertThat(most.get()).isLessThanOrEqualTo(3);
            assertThat(http.statistics().connections()).isLessThanOrEqualTo(3);
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void those_who_wait_for_a_busy_host_keep_nobody_from_another() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer busy = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                Server other = new Server();
                HttpSession http = open(2, 1)) {
            other.text("/", "well");
            Async.run(() -> TaskGroup.run(group -> {
                for (int i = 0; i < 5; i++) {
                    group.start(() -> http.get(busy.url("/")).text());
                }
                Async.blocking(() -> arrived.await());
                while (http.statistics().waiting() < 4) {
                    settle();
                }
                assertThat(http.get(other.url("/")).text()).isEqualTo("well");
                group.cancel("done");
            }));
            assertThat(http.statistics().waiting()).isZero();
        }
    }

    @Test
    void a_place_is_given_in_the_order_of_asking() throws Exception {
        Semaphore go = new Semaphore(0);
        List<String> order = new CopyOnWriteArrayList<>();
        try (Server server = new Server();
                HttpSession http = open(1, 1)) {
            server.on("/", exchange -> {
                go.acquireUninterruptibly();
                order.add(exchange.getRequestURI().getQuery());
                Server.answer(exchange, 200, "");
            });
            Async.run(() -> {
                List<Task<?>> tasks = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    String url = server.url("/?" + i);
                    tasks.add(Async.createTask(() -> http.get(url).text()));
                    int asked = i + 1;
                    while (http.statistics().waiting() + http.statistics().underWay() < asked) {
                        settle();
                    }
                }
                go.release(6);
                for (Task<?> task : tasks) {
                    task.await();
                }
            });
            assertThat(order).containsExactly("0", "1", "2", "3", "4", "5");
        }
    }

    @Test
    @SuppressWarnings("try") // closed early, on purpose
    void closing_the_session_ends_what_is_under_way_with_a_clear_error() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = open(1, 1)) {
            Async.run(() -> {
                Task<?> first = Async.createTask(() -> http.get(peer.url("/")).text());
                Async.blocking(() -> arrived.await());
                Task<?> second = Async.createTask(() -> http.get(peer.url("/")).text());
                while (http.statistics().waiting() == 0) {
                    settle();
                }
                http.close();
                assertThatThrownBy(first::await)
                        .isInstanceOf(HttpTransferException.class)
                        .hasMessageContaining("the session was closed");
                assertThatThrownBy(second::await)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            });
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 0, 0));
            assertThatThrownBy(() -> http.get(peer.url("/"))).isInstanceOf(IllegalStateException.class);
            Until.isTrue("the connection is closed", () -> peer.open() == 0);
        }
    }

    @Test
    void a_connection_that_comes_back_to_a_closed_session_is_closed() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (Server server = new Server()) {
            server.text("/", "well");
            HttpSession http = HttpSession.open();
            http.get(server.url("/")).send(response -> {
                response.bytes();
                http.close();
                return null;
            });
            assertThat(http.statistics().connections()).isZero();
        } finally {
            answer.countDown();
        }
    }

    @Test
    void an_open_answer_that_nobody_closes_ends_with_its_scope() throws Exception {
        try (Server server = new Server();
                HttpSession http = open(1, 1)) {
            server.on("/", exchange -> Server.answer(exchange, 200, new byte[10_000_000]));
            Async.run(() -> {
                Async.timeout(Duration.ofSeconds(50), () -> {
                    http.get(server.url("/")).open().body().read();
                    assertThat(http.statistics().underWay()).isEqualTo(1);
                });
                assertThat(http.statistics().underWay()).isZero();
                http.get(server.url("/")).open();
            });
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void an_open_answer_needs_a_scope() {
        try (HttpSession http = HttpSession.open()) {
            assertThatThrownBy(() -> http.get("http://127.0.0.1:1/").open())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("send(");
        }
    }

    @Test
    void an_exception_of_the_function_is_its_own_and_the_answer_is_closed() throws Exception {
        try (Server server = new Server();
                HttpSession http = open(1, 1)) {
            server.on("/", exchange -> Server.answer(exchange, 200, new byte[10_000_000]));
            assertThatThrownBy(() -> http.get(server.url("/")).send(_ -> {
                        throw new java.util.concurrent.ExecutionException("mine", null);
                    }))
                    .isInstanceOf(java.util.concurrent.ExecutionException.class)
                    .hasMessage("mine");
            assertThat(http.statistics().underWay()).isZero();
        }
    }
}
