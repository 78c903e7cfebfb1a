package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
