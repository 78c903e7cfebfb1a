package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.yibu.Async;
import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpSession;
import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.Connection.Request;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Sockets;
import dev.yibu.tests.servers.Until;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Servers that send more than an answer. What is too much must never be the answer, or a part of the answer, to the next
 * request; a connection on which nothing of that kind happens is used again.
 */
class HttpSurplusTest extends HttpCase {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String EVIL = OK + "Content-Length: 4\r\n\r\nevil";

    private static final List<String> ANSWERS = List.of(
            OK + "Content-Length: 5\r\n\r\nfirst",
            OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n3;x=y\r\nrst\r\n0\r\n\r\n",
            OK + "Transfer-Encoding: chunked\r\n\r\n05\r\nfirst\r\n0\r\nTrailer: 1\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK
                    + "Content-Length: 5\r\n\r\nfirst",
            "HTTP/1.1 200 OK\nContent-Length: 5\n\nfirst");

    private static final List<String> SURPLUS = List.of(EVIL, "\r\n", "evil", OK + "X-Evil: ");

    static Stream<Arguments> surplus() {
        return Stream.of(false, true)
                .flatMap(secure -> Stream.concat(
                        ANSWERS.stream().map(answer -> argumentSet(name(secure, answer), secure, answer, EVIL)),
                        SURPLUS.stream()
                                .map(more -> argumentSet(name(secure, more), secure, ANSWERS.getFirst(), more))));
    }

    private static String name(boolean secure, String text) {
        return (secure ? "TLS " : "") + text.replace("\r", "\\r").replace("\n", "\\n");
    }

    private ScriptedServer start(boolean secure, ScriptedServer.Script script) {
        return closing(secure ? ScriptedServer.startSecure(script) : ScriptedServer.start(script));
    }

    private interface Answering {
        void to(Request request) throws Exception;
    }

    /** Answers "/hello" as it should. */
    private static void serve(Connection connection, Answering others) throws Exception {
        for (Request request = connection.readHead(); request != null; request = connection.readHead()) {
            connection.skipBody(request);
            if (request.target().equals("/hello")) {
                connection.answer("hello");
            } else {
                others.to(request);
            }
        }
    }

    private static void assertThatNothingIsTakenFor(HttpSession session, ScriptedServer server) throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThatTheNextCallWorks(session, server.url("/hello"));
            assertThat(session.post(server.url("/hello"))
                            .body(HttpBody.of("question").once())
                            .text())
                    .isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("surplus")
    void what_comes_along_with_an_answer_is_no_part_of_the_next(boolean secure, String answer, String surplus)
            throws Exception {
        ScriptedServer server = start(secure, connection -> serve(connection, _ -> connection.send(answer + surplus)));
        HttpSession session = session();

        assertThat(session.get(server.url("/first")).text()).isEqualTo("first");

        assertThatNothingIsTakenFor(session, server);
        assertThat(server.accepted()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("surplus")
    void what_comes_after_an_answer_is_no_part_of_the_next(boolean secure, String answer, String surplus)
            throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        ScriptedServer server = start(
                secure,
                connection -> serve(connection, _ -> {
                    connection.send(answer);
                    more.await();
                    connection.send(surplus);
                }));
        HttpSession session = session();
        assertThat(session.get(server.url("/first")).text()).isEqualTo("first");

        more.countDown();
        Until.isTrue("it has arrived", () -> Sockets.haveUnreadFrom(server.port()));

        assertThatNothingIsTakenFor(session, server);
        assertThat(server.accepted()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_body_where_there_can_be_none_is_no_part_of_the_next_answer(boolean secure) throws Exception {
        ScriptedServer server = start(
                secure,
                connection -> serve(connection, request -> {
                    switch (request.target()) {
                        case "/204" -> connection.send("HTTP/1.1 204 No Content\r\n\r\n" + EVIL);
                        case "/304" -> connection.send("HTTP/1.1 304 Not Modified\r\n\r\n" + EVIL);
                        default -> connection.send(OK + "Content-Length: 5\r\n\r\nhello");
                    }
                }));
        HttpSession session = session();

        assertThat(session.head(server.url("/first")).fetch().status()).isEqualTo(200);
        assertThatNothingIsTakenFor(session, server);
        assertThat(session.get(server.url("/204")).fetch().status()).isEqualTo(204);
        assertThatNothingIsTakenFor(session, server);
        assertThat(session.get(server.url("/304")).fetch().status()).isEqualTo(304);
        assertThatNothingIsTakenFor(session, server);
        assertThat(server.accepted()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_connection_without_surplus_is_used_again_whatever_the_answers_look_like(boolean secure) throws Exception {
        String headers = "X-Long: " + "a".repeat(20_000) + "\r\n";
        String body = "0123456789abcdef".repeat(10_000);
        List<String> answers = Stream.concat(
                        ANSWERS.stream(),
                        Stream.of(
                                OK + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body,
                                OK + headers + "Transfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n"
                                        + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n",
                                OK + "Content-Length: 0\r\n\r\n",
                                OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                "HTTP/1.1 204 No Content\r\n\r\n"))
                .toList();
        ScriptedServer server = start(
                secure,
                connection -> serve(connection, request -> {
                    String answer =
                            answers.get(Integer.parseInt(request.target().substring(1)));
                    int cut = answer.length() / 3; // in any part of it
                    connection.send(answer.substring(0, cut));
                    connection.send(answer.substring(cut, 2 * cut));
                    connection.send(answer.substring(2 * cut));
                }));
        HttpSession session = session();

        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < answers.size(); i++) {
                String text = session.get(server.url("/" + i)).text();
                assertThat(text.isEmpty() || text.equals("first") || text.endsWith(body))
                        .isTrue();
                assertThatTheNextCallWorks(session, server.url("/hello"));
            }
        }
        assertThat(server.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_client_underneath_is_protected_too(boolean secure) throws Exception {
        ScriptedServer server =
                start(secure, connection -> serve(connection, _ -> connection.send(ANSWERS.getFirst() + EVIL)));
        HttpSession session = session();
        OkHttpClient client = session.unwrap(OkHttpClient.class);
        okhttp3.Request first =
                new okhttp3.Request.Builder().url(server.url("/first")).build();

        for (int i = 0; i < 3; i++) {
            try (okhttp3.Response response = client.newCall(first).execute()) {
                assertThat(response.body().string()).isEqualTo("first");
            }
            assertThat(Async.timeout(
                            DEADLINE, () -> session.get(server.url("/hello")).text()))
                    .isEqualTo("hello");
        }
    }
}
