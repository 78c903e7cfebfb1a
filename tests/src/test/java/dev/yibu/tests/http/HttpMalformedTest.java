package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpContentException;
import dev.yibu.http.HttpException;
import dev.yibu.http.HttpRefusedException;
import dev.yibu.http.HttpRefusedException.Rule;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpStatusException;
import dev.yibu.http.HttpTransferException;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Site;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that break off, make no sense, or are too much. */
class HttpMalformedTest extends HttpCase {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    static Stream<Arguments> malformed() {
        return Stream.of(
                broken("nothing", ""),
                broken("half a status line", "HTTP/1.1 2"),
                broken("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
                broken("a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"),
                broken("a status of two digits", "HTTP/1.1 20\r\n\r\n"),
                broken("an unknown version", "HTTP/7.3 200 OK\r\n\r\n"),
                broken("half of the headers", OK + "Content-Length: 4\r\nX-Fil"),
                broken("a body that breaks off", OK + "Content-Length: 10\r\n\r\nabcd"),
                broken("a body that does not begin", OK + "Content-Length: 10\r\n\r\n"),
                broken("two lengths", OK + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
                broken("a negative length", OK + "Content-Length: -4\r\n\r\nabcd"),
                broken("a length that is no number", OK + "Content-Length: four\r\n\r\nabcd"),
                broken("a chunk that breaks off", OK + "Transfer-Encoding: chunked\r\n\r\n9\r\nabcd"),
                broken("no last chunk", OK + "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n"),
                broken(
                        "a size of a chunk that is no number",
                        OK + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabcd\r\n0\r\n\r\n"),
                broken("a negative chunk", OK + "Transfer-Encoding: chunked\r\n\r\n-4\r\nabcd\r\n0\r\n\r\n"),
                broken(
                        "a chunk as long as a long can be",
                        OK + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabcd"));
    }

    private static Arguments broken(String name, String answer) {
        return argumentSet(name, sending(answer));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void a_broken_answer_is_an_error_of_the_transfer(ScriptedServer.Script script) throws Exception {
        ScriptedServer server = server(script);
        HttpSession session = session();
        String url = server.url("/broken");

        assertClear(thrownBy(() -> session.get(url).text()), HttpTransferException.class, url, "answer");
        assertClear(thrownBy(() -> session.post(url).text()), HttpTransferException.class, url, "answer");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    static Stream<Arguments> suspicious() {
        return Stream.of(
                broken("a chunk longer than it says", OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n"),
                broken("a header without a colon", OK + "Content-Length 4\r\n\r\nabcd"),
                broken("a header without a name", OK + ": 4\r\nContent-Length: 4\r\n\r\nabcd"));
    }

    /** Clients differ in what they make of these; that nothing hangs, leaks or spoils what follows is what counts. */
    @ParameterizedTest
    @MethodSource("suspicious")
    void a_suspicious_answer_does_no_harm(ScriptedServer.Script script) throws Exception {
        ScriptedServer server = server(script);
        HttpSession session = session();

        try {
            session.get(server.url("/odd")).text();
        } catch (HttpException e) {
            assertThat(e).hasMessageContaining(server.url("/odd"));
        }

        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void endless_headers_are_cut_off() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send(OK);
            byte[] header = ("X-Filler: " + "a".repeat(1000) + "\r\n").getBytes();
            while (true) {
                connection.send(header);
            }
        });
        HttpSession session = session();
        String url = server.url("/endless");

        assertClear(thrownBy(() -> session.get(url).text()), HttpTransferException.class, url, "no answer");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_body_longer_than_wanted_is_refused_before_it_is_read() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send(OK + "Content-Length: 1000000000000\r\n\r\n");
            connection.awaitEnd();
        });
        HttpSession session = session();
        String url = server.url("/huge");

        Throwable thrown = thrownBy(() -> session.get(url).bytes());

        assertRefused(thrown, Rule.BODY_TOO_LARGE, url);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_body_without_end_is_cut_off_where_it_gets_too_long() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send(OK + "Connection: close\r\n\r\n");
            while (true) {
                connection.send(new byte[64 * 1024]);
            }
        });
        HttpSession session = session();
        String url = server.url("/endless");

        assertRefused(thrownBy(() -> session.get(url).maxBody(1_000_000).bytes()), Rule.BODY_TOO_LARGE, url);
        assertRefused(
                thrownBy(() -> session.get(url)
                        .maxBody(1_000_000)
                        .send(response -> response.body().transferTo(OutputStream.nullOutputStream()))),
                Rule.BODY_TOO_LARGE,
                url);
        assertRefused(thrownBy(() -> session.get(url).bytes()), Rule.BODY_TOO_LARGE, url);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void a_compression_bomb_is_refused_whoever_reads_it() throws Exception {
        byte[] bomb = Site.gzip(200 << 20);
        assertThat(bomb.length).isLessThan(300_000);
        ScriptedServer server = server(connection -> {
            connection.send(OK + "Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n");
            connection.send(bomb);
            connection.awaitEnd();
        });
        HttpSession session = session();
        String url = server.url("/bomb");

        assertRefused(thrownBy(() -> session.get(url).bytes()), Rule.COMPRESSION_BOMB, url);
        assertRefused(
                thrownBy(() ->
                        session.get(url).send(response -> response.body().transferTo(OutputStream.nullOutputStream()))),
                Rule.COMPRESSION_BOMB,
                url);
        assertThat((int) session.get(url).send(response -> response.status()))
                .as("nobody reads it")
                .isEqualTo(200);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void broken_compression_is_an_error_of_the_content() throws Exception {
        byte[] whole = Site.gzip(10_000);
        byte[] flipped = whole.clone();
        flipped[flipped.length - 6] ^= 1; // in the checksum
        byte[][] bodies = {"no gzip at all".getBytes(), Arrays.copyOf(whole, whole.length - 9), flipped};
        for (byte[] body : bodies) {
            ScriptedServer server = server(connection -> {
                connection.send(OK + "Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length
                        + "\r\n\r\n");
                connection.send(body);
            });
            HttpSession session = session();
            String url = server.url("/broken");

            assertClear(thrownBy(() -> session.get(url).bytes()), HttpContentException.class, url, "compressed body");
            assertThatTheNextCallWorks(session, server.url("/hello"));
        }
    }

    @Test
    void redirects_in_a_circle_come_to_an_end() throws Exception {
        ScriptedServer server = server(
                sending("HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        HttpSession session = session();
        String url = server.url("/round");

        assertRefused(thrownBy(() -> session.get(url).text()), Rule.TOO_MANY_REDIRECTS, url);
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    @Test
    void an_answer_that_comes_before_the_body_was_read_is_the_answer() throws Exception {
        ScriptedServer server = server(connection -> {
            connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            connection.awaitEnd();
        });
        HttpSession session = session();

        Throwable thrown = thrownBy(() -> session.post(server.url("/upload"))
                .body(HttpBody.of(new byte[100_000], "application/octet-stream"))
                .text());

        assertThat(thrown).isInstanceOf(HttpStatusException.class).hasMessageContaining("413");
        assertThatTheNextCallWorks(session, server.url("/hello"));
    }

    private static void assertRefused(Throwable thrown, Rule rule, String url) {
        assertThat(thrown).isInstanceOf(HttpRefusedException.class).hasMessageContaining(url);
        assertThat(((HttpRefusedException) thrown).rule()).isEqualTo(rule);
    }
}
