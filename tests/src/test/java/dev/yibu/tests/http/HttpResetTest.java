package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpConnectException;
import dev.yibu.http.HttpException;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTransferException;
import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Until;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that break, at each byte of a small exchange, and servers that go and come back. */
class HttpResetTest extends HttpCase {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";

    private enum End {
        ORDERLY,
        RESET
    }

    private void breaksAtEachByte(String answer, End end) throws Exception {
        byte[] bytes = answer.getBytes();
        HttpSession session = session();
        for (int n = 0; n < bytes.length; n++) {
            int length = n;
            ScriptedServer server = server(connection -> {
                connection.send(Arrays.copyOf(bytes, length));
                if (end == End.RESET) {
                    connection.reset();
                }
            });
            for (boolean post : new boolean[] {false, true}) {
                String url = server.url("/breaks/" + n);
                Throwable thrown = thrownBy(() -> post
                        ? session.post(url).body(HttpBody.of("question")).text()
                        : session.get(url).text());
                assertClear(thrown, HttpTransferException.class, url, "answer");
            }
            assertThatTheNextCallWorks(session, server.url("/hello"));
            server.close();
        }
    }

    @Test
    void an_end_at_each_byte_of_the_answer_is_an_error_and_never_half_an_answer() throws Exception {
        breaksAtEachByte(ANSWER, End.ORDERLY);
        breaksAtEachByte(CHUNKED, End.ORDERLY);
    }

    @Test
    void a_reset_at_each_byte_of_the_answer_is_an_error_and_never_half_an_answer() throws Exception {
        breaksAtEachByte(ANSWER, End.RESET);
        breaksAtEachByte(CHUNKED, End.RESET);
    }

    @Test
    void a_reset_at_each_byte_of_the_request_is_an_error() throws Exception {
        HttpSession session = session();
        String request = "POST /breaks HTTP/1.1";
        for (int n = 0; n <= request.length(); n++) {
            int length = n;
            ScriptedServer server = closing(ScriptedServer.start(connection -> {
                connection.read(length);
                connection.reset();
            }));
            String url = server.url("/breaks");

            Throwable thrown = thrownBy(
                    () -> session.post(url).body(HttpBody.of("question")).text());

            assertThat(thrown).isInstanceOf(HttpException.class).hasMessageContaining(url);
            assertThatAllPlacesAreFree(session);
            server.close();
        }
    }

    /** The server may close an idle connection at any time; a client that meets that has done nothing wrong. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_meets_a_stale_connection_is_sent_again_if_it_does_no_harm(boolean reset) throws Exception {
        ScriptedServer server = closing(ScriptedServer.start(connection -> {
            connection.readRequest();
            connection.answer("hello");
            connection.readHead(); // of the next request, which gets no answer
            if (reset) {
                connection.reset();
            }
        }));
        HttpSession session = session();

        for (int i = 0; i < 10; i++) {
            assertThat(session.get(server.url("/hello")).text()).isEqualTo("hello");
        }
        assertThat(thrownBy(() -> session.post(server.url("/hello"))
                        .body(HttpBody.of("question"))
                        .text()))
                .as("it may have been acted upon")
                .isInstanceOf(HttpTransferException.class);
        assertThat(session.post(server.url("/hello"))
                        .body(HttpBody.of("question"))
                        .text())
                .isEqualTo("hello");
        assertThatAllPlacesAreFree(session);
    }

    @Test
    void a_session_survives_a_restart_of_the_server() throws Exception {
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        Async.run(() -> Async.forEachConcurrent(
                Collections.nCopies(20, server.url("/hello")),
                5,
                url -> session.get(url).text()));

        server.stop();
        Throwable thrown = thrownBy(() -> session.get(server.url("/hello")).text());
        assertClear(thrown, HttpConnectException.class, server.url("/hello"), "refused");

        server.restart();
        assertThat(session.post(server.url("/hello")).text()).isEqualTo("hello");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_server_that_drops_all_its_connections_costs_no_get() throws Exception {
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        for (int round = 0; round < 10; round++) {
            Async.run(() -> Async.forEachConcurrent(
                    Collections.nCopies(20, server.url("/hello")),
                    5,
                    url -> assertThat(session.get(url).text()).isEqualTo("hello")));
            server.dropConnections();
        }
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void nobody_listens() throws Exception {
        ScriptedServer gone = ScriptedServer.start(Connection::awaitEnd);
        gone.close();
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();

        Throwable thrown = thrownBy(() -> session.get(gone.url("/")).text());

        assertClear(thrown, HttpConnectException.class, gone.url("/"), "refused");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_host_without_an_address() throws Exception {
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        String url = "http://no-such-host.invalid/";

        assertClear(thrownBy(() -> session.get(url).text()), HttpConnectException.class, url, "no address");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_session_that_is_closed_ends_what_is_under_way() throws Exception {
        ScriptedServer server = server(Connection::awaitEnd);
        HttpSession session = session();
        String url = server.url("/silent");

        Throwable thrown = thrownBy(() -> Async.gather(() -> session.get(url).text(), () -> {
            Until.isTrue("it is under way", () -> server.open() == 1);
            session.close();
            return "";
        }));

        assertClear(thrown, HttpTransferException.class, url, "closed");
        assertThat(thrownBy(() -> session.get(url).text())).isInstanceOf(IllegalStateException.class);
    }
}
