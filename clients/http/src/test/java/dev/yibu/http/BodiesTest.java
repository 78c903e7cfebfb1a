package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.yibu.Async;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BodiesTest {
    private Server server;
    private HttpSession http;

    @BeforeEach
    void open() throws Exception {
        server = new Server();
        server.text("/", "well");
        http = HttpSession.open();
    }

    @AfterEach
    void close() {
        http.close();
        server.close();
    }

    private Server.Seen post(HttpBody body) throws IOException {
        http.post(server.url("/")).body(body).text();
        return server.seen.getLast();
    }

    @Test
    void a_form_is_encoded() throws Exception {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("a b", "1&2");
        fields.put("ü", "=");

        Server.Seen seen = post(HttpBody.form(fields));

        assertThat(seen.body()).isEqualTo("a+b=1%262&%C3%BC=%3D");
        assertThat(seen.header("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
    }

    @Test
    void a_form_of_several_parts_has_them_all(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a\"b.txt"), "content");

        Server.Seen seen = post(Multipart.create()
                .field("title", "tea")
                .file("doc", file, "text/x-doc")
                .part("more", "c.bin", HttpBody.writing("image/x", out -> out.write(7)))
                .body());

        String type = seen.header("Content-Type");
        String boundary = type.substring(type.indexOf("boundary=") + 9);
        assertThat(type).startsWith("multipart/form-data; boundary=");
        assertThat(seen.header("Transfer-Encoding")).isEqualTo("chunked");
        assertThat(seen.body())
                .isEqualTo(String.join(
                        "\r\n",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"title\"",
                        "",
                        "tea",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"doc\"; filename=\"a%22b.txt\"",
                        "Content-Type: text/x-doc",
                        "",
                        "content",
                        "--" + boundary,
                        "Content-Disposition: form-data; name=\"more\"; filename=\"c.bin\"",
                        "Content-Type: image/x",
                        "",
                        "\u0007",
                        "--" + boundary + "--",
                        ""));
    }

    @Test
    void the_length_of_a_form_is_known_if_that_of_its_parts_is(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "content");
        HttpBody body = Multipart.create()
                .field("title", "tea")
                .file("doc", file, "text/x-doc")
                .body();

        Server.Seen seen = post(body);

        assertThat(seen.header("Content-Length")).isEqualTo(Long.toString(body.length()));
        assertThat(seen.body()).hasSize((int) body.length());
    }

    @Test
    void a_file_is_sent_as_it_is(@TempDir Path folder) throws Exception {
        byte[] content = new byte[1_500_000];
        java.util.Arrays.fill(content, (byte) 'x');
        Path file = Files.write(folder.resolve("large"), content);

        Server.Seen seen = post(HttpBody.ofFile(file, "text/plain"));

        assertThat(seen.header("Content-Length")).isEqualTo("1500000");
        assertThat(seen.body()).hasSize(1_500_000);
        assertThatThrownBy(() -> HttpBody.ofFile(folder.resolve("none"), "text/plain"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void what_a_body_flushes_reaches_the_server_before_the_body_ends() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.body(1);
            arrived.countDown();
            talk.body(1);
            talk.answer("well");
        })) {
            HttpBody slow = HttpBody.writing("text/plain", 2, out -> {
                out.write('a');
                out.flush();
                Until.isTrue("it has arrived", () -> arrived.getCount() == 0);
                out.write('b');
            });
            assertThat(Async.run(() -> http.post(peer.url("/")).body(slow).text()))
                    .isEqualTo("well");
        }
    }

    @Test
    void an_exception_of_the_body_is_thrown_as_it_is_and_the_next_request_is_served() throws Exception {
        HttpBody broken = HttpBody.writing("text/plain", out -> {
            out.write(1);
            throw new FileNotFoundException("mine");
        });

        assertThatThrownBy(() -> post(broken))
                .isExactlyInstanceOf(FileNotFoundException.class)
                .hasMessage("mine");

        assertThat(http.statistics().underWay()).isZero();
        assertThat(http.get(server.url("/")).text()).isEqualTo("well");
    }

    @Test
    void a_body_of_another_length_than_it_says_is_an_error() {
        assertThatThrownBy(() -> post(HttpBody.writing("text/plain", 5, out -> out.write(new byte[6]))))
                .isInstanceOf(HttpTransferException.class);
        assertThatThrownBy(() -> post(HttpBody.writing("text/plain", 5, out -> out.write(new byte[4]))))
                .isInstanceOf(HttpTransferException.class);
        assertThat(http.statistics().underWay()).isZero();
    }

    @Test
    void a_post_without_a_body_says_so() throws Exception {
        http.post(server.url("/")).text();

        assertThat(server.seen.getLast().header("Content-Length")).isEqualTo("0");
    }

    @Test
    void a_get_has_no_body() {
        assertThatThrownBy(() -> http.get(server.url("/")).body(HttpBody.of("x")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_download_appears_when_it_is_complete(@TempDir Path folder) throws Exception {
        byte[] content = new byte[2_000_003];
        new java.util.Random(5).nextBytes(content);
        server.on("/file", exchange -> Server.answer(exchange, 200, content));
        Path file = folder.resolve("file");
        Files.writeString(file, "old");

        long length = Async.run(() -> http.get(server.url("/file")).toFile(file));

        assertThat(length).isEqualTo(content.length);
        assertThat(crc(Files.readAllBytes(file))).isEqualTo(crc(content));
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    private static long crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    @Test
    void a_download_takes_the_place_of_a_link_and_not_of_what_it_leads_to(@TempDir Path folder) throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);

        http.get(server.url("/")).toFile(link);

        assertThat(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(link).hasContent("well");
        assertThat(target).hasContent("old");
    }

    @Test
    void a_download_that_fails_leaves_what_was_there(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("file");
        Files.writeString(file, "old");
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort");
        })) {
            assertThatThrownBy(() -> http.get(peer.url("/")).toFile(file)).isInstanceOf(HttpTransferException.class);
        }
        assertThatThrownBy(
                        () -> http.get(server.url("/nothing/../x")).retry(null).toFile(folder.resolve("no/such/dir")))
                .isInstanceOf(IOException.class);

        assertThat(Files.readString(file)).isEqualTo("old");
        assertThat(folder.toFile().list()).containsExactly("file");
        assertThat(http.statistics().underWay()).isZero();
    }

    private interface Reading {
        Object of(HttpRequest request) throws IOException;
    }

    /** However it is read: what has come before is not passed for the whole. */
    @Test
    void a_body_that_breaks_off_in_the_middle_of_a_read_is_an_error_and_gives_its_place_back(@TempDir Path folder)
            throws Exception {
        List<Reading> readings = List.of(
                HttpRequest::bytes,
                HttpRequest::fetch,
                request -> request.toFile(folder.resolve("file")),
                request -> request.send(HttpResponse::bytes),
                request -> request.send(response -> response.body().readAllBytes()),
                request -> request.send(response -> response.body().transferTo(OutputStream.nullOutputStream())),
                request -> request.send(response -> {
                    response.forEachChunk(256 * 1024, _ -> fail("no chunk is full"));
                    return "";
                }));
        for (Reading reading : readings) {
            try (Peer peer = new Peer(talk -> {
                talk.head();
                talk.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                talk.send(new byte[100_000]);
            })) {
                assertThatThrownBy(() -> reading.of(http.get(peer.url("/"))))
                        .isInstanceOf(HttpTransferException.class)
                        .hasMessageContaining("broke off");
                assertThat(http.statistics().underWay()).isZero();
            }
        }
        assertThat(folder).isEmptyDirectory();
        assertThat(http.get(server.url("/")).text()).isEqualTo("well");
    }

    @Test
    void a_large_body_travels_both_ways_in_little_memory() throws Exception {
        long size = 300_000_000;
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.skip(size);
            talk.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
            byte[] chunk = new byte[100_000];
            for (long sent = 0; sent < size; sent += chunk.length) {
                talk.send(chunk);
            }
        })) {
            HttpBody large = HttpBody.writing("image/x", size, out -> {
                byte[] chunk = new byte[100_000];
                for (long sent = 0; sent < size; sent += chunk.length) {
                    out.write(chunk);
                }
            });
            long[] sum = new long[1];
            http.post(peer.url("/")).body(large).send(response -> {
                response.forEachChunk(256 * 1024, chunk -> sum[0] += chunk.remaining());
                return null;
            });
            assertThat(sum[0]).isEqualTo(size);
        }
    }
}
