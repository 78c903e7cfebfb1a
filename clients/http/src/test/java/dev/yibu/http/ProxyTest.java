package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
