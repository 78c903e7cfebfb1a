package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProxyTest {
    private final List<String> heads = new CopyOnWriteArrayList<>();

    /** A proxy that opens tunnels, and answers everything else itself. */
    private Peer proxy(boolean wantsAuth) throws IOException {
        return new Peer(talk -> {
            for (String head = talk.head(); head != null; head = talk.head()) {
                heads.add(head);
                if (wantsAuth && !head.contains("Proxy-Authorization: Basic bWU6cGFzcw==")) {
                    talk.send("HTTP/1.1 407 Proxy Authentication Required\r\n"
                            + "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
                } else if (head.startsWith("CONNECT ")) {
                    int port = Integer.parseInt(head.split("[ :]")[2]);
                    talk.send("HTTP/1.1 200 OK\r\n\r\n");
                    tunnel(talk, port);
                    return;
                } else {
                    talk.answer("by proxy");
                }
            }
        });
    }

    @SuppressWarnings("try") // the target is closed early, to wake the other direction
    private static void tunnel(Peer.Talk talk, int port) throws Exception {
        try (Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread back = Thread.ofVirtual().start(() -> {
                try {
                    target.getInputStream().transferTo(talk.socket.getOutputStream());
                } catch (IOException e) {
                    return; // the other side has gone
                }
            });
            try {
                talk.pass(target.getOutputStream());
            } catch (IOException e) {
                target.close(); // the client has gone
            }
            target.close();
            back.join();
        }
    }

    private static HttpSession open(Peer proxy, HttpAuth auth, HttpTls tls) {
        HttpProxy through = HttpProxy.of("127.0.0.1", proxy.port());
        return HttpSession.open(HttpOptions.DEFAULT
                .withProxy(auth == null ? through : through.withAuth(auth))
                .withTls(tls));
    }

    @Test
    void plain_http_is_sent_to_the_proxy_with_its_whole_address() throws Exception {
        try (Peer proxy = proxy(true);
                HttpSession http = open(proxy, HttpAuth.basic("me", "pass"), HttpTls.DEFAULT)) {
            assertThat(http.get("http://somewhere.example/page?q=1").text()).isEqualTo("by proxy");
        }
        assertThat(heads).hasSize(1);
        assertThat(heads.getFirst()).startsWith("GET http://somewhere.example/page?q=1 HTTP/1.1\r\n");
    }

    @Test
    void https_goes_through_a_tunnel_and_the_server_is_not_told_the_proxys_secret(@TempDir Path folder)
            throws Exception {
        KeyStore keys = Certificates.make(folder, "server", "ip:127.0.0.1");
        HttpsServer server = Certificates.serve(keys, null);
        StringBuilder seen = new StringBuilder();
        server.createContext("/seen", exchange -> {
            try (exchange) {
                seen.append(exchange.getRequestHeaders().keySet());
                Server.answer(exchange, 200, "well");
            }
        });
        try (Peer proxy = proxy(true);
                HttpSession http = open(
                        proxy, HttpAuth.basic("me", "pass"), HttpTls.DEFAULT.trusting(Certificates.trusted(keys)))) {
            String url = "https://127.0.0.1:" + server.getAddress().getPort() + "/seen";
            assertThat(http.get(url).text()).isEqualTo("well");
            assertThat(http.get(url).text()).isEqualTo("well");
        } finally {
            server.stop(0);
        }
        assertThat(heads).hasSize(1);
        assertThat(heads.getFirst()).startsWith("CONNECT 127.0.0.1:");
        assertThat(seen.toString()).doesNotContainIgnoringCase("proxy-auth");
    }

    @Test
    void a_server_that_talks_as_a_proxy_gives_an_answer_like_others() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    while (talk.head() != null) {
                        talk.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nwhat");
                    }
                });
                HttpSession http = HttpSession.open()) {
            HttpResponse answer = http.get(peer.url("/")).fetch();
            assertThat(answer.status()).isEqualTo(407);
            assertThat(answer.bytes()).isEqualTo("what".getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> http.post(peer.url("/")).text())
                    .isInstanceOfSatisfying(
                            HttpStatusException.class,
                            e -> assertThat(e.status()).isEqualTo(407));
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_server_that_asks_for_the_proxys_secret_through_a_tunnel_is_not_told(@TempDir Path folder) throws Exception {
        KeyStore keys = Certificates.make(folder, "server", "ip:127.0.0.1");
        HttpsServer server = Certificates.serve(keys, null);
        List<String> seen = new CopyOnWriteArrayList<>();
        server.createContext("/curious", exchange -> {
            try (exchange) {
                seen.add(exchange.getRequestHeaders().keySet().toString());
                Server.answer(exchange, 407, "tell me");
            }
        });
        try (Peer proxy = proxy(true);
                HttpSession http = open(
                        proxy, HttpAuth.basic("me", "pass"), HttpTls.DEFAULT.trusting(Certificates.trusted(keys)))) {
            String url = "https://127.0.0.1:" + server.getAddress().getPort() + "/curious";
            assertThat(http.get(url).fetch().status()).isEqualTo(407);
            assertThat(http.post(url).fetch().status()).isEqualTo(407);
            assertThat(seen).hasSize(2);

            Request under = new Request.Builder().url(url).build();
            try (Response response =
                    http.unwrap(OkHttpClient.class).newCall(under).execute()) {
                assertThat(response.code()).isEqualTo(407);
            }
        } finally {
            server.stop(0);
        }
        assertThat(seen).hasSize(3);
        assertThat(seen.toString()).doesNotContainIgnoringCase("proxy-auth");
    }

    @Test
    void a_proxy_that_refuses_is_an_error_of_connecting() throws Exception {
        try (Peer proxy = proxy(true);
                HttpSession http = open(proxy, null, HttpTls.DEFAULT)) {
            assertThatThrownBy(() -> http.get("https://somewhere.example/").text())
                    .isInstanceOf(HttpConnectException.class);
            assertThat(http.get("http://somewhere.example/").fetch().status()).isEqualTo(407);
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void a_secret_is_in_no_text() {
        assertThat(HttpProxy.of("p.example", 3128).withAuth(HttpAuth.basic("me", "pass")))
                .hasToString("HttpProxy[host=p.example, port=3128, auth=Basic ***]");
    }
}
