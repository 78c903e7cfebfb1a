package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Retry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RetriesTest {
    private static final Retry THRICE = Retry.immediately(3);

    private Server server;
    private HttpSession http;

    @BeforeEach
    void open() throws Exception {
        server = new Server();
        http = HttpSession.open(HttpOptions.DEFAULT.withRetry(THRICE));
    }

    @AfterEach
    void close() {
        http.close();
        server.close();
    }

    private void failing(String path, int times, int status, String retryAfter) {
        AtomicInteger calls = new AtomicInteger();
        server.on(path, exchange -> {
            if (calls.incrementAndGet() > times) {
                Server.answer(exchange, 200, "well");
                return;
            }
            if (retryAfter != null) {
                exchange.getResponseHeaders().add("Retry-After", retryAfter);
            }
            Server.answer(exchange, status, "busy");
        });
    }

    @Test
    void a_busy_server_is_asked_again() throws Exception {
        failing("/", 2, 503, null);

        assertThat(http.get(server.url("/")).text()).isEqualTo("well");
        assertThat(server.seen).hasSize(3);
    }

    @Test
    void after_the_last_attempt_the_status_counts() {
        failing("/", 9, 503, null);

        assertThatThrownBy(() -> http.get(server.url("/")).text())
                .isInstanceOfSatisfying(
                        HttpStatusException.class, e -> assertThat(e.status()).isEqualTo(503));
        assertThat(server.seen).hasSize(3);
    }

    @Test
    void an_answer_that_is_asked_for_whole_is_tried_again_too_and_given_after_the_last_attempt() throws Exception {
        failing("/", 9, 502, null);

        int status = http.get(server.url("/")).send(HttpResponse::status);

        assertThat(status).isEqualTo(502);
        assertThat(server.seen).hasSize(3);
        assertThat(http.statistics().underWay()).isZero();
        assertThat(http.statistics().connections()).isEqualTo(1);
    }

    @Test
    void a_post_is_not_sent_again_unless_it_says_that_it_may() throws Exception {
        failing("/", 1, 503, null);

        assertThat(http.post(server.url("/")).fetch().status()).isEqualTo(503);
        assertThat(server.seen).hasSize(1);

        failing("/again", 1, 503, null);
        assertThat(http.post(server.url("/again"))
                        .body(HttpBody.of("data"))
                        .idempotent(true)
                        .fetch()
                        .status())
                .isEqualTo(200);
        assertThat(server.seen).hasSize(3);
        assertThat(server.seen.getLast().body()).isEqualTo("data");
    }

    @Test
    void a_body_that_can_be_written_once_is_not_sent_again() throws Exception {
        failing("/", 1, 503, null);

        HttpResponse response =
                http.put(server.url("/")).body(HttpBody.of("data").once()).fetch();

        assertThat(response.status()).isEqualTo(503);
        assertThat(server.seen).hasSize(1);
    }

    @Test
    void what_broke_off_is_tried_again() throws Exception {
        try (Peer peer = new Peer(talk -> {
            talk.head();
            if (talk.number < 3) {
                talk.reset();
            } else {
                talk.answer("well");
            }
        })) {
            assertThat(http.get(peer.url("/")).text()).isEqualTo("well");
        }
    }

    @Test
    void even_a_post_is_tried_again_if_nothing_could_be_sent() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<Integer> attempts = new ArrayList<>();

        assertThatThrownBy(() -> http.post("http://127.0.0.1:" + port + "/")
                        .retry(THRICE.withListener(attempt -> attempts.add(attempt.number())))
                        .text())
                .isInstanceOf(HttpConnectException.class);
        assertThat(attempts).containsExactly(1, 2, 3);
    }

    @Test
    void retry_after_is_the_least_pause() throws Exception {
        failing("/", 1, 429, "1");
        Instant start = Instant.now();

        assertThat(http.get(server.url("/")).text()).isEqualTo("well");
        assertThat(Duration.between(start, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_retry_after_of_zero_makes_no_attempt_beyond_the_callers() throws Exception {
        failing("/", 9, 503, "0");

        HttpResponse response = http.get(server.url("/")).retry(null).fetch();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.headers().values("Retry-After")).containsExactly("0");
        assertThat(server.seen).hasSize(1);
    }

    @Test
    void if_the_server_wants_a_longer_pause_than_there_is_time_the_answer_counts() throws Exception {
        failing("/", 9, 503, "3600");

        assertThat(http.get(server.url("/"))
                        .retry(THRICE.withMaxDelay(Duration.ofMinutes(1)))
                        .fetch()
                        .status())
                .isEqualTo(503);
        assertThat(Async.timeout(
                        Duration.ofMinutes(2),
                        () -> http.get(server.url("/")).fetch().status()))
                .isEqualTo(503);
        assertThat(server.seen).hasSize(2);
    }

    @Test
    void retry_after_may_be_a_date() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");

        assertThat(RetryRule.parse("Thu, 01 Jan 2026 00:01:00 GMT", now)).isEqualTo(Duration.ofMinutes(1));
        assertThat(RetryRule.parse("Thu, 01 Jan 2025 00:01:00 GMT", now)).isNull();
        assertThat(RetryRule.parse("Wed, 01 Jan 2025 00:01:00 GMT", now)).isZero();
        assertThat(RetryRule.parse("soon", now)).isNull();
        assertThat(RetryRule.parse("120", now)).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void a_connection_that_went_stale_in_the_pool_costs_a_get_nothing() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch close = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    requests.incrementAndGet();
                    talk.answer("well");
                    if (talk.number == 1) {
                        close.await();
                    }
                });
                HttpSession plain = HttpSession.open()) {
            assertThat(plain.get(peer.url("/")).text()).isEqualTo("well");
            close.countDown();
            Until.isTrue("the server has closed the connection", () -> peer.open() == 0);

            assertThat(plain.get(peer.url("/")).text()).isEqualTo("well");
            assertThat(requests).hasValue(2);
        }
    }

    /** Also one that its body keeps from being repeated. */
    @Test
    void a_post_is_not_sent_over_a_connection_that_the_server_has_closed_or_used_while_it_was_idle() throws Exception {
        ShiftedTime time = new ShiftedTime();
        for (String last : List.of("", "reset", "evil")) {
            List<String> requests = new CopyOnWriteArrayList<>();
            Semaphore next = new Semaphore(0);
            CyclicBarrier done = new CyclicBarrier(2);
            try (Peer peer = new Peer(talk -> {
                        requests.add(talk.head().split(" ")[0]);
                        talk.answer("well");
                        next.acquire();
                        if (last.equals("reset")) {
                            talk.reset();
                        } else {
                            talk.send(last);
                            talk.socket.shutdownOutput();
                        }
                        done.await();
                        talk.awaitClose();
                    });
                    HttpSession plain = time.open(HttpOptions.DEFAULT)) {
                for (String method : List.of("POST", "PATCH", "PUT")) {
                    assertThat(plain.get(peer.url("/")).text()).as(last).isEqualTo("well");
                    next.release();
                    done.await();
                    time.advance(Duration.ofSeconds(5));

                    HttpBody once = HttpBody.of("").once();
                    assertThat(plain.request(method, peer.url("/")).body(once).text())
                            .as(last)
                            .isEqualTo("well");
                    next.release();
                    done.await();
                }
                assertThat(requests).as(last).containsExactly("GET", "POST", "GET", "PATCH", "GET", "PUT");
                assertThat(peer.failures).isEmpty();
            }
        }
    }

    @Test
    void a_post_over_a_connection_that_was_idle_and_is_well_uses_it_again_and_may_be_answered_late() throws Exception {
        ShiftedTime time = new ShiftedTime();
        try (Peer peer = new Peer(talk -> {
                    while (talk.head() != null) {
                        Thread.sleep(20); // more than a look takes
                        talk.answer("well");
                    }
                });
                HttpSession plain = time.open(HttpOptions.DEFAULT)) {
            for (int i = 0; i < 3; i++) {
                assertThat(plain.post(peer.url("/")).text()).isEqualTo("well");
                time.advance(Duration.ofSeconds(5));
            }
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    /** It meets the end of the connection while it is under way: nobody knows what the server has done. */
    @Test
    void a_post_over_a_connection_that_goes_stale_is_not_sent_twice() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    requests.incrementAndGet();
                    talk.answer("well");
                    talk.head();
                    requests.incrementAndGet();
                });
                HttpSession plain = HttpSession.open()) {
            assertThat(plain.get(peer.url("/")).text()).isEqualTo("well");

            assertThatThrownBy(() -> plain.post(peer.url("/")).text()).isInstanceOf(HttpTransferException.class);
            assertThat(requests).hasValue(2);
        }
    }

    @Test
    void what_a_listener_of_retries_throws_ends_the_request_and_gives_its_place_back() throws Exception {
        failing("/", 9, 503, null);
        IllegalStateException own = new IllegalStateException("a listener's own");
        Retry throwing = THRICE.withListener(_ -> {
            throw own;
        });

        Async.run(() -> {
            assertThatThrownBy(() -> http.get(server.url("/")).retry(throwing).open())
                    .isSameAs(own);
            assertThat(http.statistics().underWay()).isZero(); // and not only at the end of the scope
        });
        assertThatThrownBy(() -> http.get(server.url("/")).retry(throwing).send(HttpResponse::status))
                .isSameAs(own);
        assertThatThrownBy(() -> http.get(server.url("/")).retry(throwing).text())
                .isSameAs(own);

        assertThat(server.seen).hasSize(3);
        assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
    }

    /** The last failed attempt is told as well, when its answer has not been closed for the next one. */
    @Test
    void what_a_listener_throws_after_the_last_attempt_gives_the_place_back_too() throws Exception {
        failing("/", 9, 503, null);
        IllegalStateException own = new IllegalStateException("a listener's own");
        Retry throwing = THRICE.withListener(attempt -> {
            if (attempt.pause().isEmpty()) {
                throw own;
            }
        });

        Async.run(() -> {
            assertThatThrownBy(() -> http.get(server.url("/")).retry(throwing).open())
                    .isSameAs(own);
            assertThat(http.statistics().underWay()).isZero();
        });
        assertThat(server.seen).hasSize(3);
    }

    @Test
    void a_cancelled_request_is_not_tried_again() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
            talk.head();
            arrived.countDown();
            talk.awaitClose();
        })) {
            Async.run(() -> {
                var task = Async.createTask(() -> http.get(peer.url("/")).text());
                Async.blocking(() -> arrived.await());
                task.cancel("enough");
                assertThatThrownBy(task::await);
            });
            assertThat(peer.connections()).isEqualTo(1);
        }
    }
}
