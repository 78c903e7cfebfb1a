package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.TimeoutException;
import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpException;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTransferException;
import dev.yibu.http.HttpVersion;
import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Until;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers of HTTP/2 that refuse, break off, or say good-bye, frame by frame. */
class Http2FramesTest extends HttpCase {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INTERNAL_ERROR = 2;
    private static final int REFUSED_STREAM = 7;
    private static final int CANCEL = 8;
    private static final int PREFACE = 24;

    /** An entry of the static table of HPACK: status 200. */
    private static final byte[] STATUS_200 = {(byte) 0x88};

    /** The same, and a field whose name is in the table. */
    private static final byte[] STATUS_200_LENGTH_10 = {(byte) 0x88, 0x0f, 0x0d, 2, '1', '0'};

    private static final byte[] STATUS_304_LENGTH_10 = {(byte) 0x8b, 0x0f, 0x0d, 2, '1', '0'};

    private record Frame(int type, int flags, int stream, byte[] payload) {
        boolean isEnd() {
            return (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0;
        }
    }

    /** What the server does when a request has come to its end. */
    private interface Reaction {
        void to(Wire wire, int stream, int number) throws Exception;
    }

    /** The server's end of a connection. */
    private static final class Wire {
        private final Connection connection;

        Wire(Connection connection) {
            this.connection = connection;
        }

        Frame read() throws IOException {
            ByteBuffer head = ByteBuffer.wrap(connection.read(9));
            int lengthAndType = head.getInt();
            int flags = head.get();
            int stream = head.getInt() & Integer.MAX_VALUE;
            return new Frame(lengthAndType & 255, flags, stream, connection.read(lengthAndType >>> 8));
        }

        void send(int type, int flags, int stream, byte[] payload) throws IOException {
            connection.send(ByteBuffer.allocate(9 + payload.length)
                    .putInt(payload.length << 8 | type)
                    .put((byte) flags)
                    .putInt(stream)
                    .put(payload)
                    .array());
        }

        void answer(int stream, String body) throws IOException {
            send(HEADERS, END_HEADERS, stream, STATUS_200);
            send(DATA, END_STREAM, stream, body.getBytes());
        }

        void reset(int stream, int code) throws IOException {
            send(RST_STREAM, 0, stream, number(code));
        }

        void goAway(int lastStream) throws IOException {
            send(
                    GOAWAY,
                    0,
                    0,
                    ByteBuffer.allocate(8).putInt(lastStream).putInt(0).array());
        }

        private static byte[] number(int number) {
            return ByteBuffer.allocate(4).putInt(number).array();
        }
    }

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();

    private ScriptedServer http2(Reaction reaction) {
        return closing(ScriptedServer.start(connection -> {
            Wire wire = new Wire(connection);
            connection.read(PREFACE);
            wire.send(SETTINGS, 0, 0, new byte[0]);
            while (true) {
                Frame frame = wire.read();
                if (frame.isEnd()) {
                    reaction.to(wire, frame.stream, requests.incrementAndGet());
                } else if (frame.type == SETTINGS && frame.flags == 0) {
                    wire.send(SETTINGS, ACK, 0, new byte[0]);
                } else if (frame.type == PING && frame.flags == 0) {
                    wire.send(PING, ACK, 0, frame.payload);
                } else if (frame.type == RST_STREAM && frame.payload[3] == CANCEL) {
                    cancelled.incrementAndGet();
                }
            }
        }));
    }

    private HttpSession cleartext() {
        return session(OPTIONS.withVersion(HttpVersion.HTTP_2_CLEARTEXT));
    }

