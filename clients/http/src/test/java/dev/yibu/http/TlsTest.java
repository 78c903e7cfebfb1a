package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsServer;
import dev.yibu.http.HttpRefusedException.Rule;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
    @TempDir
    static Path folder;

    private static KeyStore keys;
    private static KeyStore stranger;
    private static HttpsServer server;
    private static HttpsServer other;

    @BeforeAll
    static void serve() throws Exception {
        keys = Certificates.make(folder, "server", "dns:localhost,ip:127.0.0.1");
        stranger = Certificates.make(folder, "stranger", "dns:stranger.example");
        server = Certificates.serve(keys, null);
        other = Certificates.serve(stranger, Certificates.trusted(keys));
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        other.stop(0);
    }

    private static String url(HttpsServer of) {
        return "https://127.0.0.1:" + of.getAddress().getPort() + "/";
    }

    private static HttpSession open(HttpTls tls) {
        return HttpSession.open(HttpOptions.DEFAULT.withTls(tls));
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused() {
        try (HttpSession http = open(HttpTls.DEFAULT)) {
            assertThatThrownBy(() -> http.get(url(server)).text())
                    .isInstanceOf(HttpConnectException.class)
                    .hasMessageContaining("certificate is not trusted");
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void a_store_of_our_own_says_whom_to_trust() throws Exception {
        try (HttpSession http = open(HttpTls.DEFAULT.trusting(Certificates.trusted(keys)))) {
            assertThat(http.get(url(server)).text()).isEqualTo("well");
            assertThat(http.get("https://localhost:" + server.getAddress().getPort() + "/")
                            .text())
                    .isEqualTo("well");
        }
    }

    @Test
    void a_certificate_for_another_name_is_refused() throws Exception {
        HttpTls tls =
                HttpTls.DEFAULT.trusting(Certificates.trusted(stranger)).identifiedBy(keys, Certificates.PASSWORD);
        try (HttpSession http = open(tls)) {
            assertThatThrownBy(() -> http.get(url(other)).text())
                    .isInstanceOf(HttpConnectException.class)
                    .hasMessageContaining("for somebody else");
        }
    }

    @Test
    void a_client_shows_its_certificate_where_it_is_asked_for_one() throws Exception {
        HttpTls tls = HttpTls.DEFAULT.insecureForTests();
        try (HttpSession without = open(tls);
                HttpSession with = open(tls.identifiedBy(keys, Certificates.PASSWORD))) {
            assertThat(with.get(url(other)).text()).isEqualTo("well");
            assertThatThrownBy(() -> without.get(url(other)).text()).isInstanceOf(HttpException.class);
        }
    }

    @Test
    void insecure_is_insecure_and_says_so() throws Exception {
        HttpTls tls = HttpTls.DEFAULT.insecureForTests();
        try (HttpSession http = open(tls)) {
            assertThat(http.get(url(server)).text()).isEqualTo("well");
        }
        assertThat(tls).hasToString("TLS, INSECURE");
    }

    @Test
    void a_pinned_host_has_one_of_its_certificates_or_none_at_all() throws Exception {
        HttpTls tls = HttpTls.DEFAULT.trusting(Certificates.trusted(keys));
        try (HttpSession right = open(tls.pinned("127.0.0.1", Certificates.pin(keys)));
                HttpSession wrong = open(tls.pinned("127.0.0.1", Certificates.pin(stranger)))) {
            assertThat(right.get(url(server)).text()).isEqualTo("well");
            assertThatThrownBy(() -> wrong.get(url(server)).text()).isInstanceOf(HttpConnectException.class);
        }
        assertThatThrownBy(() -> tls.pinned("a.example", "sha1/abc")).isInstanceOf(IllegalArgumentException.class);
    }

    /** Some servers cut TLS off without a word of its own. */
    @Test
    void a_post_is_not_sent_over_a_connection_that_was_closed_while_it_was_idle() throws Exception {
        ShiftedTime time = new ShiftedTime();
        for (boolean politely : List.of(true, false)) {
            List<String> requests = new CopyOnWriteArrayList<>();
            Semaphore next = new Semaphore(0);
            CyclicBarrier done = new CyclicBarrier(2);
            try (Peer peer = new Peer(Certificates.context(keys, null), talk -> {
                        requests.add(talk.head().split(" ")[0]);
                        talk.answer("well");
                        next.acquire();
                        (politely ? talk.socket : talk.raw).shutdownOutput();
                        done.await();
                        talk.awaitClose();
                    });
                    HttpSession http = time.open(
                            HttpOptions.DEFAULT.withTls(HttpTls.DEFAULT.trusting(Certificates.trusted(keys))))) {
                for (int i = 0; i < 2; i++) {
                    assertThat(http.get(peer.url("/")).text()).isEqualTo("well");
                    next.release();
                    done.await();
                    time.advance(Duration.ofSeconds(5));

                    assertThat(http.post(peer.url("/")).text()).isEqualTo("well");
                    next.release();
                    done.await();
                }
                assertThat(requests).containsExactly("GET", "POST", "GET", "POST");
            }
        }
    }

    @Test
    void a_redirect_from_https_to_http_is_refused() throws Exception {
        try (HttpSession http = open(HttpTls.DEFAULT.trusting(Certificates.trusted(keys)))) {
            assertThatThrownBy(() -> http.get(url(server) + "down").text())
                    .isInstanceOfSatisfying(
                            HttpRefusedException.class,
                            e -> assertThat(e.rule()).isEqualTo(Rule.INSECURE_REDIRECT));
        }
    }
}
