package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListenerTest {
    private final List<HttpEvent> events = new CopyOnWriteArrayList<>();
    private final HttpOptions traced = HttpOptions.DEFAULT.withListener(events::add);

    private List<String> kinds() {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }

    @Test
    void each_step_is_told_in_order_with_the_time_it_took() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open(traced)) {
            server.text("/", "hello");
            http.post(server.url("/?secret=1")).body(HttpBody.of("abc")).text();
            http.get(server.url("/")).text();

            assertThat(kinds())
                    .containsExactly(
                            "Queued",
                            "Connected",
                            "Sent",
                            "FirstByte",
                            "Done",
                            "Queued",
                            "Connected",
                            "Sent",
                            "FirstByte",
                            "Done");
            assertThat(events.stream().map(event -> event.id().number()).distinct())
                    .containsExactly(1L, 2L);
            assertThat(events.getFirst().id().url()).isEqualTo(server.url("/"));
            assertThat(events.subList(0, 5))
                    .isSortedAccordingTo((a, b) -> a.elapsed().compareTo(b.elapsed()));
            assertThat(events.get(1)).isInstanceOfSatisfying(HttpEvent.Connected.class, connected -> {
                assertThat(connected.reused()).isFalse();
                assertThat(connected.protocol()).isEqualTo("http/1.1");
                assertThat(connected.address()).contains(":" + server.port());
            });
            assertThat(((HttpEvent.Connected) events.get(6)).reused()).isTrue();
            assertThat(((HttpEvent.Sent) events.get(2)).bodyBytes()).isEqualTo(3);
            assertThat(events.get(4)).isInstanceOfSatisfying(HttpEvent.Done.class, done -> {
                assertThat(done.status()).isEqualTo(200);
                assertThat(done.bodyBytes()).isEqualTo(5);
            });
        }
    }

    @Test
    void failures_and_cancellations_are_told() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    if (talk.head().contains("/reset")) {
                        talk.reset();
                    }
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(traced)) {
            assertThatThrownBy(() -> http.get(peer.url("/reset")).text());
            assertThat(((HttpEvent.Failed) events.getLast()).failure()).isInstanceOf(HttpTransferException.class);

            Async.moveOnAfter(Duration.ofMillis(50), () -> {
                http.get(peer.url("/hang")).text();
            });
            assertThat(((HttpEvent.Failed) events.getLast()).failure()).isInstanceOf(Cancelled.class);
        }
    }

    @Test
    void a_listener_that_throws_hurts_nobody() throws Exception {
        HttpOptions options = HttpOptions.DEFAULT
                .withListener(_ -> {
                    throw new IllegalStateException("a listener's own");
                })
                .withListener(events::add);
        try (Server server = new Server();
                HttpSession http = HttpSession.open(options)) {
            server.text("/", "hello");
            assertThat(http.get(server.url("/")).text()).isEqualTo("hello");
            assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
        }
        assertThat(kinds()).containsExactly("Queued", "Connected", "Sent", "FirstByte", "Done");
    }
}