    @Test
    void a_refused_stream_was_not_looked_at_and_is_sent_again() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number % 2 == 1) {
                wire.reset(stream, REFUSED_STREAM);
            } else {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        for (int i = 0; i < 4; i++) {
            assertThat(session.post(server.url("/"))
                            .body(HttpBody.of("question"))
                            .text())
                    .isEqualTo("hello");
        }
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_server_that_refuses_everything_is_not_asked_for_ever() throws Exception {
        ScriptedServer server = http2((wire, stream, _) -> wire.reset(stream, REFUSED_STREAM));
        HttpSession session = cleartext();

        assertClear(
                thrownBy(() -> session.get(server.url("/")).text()),
                HttpTransferException.class,
                server.url("/"),
                "REFUSED_STREAM");
        assertThat(requests.get()).isBetween(2, 5);
        assertThatAllPlacesAreFree(session);
    }

    @Test
    void what_a_good_bye_excludes_is_sent_again_on_another_connection() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number == 1) {
                wire.goAway(0);
            } else {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        assertThat(session.post(server.url("/")).body(HttpBody.of("question")).text())
                .isEqualTo("hello");
        assertThat(server.accepted()).isEqualTo(2);
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void what_a_good_bye_includes_is_answered() throws Exception {
        ScriptedServer server = http2((wire, stream, _) -> {
            wire.goAway(stream);
            wire.answer(stream, "hello");
        });
        HttpSession session = cleartext();

        for (int i = 0; i < 3; i++) {
            assertThat(session.post(server.url("/"))
                            .body(HttpBody.of("question"))
                            .text())
                    .isEqualTo("hello");
        }
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_stream_that_breaks_is_an_error_and_the_connection_lives_on() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number == 1) {
                wire.send(HEADERS, END_HEADERS, stream, STATUS_200);
                wire.send(DATA, 0, stream, "hel".getBytes());
                wire.reset(stream, INTERNAL_ERROR);
            } else {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        assertClear(
                thrownBy(() -> session.post(server.url("/")).text()),
                HttpTransferException.class,
                server.url("/"),
                "INTERNAL_ERROR");
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_body_shorter_than_it_says_has_broken_off() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number == 1) {
                wire.send(HEADERS, END_HEADERS, stream, STATUS_200_LENGTH_10);
                wire.send(DATA, END_STREAM, stream, "hello".getBytes());
            } else {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        assertClear(
                thrownBy(() -> session.get(server.url("/")).text()),
                HttpTransferException.class,
                server.url("/"),
                "broke off");
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_status_without_a_body_may_tell_the_length_of_another_answer() throws Exception {
        ScriptedServer server =
                http2((wire, stream, _) -> wire.send(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_304_LENGTH_10));
        HttpSession session = cleartext();

        assertThat(session.get(server.url("/")).fetch().status()).isEqualTo(304);
        assertThat(session.get(server.url("/")).fetch().bytes()).isEmpty();
        assertThat(session.head(server.url("/")).fetch().bytes()).isEmpty();
        assertThat(server.accepted()).isEqualTo(1);
    }

    @Test
    void a_connection_that_breaks_fails_all_its_streams_and_the_next_call_works() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number == 5) {
                wire.connection.reset();
            } else if (number > 5) {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        var outcomes = Async.run(() -> Async.gatherOutcomes(
                Collections.nCopies(5, server.url("/")),
                url -> session.post(url).body(HttpBody.of("question")).text()));

        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.toString()).contains("HttpTransferException"));
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_frame_that_makes_no_sense_is_an_error() throws Exception {
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number == 1) {
                wire.send(HEADERS, END_HEADERS, stream, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 1});
            } else {
                wire.answer(stream, "hello");
            }
        });
        HttpSession session = cleartext();

        Throwable thrown = thrownBy(() -> session.post(server.url("/")).text());

        assertThat(thrown).isInstanceOf(HttpException.class).hasMessageContaining(server.url("/"));
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    @Test
    void a_server_of_http_1_is_no_server_of_http_2() throws Exception {
        ScriptedServer server = server(sending("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
        HttpSession session = cleartext();

        Throwable thrown = thrownBy(() -> session.get(server.url("/")).text());

        assertThat(thrown).isInstanceOf(HttpException.class).hasMessageContaining(server.url("/"));
        assertThatAllPlacesAreFree(session);
    }

    @Test
    void a_cancelled_stream_is_reset_and_disturbs_no_other() throws Exception {
        AtomicInteger silent = new AtomicInteger();
        ScriptedServer server = http2((wire, stream, number) -> {
            if (number % 2 == 0) {
                wire.answer(stream, "hello");
            } else {
                silent.incrementAndGet();
            }
        });
        HttpSession session = cleartext();

        for (int i = 1; i <= 5; i++) {
            Throwable thrown = thrownBy(() -> Async.timeout(
                    Duration.ofMillis(100), () -> session.get(server.url("/")).text()));
            assertThat(thrown).isInstanceOf(TimeoutException.class);
            assertThatTheNextCallWorks(session, server.url("/"));
        }
        Until.isTrue("the server hears of it", () -> cancelled.get() == silent.get());
        assertThat(server.accepted()).isEqualTo(1);
    }

    @Test
    void many_requests_at_once_share_the_connection_that_the_first_one_makes() throws Exception {
        ScriptedServer server = http2((wire, stream, _) -> wire.answer(stream, "hello"));
        HttpSession session = cleartext();

        Async.run(() -> Async.forEach(
                Collections.nCopies(50, server.url("/")),
                url -> assertThat(session.get(url).text()).isEqualTo("hello")));

        assertThat(server.accepted()).isEqualTo(1);
        assertThatTheNextCallWorks(session, server.url("/"));
    }

    /** The first one's failure is not the others': one of them connects next. */
    @Test
    void a_first_request_that_is_cancelled_hands_on_to_the_next() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        AtomicInteger connections = new AtomicInteger();
        ScriptedServer silent = closing(ScriptedServer.start(connection -> {
            if (connections.incrementAndGet() == 1) {
                first.countDown();
            }
            connection.awaitEnd(); // no handshake
        }));
        HttpSession session = session();
        String url = "https://127.0.0.1:" + silent.port() + "/";

        Async.run(() -> {
            var scout = Async.createTask(() -> session.get(url).text());
            first.await();
            var next = Async.createTask(() -> session.get(url).text());
            Until.isTrue("both are under way", () -> session.statistics().underWay() == 2);
            scout.cancel();
            Until.isTrue("the next connects", () -> connections.get() == 2);
            next.cancel();
        });
        assertThatAllPlacesAreFree(session);
    }
}
