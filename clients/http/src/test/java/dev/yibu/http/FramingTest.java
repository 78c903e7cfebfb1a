package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where an answer ends, and whether another can follow it on the same connection. */
@Timeout(60)
class FramingTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String LENGTH = "Content-Length: 4\r\n\r\nabcd";

    /** Answers "/odd" as it is told to, and everything else as it should. */
    private static Peer peer(String odd) throws Exception {
        return new Peer(talk -> {
            for (String head = talk.head(); head != null; head = talk.head()) {
                if (head.contains("/odd")) {
                    talk.send(odd);
                } else {
                    talk.answer("well");
                }
            }
        });
    }

    @Test
    void a_status_without_a_body_has_none_whatever_its_headers_say() throws Exception {
        for (String odd : List.of(
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 100000\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil")) {
            try (Peer peer = peer(odd);
                    HttpSession http = HttpSession.open()) {
                HttpResponse answer = http.get(peer.url("/odd")).fetch();
                assertThat(answer.status()).as(odd).isIn(204, 304);
                assertThat(answer.bytes()).as(odd).isEmpty();
                assertThat(http.get(peer.url("/odd")).<Integer, RuntimeException>send(HttpResponse::status))
                        .as(odd)
                        .isIn(204, 304);
                assertThat(http.get(peer.url("/")).text()).as(odd).isEqualTo("well");
                assertThat(http.statistics().underWay()).isZero();
            }
        }
    }

    @Test
    void an_answer_of_which_nobody_knows_where_it_ends_is_an_error() throws Exception {
        String chunks = "\r\n4\r\nabcd\r\n0\r\n\r\n";
        for (String odd : List.of(
                OK + "Transfer-Encoding: gzip, chunked\r\n" + chunks,
                OK + "Transfer-Encoding: gzip, chunked\r\n" + LENGTH,
                OK + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n" + chunks,
                OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" + LENGTH,
                OK + "Transfer-Encoding: chunked, chunked\r\n" + chunks,
                OK + "Content-Length: +4\r\n\r\nabcd",
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
                "HTTP/1.1 -10 OK\r\n" + LENGTH)) {
            try (Peer peer = peer(odd);
                    HttpSession http = HttpSession.open()) {
                assertThatThrownBy(() -> http.get(peer.url("/odd?secret")).text())
                        .as(odd)
                        .isInstanceOf(HttpTransferException.class)
                        .hasMessageStartingWith("GET " + peer.url("/odd") + ": the answer makes no sense: ");
                assertThat(http.get(peer.url("/")).text()).as(odd).isEqualTo("well");
                assertThat(peer.connections()).as(odd).isEqualTo(2);
            }
        }
    }

    /** They come to logs and screens, and some servers know that. */
    @Test
    void a_message_shows_little_of_what_a_server_sends_and_no_control_characters() throws Exception {
        String evil = "\u001b[2J\u0000\b\u00e2\u0080\u00ae\t" + "a".repeat(100_000);
        for (String odd : List.of(
                "evil" + evil + "\r\n" + LENGTH,
                "HTTP/1.1 2" + evil + "\r\n" + LENGTH,
                OK + "Content-Length: evil" + evil + "\r\n\r\n",
                OK + "Transfer-Encoding: evil" + evil + "\r\n\r\n",
                OK + "Content-Encoding: evil" + evil + "\r\n" + LENGTH,
                OK + "Content-Type: text/plain; charset=\"evil" + evil + "\"\r\n" + LENGTH,
                OK + "Transfer-Encoding: chunked\r\n\r\nevil" + evil.substring(0, 9_000) + "\r\n",
                "HTTP/1.1 302 Found\r\nLocation: /odd/evil" + evil + "\r\nContent-Length: 0\r\n\r\n")) {
            try (Peer peer = peer(odd);
                    HttpSession http = HttpSession.open()) {
                Throwable thrown =
                        catchThrowable(() -> http.get(peer.url("/odd")).text());
                assertThat(thrown).as(odd.substring(0, 60)).isInstanceOf(HttpException.class);
                for (Throwable said = thrown; said != null; said = said.getCause()) {
                    assertThat(String.valueOf(said.getMessage()))
                            .as(odd.substring(0, 60))
                            .hasSizeLessThan(2_000)
                            .matches("\\P{C}*"); // nothing but visible characters, on one line
                }
            }
        }
    }

    @Test
    void the_coding_that_is_none_and_the_length_beside_chunks_do_no_harm() throws Exception {
        for (String odd : List.of(
                OK + "Transfer-Encoding: identity\r\n" + LENGTH,
                OK + "Transfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")) {
            try (Peer peer = peer(odd);
                    HttpSession http = HttpSession.open()) {
                assertThat(http.get(peer.url("/odd")).text()).as(odd).isEqualTo("abcd");
                assertThat(http.get(peer.url("/")).text()).as(odd).isEqualTo("well");
                assertThat(peer.connections()).as(odd).isEqualTo(1);
            }
        }
    }

    /** Else a POST would meet its end, and could not be repeated. */
    @Test
    void a_connection_that_the_server_is_going_to_close_is_not_used_again() throws Exception {
        for (String last : List.of(
                "HTTP/1.0 200 OK\r\n" + LENGTH,
                OK + "Connection: TE, Close\r\n" + LENGTH,
                OK + "Connection: close\r\nConnection: TE\r\n" + LENGTH)) {
            try (Peer peer = new Peer(talk -> {
                        talk.head();
                        talk.send(last);
                    });
                    HttpSession http = HttpSession.open()) {
                for (int i = 0; i < 3; i++) {
                    assertThat(http.post(peer.url("/")).text()).as(last).isEqualTo("abcd");
                }
            }
        }
    }

    @Test
    void an_old_server_that_keeps_a_connection_is_asked_over_it_again() throws Exception {
        try (Peer peer = peer("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + LENGTH);
                HttpSession http = HttpSession.open()) {
            for (int i = 0; i < 3; i++) {
                assertThat(http.post(peer.url("/odd")).text()).isEqualTo("abcd");
            }
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void lines_between_chunks_come_to_an_end() throws Exception {
        for (String start : List.of("5;", "5;", "0", "5\r\nhello")) {
            byte[] endless = new byte[64 * 1024];
            Arrays.fill(endless, (byte) (start.equals("0") ? '0' : 'a'));
            try (Peer peer = new Peer(talk -> {
                        talk.head();
                        talk.send(OK + "Transfer-Encoding: chunked\r\n\r\n" + start);
                        for (; ; ) {
                            talk.send(endless);
                        }
                    });
                    HttpSession http = HttpSession.open(HttpOptions.DEFAULT.withTimeouts(
                            HttpTimeouts.DEFAULT.withBetweenBytes(Duration.ofDays(1))))) {
                assertThatThrownBy(() -> http.get(peer.url("/")).text())
                        .as(start)
                        .isInstanceOf(HttpTransferException.class)
                        .hasMessageContaining("between two chunks");
            }
        }
    }

    @Test
    void many_chunks_with_extensions_are_no_long_line() throws Exception {
        String chunk = "000000001;name=" + "v".repeat(500) + "\r\na\r\n";
        try (Peer peer = peer(OK + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(300) + "0\r\nTrailer: "
                        + "t".repeat(20_000) + "\r\n\r\n");
                HttpSession http = HttpSession.open()) {
            assertThat(http.get(peer.url("/odd")).text()).isEqualTo("a".repeat(300));
            assertThat(http.get(peer.url("/")).text()).isEqualTo("well");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }
}
