package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connections of HTTP/1.1 are kept, for whom, and how long. */
@Timeout(60)
class LinesTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static HttpSession open(int connections, Duration kept) {
        return HttpSession.open(HttpOptions.DEFAULT
                .withLimits(HttpLimits.DEFAULT.withConnections(connections, connections))
                .withKeepAlive(kept));
    }

    /** A server that answers each request with the number of its connection. */
    private static Peer numbering() throws IOException {
        return new Peer(talk -> {
            while (talk.head() != null) {
                talk.answer(Integer.toString(talk.number));
            }
        });
    }

    /** So many requests that are all under way in the same moment. */
    private static void together(HttpSession http, Peer peer, int requests) throws Exception {
        CyclicBarrier all = new CyclicBarrier(requests);
        Async.run(() -> Async.forEach(
                IntStream.range(0, requests).boxed().toList(),
                _ -> http.get(peer.url("/")).send(response -> {
                    all.await();
                    return response.text();
                })));
    }

    @Test
    void the_connection_that_was_used_last_is_used_next() throws Exception {
        try (Peer peer = numbering();
                HttpSession http = open(10, LONG)) {
            together(http, peer, 5);
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 5, 5));

            String first = http.get(peer.url("/")).text();
            for (int i = 0; i < 10; i++) {
                assertThat(http.get(peer.url("/")).text()).isEqualTo(first);
            }
            together(http, peer, 5);

            assertThat(peer.connections()).isEqualTo(5);
        }
    }

    @Test
    void one_in_use_counts_and_is_not_idle() throws Exception {
        try (Peer peer = numbering();
                HttpSession http = open(10, LONG)) {
            http.get(peer.url("/")).send(_ -> {
                assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(1, 0, 1, 0));
                return null;
            });
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
        }
    }

    @Test
    void a_connection_belongs_to_one_origin() throws Exception {
        try (Peer one = numbering();
                Peer two = numbering();
                HttpSession http = open(10, LONG)) {
            for (int i = 0; i < 3; i++) {
                http.get(one.url("/")).text();
                http.get(two.url("/")).text();
            }
            assertThat(List.of(one.connections(), two.connections())).containsExactly(1, 1);
        }
    }

    @Test
    void of_more_than_the_limit_the_oldest_is_closed() throws Exception {
        try (Peer oldest = numbering();
                Peer older = numbering();
                Peer newest = numbering();
                HttpSession http = open(2, LONG)) {
            http.get(older.url("/")).text();
            http.get(oldest.url("/")).text();
            http.get(older.url("/")).text();
            http.get(newest.url("/")).text();

            Until.isTrue("the oldest is closed", () -> oldest.open() == 0);
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 2, 2));
            http.get(older.url("/")).text();
            http.get(newest.url("/")).text();
            assertThat(List.of(older.connections(), newest.connections())).containsExactly(1, 1);
        }
    }

    @Test
    void what_nobody_has_used_for_the_time_of_the_options_is_closed() throws Exception {
        try (Peer peer = numbering();
                HttpSession http = open(10, Duration.ofMillis(20))) {
            together(http, peer, 3);
            Until.isTrue("all are closed", () -> peer.open() == 0);
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 0, 0));

            http.get(peer.url("/")).text();
            Until.isTrue("the next one is closed too", () -> peer.open() == 0);
            assertThat(peer.connections()).isEqualTo(4);
        }
    }

    @Test
    void any_time_may_be_given() throws Exception {
        for (Duration kept : List.of(Duration.ofNanos(1), Duration.ofSeconds(Long.MAX_VALUE))) {
            try (Peer peer = numbering();
                    HttpSession http = open(10, kept)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(http.get(peer.url("/")).text()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void a_connection_that_the_server_has_closed_is_replaced() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.answer(Integer.toString(talk.number));
                });
                HttpSession http = open(10, LONG)) {
            for (int i = 1; i <= 5; i++) {
                assertThat(http.get(peer.url("/")).text()).isEqualTo(Integer.toString(i));
                Until.isTrue("it is closed", () -> peer.open() == 0);
            }
            assertThat(http.statistics().connections()).isEqualTo(1);
        }
    }

    @Test
    void after_two_stale_connections_the_others_to_that_origin_are_not_trusted_either() throws Exception {
        AtomicBoolean restarted = new AtomicBoolean();
        try (Peer peer = new Peer(talk -> {
                    while (talk.head() != null && (talk.number > 5 || !restarted.get())) {
                        talk.answer(Integer.toString(talk.number));
                    }
                });
                Peer other = numbering();
                HttpSession http = open(10, LONG)) {
            together(http, peer, 5);
            http.get(other.url("/")).text();
            restarted.set(true);

            assertThat(http.get(peer.url("/")).text()).isEqualTo("6");

            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 2, 2));
            http.get(other.url("/")).text();
            assertThat(other.connections()).isEqualTo(1);
        }
    }

    @Test
    void one_that_may_not_be_used_again_is_given_up() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
                });
                HttpSession http = open(10, LONG)) {
            http.get(peer.url("/")).text();
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 0, 0));
        }
    }

    @Test
    void a_closed_session_keeps_nothing() throws Exception {
        try (Peer peer = numbering()) {
            HttpSession http = open(10, LONG);
            together(http, peer, 3);
            http.get(peer.url("/")).send(response -> {
                http.close();
                return null;
            });
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 0, 0));
            Until.isTrue("all are closed", () -> peer.open() == 0);
        }
    }
}
