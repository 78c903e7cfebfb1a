package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.http.HttpTimeoutException.Phase;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimeoutsTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    /** For a limit that must not pass, on a machine that stalls now and then. */
    private static final Duration PATIENT = Duration.ofMillis(800);

    private static final HttpTimeouts NONE =
            new HttpTimeouts(HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE, HttpTimeouts.NONE);

    private static HttpSession open(HttpTimeouts timeouts) {
        return HttpSession.open(HttpOptions.DEFAULT.withTimeouts(timeouts));
    }

    private static void timesOut(Phase phase, HttpSession http, ThrowingCallable request) {
        assertThatThrownBy(request).isInstanceOfSatisfying(HttpTimeoutException.class, e -> {
            assertThat(e.phase()).isEqualTo(phase);
            assertThat(e.timeout()).isEqualTo(SHORT);
            assertThat(e.getMessage()).contains("within 100 ms");
        });
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void connect_covers_the_lookup_of_the_name() {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpSession http = HttpSession.open(HttpOptions.DEFAULT.withTimeouts(NONE.withConnect(SHORT)), host -> {
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return InetAddress.getAllByName(host);
        })) {
            timesOut(Phase.CONNECT, http, () -> http.get("http://slow.example/").text());
        } finally {
            answer.countDown();
        }
    }

    @Test
    void connect_covers_the_tls_handshake() throws Exception {
        try (Peer peer = new Peer(Peer.Talk::awaitClose);
                HttpSession http = open(NONE.withConnect(SHORT))) {
            timesOut(
                    Phase.CONNECT,
                    http,
                    () -> http.get("https://127.0.0.1:" + peer.port() + "/").text());
        }
    }

    @Test
    void the_first_byte_does_not_come() throws Exception {
        try (Peer peer = new Peer(Peer.Talk::awaitClose);
                HttpSession http = open(NONE.withFirstByte(SHORT))) {
            timesOut(Phase.FIRST_BYTE, http, () -> http.get(peer.url("/")).text());
            assertThat(http.statistics().connections()).isZero();
        }
    }

    @Test
    void the_next_byte_of_a_body_does_not_come() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    talk.awaitClose();
                });
                HttpSession http = open(NONE.withBetweenBytes(SHORT))) {
            timesOut(Phase.BETWEEN_BYTES, http, () -> http.get(peer.url("/")).text());
        }
    }

    @Test
    void a_body_that_nobody_takes_times_out_between_bytes() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> done.await());
                HttpSession http = open(NONE.withBetweenBytes(SHORT))) {
            byte[] large = new byte[50_000_000];
            timesOut(
                    Phase.BETWEEN_BYTES,
                    http,
                    () -> http.post(peer.url("/"))
                            .body(HttpBody.of(large, "image/x"))
                            .text());
        } finally {
            done.countDown();
        }
    }

    @Test
    void a_slow_body_that_keeps_coming_does_not_time_out() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n");
                    for (int i = 0; i < 25; i++) {
                        Thread.sleep(100); // together more than the limit, one by one far less
                        talk.send("x");
                    }
                });
                HttpSession http =
                        open(NONE.withBetweenBytes(Duration.ofSeconds(2)).withFirstByte(Duration.ofSeconds(2)))) {
            assertThat(http.get(peer.url("/")).text()).isEqualTo("x".repeat(25));
        }
    }

    @Test
    void the_time_that_the_reader_takes_does_not_count() throws Exception {
        try (Server server = new Server();
                HttpSession http = open(NONE.withBetweenBytes(PATIENT))) {
            server.on("/", exchange -> Server.answer(exchange, 200, new byte[5_000_000]));
            Async.run(() -> {
                try (HttpResponse response = http.get(server.url("/")).open();
                        InputStream body = response.body()) {
                    body.read();
                    Async.sleep(PATIENT.multipliedBy(2));
                    assertThat(body.readAllBytes()).hasSize(4_999_999);
                }
            });
        }
    }

    @Test
    void the_time_that_the_writer_takes_does_not_count() throws Exception {
        try (Server server = new Server();
                HttpSession http = open(NONE.withBetweenBytes(PATIENT))) {
            server.text("/", "well");
            HttpBody slow = HttpBody.writing("text/plain", out -> {
                Async.sleep(PATIENT.multipliedBy(2));
                out.write('a');
                Async.sleep(PATIENT.multipliedBy(2));
                out.write('b');
            });
            assertThat(http.post(server.url("/")).body(slow).text()).isEqualTo("well");
            assertThat(server.seen.getLast().body()).isEqualTo("ab");
        }
    }

    @Test
    void total_covers_the_body() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                    for (; ; ) {
                        talk.send("x");
                        Thread.sleep(5);
                    }
                });
                HttpSession http = open(NONE)) {
            timesOut(
                    Phase.TOTAL,
                    http,
                    () -> http.get(peer.url("/")).timeout(SHORT).text());
        }
    }

    @Test
    void total_covers_the_body_of_an_open_answer_too() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                    for (; ; ) {
                        talk.send("x");
                        Thread.sleep(5);
                    }
                });
                HttpSession http = open(NONE)) {
            timesOut(
                    Phase.TOTAL,
                    http,
                    () -> http.get(peer.url("/"))
                            .timeout(SHORT)
                            .send(response -> response.body().readAllBytes()));
        }
    }

    @Test
    void total_covers_the_wait_for_a_place() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(
                        HttpOptions.DEFAULT.withTimeouts(NONE).withLimits(HttpLimits.DEFAULT.withConnections(1, 1)))) {
            Async.run(() -> {
                Async.createTask(() -> http.get(peer.url("/")).text());
                Async.blocking(() -> arrived.await());
                assertThatThrownBy(() -> http.get(peer.url("/")).timeout(SHORT).text())
                        .isInstanceOfSatisfying(
                                HttpTimeoutException.class,
                                e -> assertThat(e.phase()).isEqualTo(Phase.TOTAL));
                Async.currentTask().cancel("done");
                assertThatThrownBy(Async::checkpoint).isInstanceOf(dev.yibu.Cancelled.class);
            });
        } catch (java.util.concurrent.CancellationException e) {
            assertThat(e).hasMessageContaining("done");
        }
    }

    @Test
    void no_timer_is_left() throws Exception {
        int before = dev.yibu.lowlevel.Driver.real().pendingTimers();
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.text("/", "well");
            for (int i = 0; i < 50; i++) {
                http.get(server.url("/")).text();
            }
            assertThat(dev.yibu.lowlevel.Driver.real().pendingTimers()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void a_time_out_of_nothing_is_refused() {
        assertThatThrownBy(() -> HttpTimeouts.DEFAULT.withTotal(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("total");
    }
}
