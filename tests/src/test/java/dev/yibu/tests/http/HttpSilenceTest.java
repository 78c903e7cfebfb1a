package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.yibu.Async;
import dev.yibu.TimeoutException;
import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpRequest;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTimeoutException;
import dev.yibu.http.HttpTimeoutException.Phase;
import dev.yibu.http.HttpTimeouts;
import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.DeadHost;
import dev.yibu.tests.servers.ScriptedServer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that stop, or never begin, or take their time byte by byte. */
class HttpSilenceTest extends HttpCase {
    private static final Duration SOON = Duration.ofMillis(150);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration NONE = HttpTimeouts.NONE;
    private static final HttpTimeouts PATIENT = new HttpTimeouts(NONE, NONE, NONE, NONE);

    /** In one phase alone: a slow machine must not make another of it. */
    private static HttpTimeouts impatient(Phase phase) {
        return switch (phase) {
            case CONNECT -> PATIENT.withConnect(SOON);
            case FIRST_BYTE -> PATIENT.withFirstByte(SOON);
            case BETWEEN_BYTES -> PATIENT.withBetweenBytes(SOON);
            case TOTAL -> PATIENT.withTotal(SOON);
        };
    }

    private static final HttpBody LARGE = HttpBody.of(new byte[16 << 20], "application/octet-stream");

    private interface Sending {
        HttpRequest to(HttpSession session, String url);
    }

    private static final Sending GET = (session, url) -> session.get(url);
    private static final Sending UPLOAD = (session, url) -> session.post(url).body(LARGE);

    static Stream<Arguments> silences() {
        return Stream.of(
                argumentSet("no answer", Phase.FIRST_BYTE, GET, (ScriptedServer.Script) Connection::awaitEnd),
                argumentSet("half a status line", Phase.FIRST_BYTE, GET, sendingAndWaiting("HTTP/1.1 2")),
                argumentSet(
                        "half of the headers",
                        Phase.FIRST_BYTE,
                        GET,
                        sendingAndWaiting("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Fil")),
                argumentSet("headers byte by byte, without end", Phase.FIRST_BYTE, GET, (ScriptedServer.Script)
                        connection -> {
                            connection.send("HTTP/1.1 200 OK\r\n");
                            connection.drip("X-Filler: 1\r\n".getBytes(), PAUSE);
                        }),
                argumentSet(
                        "no body",
                        Phase.BETWEEN_BYTES,
                        GET,
                        sendingAndWaiting("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")),
                argumentSet(
                        "half a body",
                        Phase.BETWEEN_BYTES,
                        GET,
                        sendingAndWaiting("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")),
                argumentSet(
                        "half a chunk",
                        Phase.BETWEEN_BYTES,
                        GET,
                        sendingAndWaiting("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab")),
                argumentSet(
                        "a body without its last chunk",
                        Phase.BETWEEN_BYTES,
                        GET,
                        sendingAndWaiting("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")),
                argumentSet("a server that does not read", Phase.BETWEEN_BYTES, UPLOAD, (ScriptedServer.Script)
                        _ -> Thread.sleep(DEADLINE)));
    }

    @ParameterizedTest
    @MethodSource("silences")
    void a_time_out_ends_it_and_says_which(Phase phase, Sending sending, ScriptedServer.Script script)
            throws Exception {
        ScriptedServer server = server(script);
        HttpSession session = session();
        String url = server.url("/silent");

        Throwable thrown = thrownBy(
                () -> sending.to(session, url).timeouts(impatient(phase)).text());

        assertClear(thrown, HttpTimeoutException.class, url, "within 150 ms");
        assertThat(((HttpTimeoutException) thrown).phase()).isEqualTo(phase);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @ParameterizedTest
    @MethodSource("silences")
    void a_deadline_of_the_caller_ends_it(Phase phase, Sending sending, ScriptedServer.Script script) throws Exception {
        ScriptedServer server = server(script);
        HttpSession session = session();

        Throwable thrown = thrownBy(() -> Async.timeout(
                SOON,
                () -> sending.to(session, server.url("/silent"))
                        .timeouts(PATIENT)
                        .text()));

        assertThat(thrown).isInstanceOf(TimeoutException.class).hasMessageContaining("150 ms");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @ParameterizedTest
    @MethodSource("silences")
    void the_total_time_out_ends_it(Phase phase, Sending sending, ScriptedServer.Script script) throws Exception {
        ScriptedServer server = server(script);
        HttpSession session = session();
        String url = server.url("/silent");

        Throwable thrown = thrownBy(
                () -> sending.to(session, url).timeouts(PATIENT.withTotal(SOON)).text());

        assertClear(thrown, HttpTimeoutException.class, url, "not done within 150 ms");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_body_byte_by_byte_is_ended_by_the_total_time_out_alone() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            connection.drip(new byte[] {'a'}, PAUSE);
        });
        HttpSession session = session();
        String url = server.url("/loris");

        Throwable thrown = thrownBy(() -> session.get(url)
                .timeouts(PATIENT.withTotal(Duration.ofMillis(500)))
                .bytes());

        assertClear(thrown, HttpTimeoutException.class, url, "not done within 500 ms");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_dead_host_costs_the_time_to_connect() throws Exception {
        DeadHost host = closing(DeadHost.start());
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        String url = "http://127.0.0.1:" + host.port() + "/";

        Throwable thrown = thrownBy(
                () -> session.get(url).timeouts(impatient(Phase.CONNECT)).text());

        assertClear(thrown, HttpTimeoutException.class, url, "no connection within 150 ms");
        assertThat(((HttpTimeoutException) thrown).phase()).isEqualTo(Phase.CONNECT);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_silent_handshake_costs_the_time_to_connect() throws Exception {
        ScriptedServer silent = closing(ScriptedServer.start(Connection::awaitEnd));
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        String url = "https://127.0.0.1:" + silent.port() + "/";

        Throwable thrown = thrownBy(
                () -> session.get(url).timeouts(impatient(Phase.CONNECT)).text());

        assertClear(thrown, HttpTimeoutException.class, url, "no connection within 150 ms");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void between_bytes_is_measured_anew_at_each_byte() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n");
            for (int i = 0; i < 40; i++) {
                connection.send("a");
                Thread.sleep(Duration.ofMillis(25));
            }
        });

        assertThat(session()
                        .get(server.url("/slow"))
                        .timeouts(PATIENT.withBetweenBytes(Duration.ofMillis(800)))
                        .text())
                .hasSize(40);
    }
}
