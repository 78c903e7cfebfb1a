package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.http.HttpRefusedException.Rule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContentTest {
    private Server server;
    private HttpSession http;

    @BeforeEach
    void open() throws Exception {
        server = new Server();
        http = HttpSession.open(HttpOptions.DEFAULT.withLimits(HttpLimits.DEFAULT.withMaxInMemory(10_000_000)));
    }

    @AfterEach
    void close() {
        http.close();
        server.close();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String serve(String encoding, byte[] body, boolean chunked) {
        String path = "/" + System.nanoTime();
        server.on(path, exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", encoding);
            exchange.sendResponseHeaders(200, chunked ? 0 : body.length);
            exchange.getResponseBody().write(body);
        });
        return server.url(path);
    }

    private void isWhole() {
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void gzip_is_asked_for_and_undone() throws Exception {
        String url = serve("gzip", gzip(utf8("hello")), false);

        assertThat(http.get(url).text()).isEqualTo("hello");
        assertThat(server.seen.getLast().header("Accept-Encoding")).isEqualTo("gzip");
    }

    @Test
    void a_compressed_body_in_chunks_leaves_the_connection_whole() throws Exception {
        String url = serve("gzip", gzip(utf8("hello")), true);

        for (int i = 0; i < 5; i++) {
            assertThat(http.get(url).text()).isEqualTo("hello");
        }
        assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
    }

    @Test
    void several_members_of_gzip_are_one_body() throws Exception {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(gzip(utf8("hel")));
        both.write(gzip(utf8("lo")));
        String url = serve("gzip", both.toByteArray(), true);

        assertThat(http.get(url).text()).isEqualTo("hello");
    }

    @Test
    void a_member_of_gzip_that_comes_late_is_waited_for() throws Exception {
        byte[] first = gzip(utf8("hel"));
        byte[] second = gzip(utf8("lo"));
        CountDownLatch firstRead = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + (first.length + second.length)
                    + "\r\n\r\n");
            talk.send(first);
            firstRead.await();
            talk.send(second);
        })) {
            String text = http.get(peer.url("/")).send(response -> {
                String start = new String(response.body().readNBytes(3), StandardCharsets.UTF_8);
                firstRead.countDown();
                return start + new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
            });
            assertThat(text).isEqualTo("hello");
        }
    }

    @Test
    void deflate_is_undone_with_and_without_the_header_of_zlib() throws Exception {
        for (boolean raw : new boolean[] {false, true}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = new DeflaterOutputStream(bytes, new Deflater(6, raw))) {
                out.write(utf8("hello"));
            }
            assertThat(http.get(serve("deflate", bytes.toByteArray(), true)).text())
                    .isEqualTo("hello");
        }
        assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
    }

    @Test
    void encodings_may_lie_one_over_another() throws Exception {
        assertThat(http.get(serve("gzip, identity, gzip", gzip(gzip(utf8("hello"))), false))
                        .text())
                .isEqualTo("hello");
        assertThatThrownBy(() -> http.get(serve("gzip,gzip,gzip,gzip", gzip(utf8("x")), false))
                        .text())
                .isInstanceOf(HttpContentException.class);
    }

    @Test
    void no_body_is_no_broken_one() throws Exception {
        server.on("/none", exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(204, -1);
        });
        assertThat(http.get(server.url("/none")).bytes()).isEmpty();
    }

    @Test
    void an_encoding_that_nobody_knows_is_an_error() {
        assertThatThrownBy(() -> http.get(serve("br", utf8("x"), false)).bytes())
                .isInstanceOf(HttpContentException.class)
                .hasMessageContaining("\"br\"");
        isWhole();
    }

    @Test
    void broken_compression_is_an_error() throws Exception {
        byte[] good = gzip(utf8("hello hello hello"));
        assertThatThrownBy(() -> http.get(serve("gzip", Arrays.copyOf(good, good.length - 6), false))
                        .text())
                .isInstanceOf(HttpContentException.class);
        assertThatThrownBy(() ->
                        http.get(serve("gzip", utf8("no gzip at all"), false)).text())
                .isInstanceOf(HttpContentException.class);
        isWhole();
    }

    private void isRefused(Rule rule, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        HttpRefusedException.class, e -> assertThat(e.rule()).isEqualTo(rule));
        isWhole();
    }

    @Test
    void a_bomb_is_stopped_by_its_ratio_in_memory_and_as_a_stream() throws Exception {
        String url = serve("gzip", gzip(new byte[50_000_000]), false);

        isRefused(Rule.COMPRESSION_BOMB, () -> http.get(url).bytes());
        isRefused(
                Rule.COMPRESSION_BOMB,
                () -> http.get(url).send(response -> response.body().transferTo(OutputStream.nullOutputStream())));
    }

    @Test
    void a_body_that_grows_beyond_what_memory_may_hold_is_stopped() throws Exception {
        byte[] noise = new byte[12_000_000];
        new java.util.Random(3).nextBytes(noise);

        isRefused(
                Rule.BODY_TOO_LARGE,
                () -> http.get(serve("identity", noise, false)).bytes());
        isRefused(
                Rule.BODY_TOO_LARGE,
                () -> http.get(serve("identity", noise, true)).bytes());
        isRefused(
                Rule.BODY_TOO_LARGE,
                () -> http.get(serve("gzip", gzip(noise), true)).fetch());
        long streamed = http.get(serve("gzip", gzip(noise), true))
                .send(response -> response.body().transferTo(OutputStream.nullOutputStream()));
        assertThat(streamed).isEqualTo(noise.length);
    }

    @Test
    void a_request_may_allow_less() throws Exception {
        server.text("/five", "hello");

        isRefused(
                Rule.BODY_TOO_LARGE,
                () -> http.get(server.url("/five"))
                        .maxBody(4)
                        .send(response -> response.body().readAllBytes()));
        assertThat(http.get(server.url("/five")).maxBody(5).text()).isEqualTo("hello");
    }

    @Test
    void a_length_that_lies_reserves_no_memory() throws Exception {
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nshort");
        })) {
            assertThatThrownBy(() -> http.get(peer.url("/")).bytes())
                    .isInstanceOf(HttpTransferException.class)
                    .hasMessageContaining("ended too early");
        }
        isWhole();
    }

    @Test
    void a_body_that_breaks_off_never_looks_like_a_whole_one() throws Exception {
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        })) {
            assertThatThrownBy(() -> http.get(peer.url("/"))
                            .send(response -> response.body().readAllBytes()))
                    .isInstanceOf(HttpTransferException.class);
        }
        isWhole();
    }

    @Test
    void chunks_are_full_but_for_the_last() throws Exception {
        server.on("/large", exchange -> Server.answer(exchange, 200, new byte[250_000]));
        java.util.List<Integer> sizes = new java.util.ArrayList<>();

        http.get(server.url("/large")).send(response -> {
            response.forEachChunk(100_000, chunk -> sizes.add(chunk.remaining()));
            return null;
        });

        assertThat(sizes).containsExactly(100_000, 100_000, 50_000);
    }

    @Test
    void a_head_has_no_body_whatever_its_length_says() throws Exception {
        try (Peer peer = new Peer(talk -> {
            while (talk.head() != null) {
                talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n");
            }
        })) {
            HttpResponse response = http.head(peer.url("/")).fetch();
            assertThat(response.headers().contentLength()).hasValue(1000);
            assertThat(response.bytes()).isEmpty();
            http.head(peer.url("/")).fetch();
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_short_rest_that_nobody_read_does_not_cost_the_connection() throws Exception {
        server.text("/", "hello");
        for (int i = 0; i < 3; i++) {
            int status = http.get(server.url("/")).send(HttpResponse::status);
            assertThat(status).isEqualTo(200);
        }
        assertThat(http.statistics()).isEqualTo(new HttpSession.Statistics(0, 0, 1, 1));
    }

    @Test
    void reading_a_closed_answer_is_an_error() throws Exception {
        server.on("/large", exchange -> Server.answer(exchange, 200, new byte[1_000_000]));
        InputStream[] leaked = new InputStream[1];
        http.get(server.url("/large")).send(response -> {
            leaked[0] = response.body();
            return null;
        });
        assertThatThrownBy(() -> leaked[0].readAllBytes())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
    }
}
