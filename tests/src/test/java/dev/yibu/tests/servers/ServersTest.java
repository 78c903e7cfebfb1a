package dev.yibu.tests.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertificateExpiredException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The servers of the tests do what their names say, as another client sees them. */
@Timeout(60)
class ServersTest {

    @Test
    void the_site_speaks_both_versions_with_and_without_tls() throws Exception {
        try (Site site = Site.start();
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(Certificates.local().client())
                        .build()) {
            HttpResponse<String> secure = get(client, site.https("/hello"), HttpClient.Version.HTTP_2);
            HttpResponse<String> old = get(client, site.https("/hello"), HttpClient.Version.HTTP_1_1);
            HttpResponse<String> plain = get(client, site.http("/hello"), HttpClient.Version.HTTP_1_1);

            assertThat(secure.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(old.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(plain.body()).isEqualTo(secure.body()).isEqualTo("hello");
        }
    }

    @Test
    void the_proxy_tunnels_and_forwards_and_wants_its_password() throws Exception {
        try (Site site = Site.start();
                ProxyServer open = ProxyServer.start();
                ProxyServer locked = ProxyServer.start("ada", "secret")) {
            try (HttpClient client = through(open)) {
                assertThat(get(client, site.http("/hello"), HttpClient.Version.HTTP_1_1)
                                .body())
                        .isEqualTo("hello");
                assertThat(get(client, site.https("/hello"), HttpClient.Version.HTTP_2)
                                .body())
                        .isEqualTo("hello");
            }
            try (HttpClient client = through(locked)) {
                assertThat(get(client, site.http("/hello"), HttpClient.Version.HTTP_1_1)
                                .statusCode())
                        .isEqualTo(407);
            }
            assertThat(open.forwarded()).isEqualTo(1);
            assertThat(open.tunnels()).isEqualTo(1);
            assertThat(locked.refused()).isEqualTo(1);
        }
    }

    private static HttpClient through(ProxyServer proxy) {
        return HttpClient.newBuilder()
                .sslContext(Certificates.local().client())
                .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.port())))
                .build();
    }

    private static HttpResponse<String> get(HttpClient client, String url, HttpClient.Version version)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url)).version(version).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void the_bad_certificates_are_bad() {
        assertThatThrownBy(() -> Certificates.expired().certificate().checkValidity())
                .isInstanceOf(CertificateExpiredException.class);
        assertThat(Certificates.ofAnotherHost().certificate())
                .isNotEqualTo(Certificates.local().certificate());
    }

    @Test
    void nobody_connects_to_a_dead_host() throws Exception {
        try (DeadHost host = DeadHost.start();
                Socket socket = new Socket()) {
            assertThatThrownBy(() -> socket.connect(new InetSocketAddress("127.0.0.1", host.port()), 50))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void a_server_restarts_on_its_port_and_resets_whom_it_likes() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(connection -> {
            connection.read();
            connection.reset();
        })) {
            try (Socket socket = connect(server)) {
                socket.getOutputStream().write(1);
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            server.stop();
            assertThatThrownBy(() -> connect(server)).isInstanceOf(ConnectException.class);
            server.restart();
            connect(server).close();
            assertThat(server.accepted()).isBetween(1, 2);
        }
    }

    private static Socket connect(ScriptedServer server) throws IOException {
        return new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port());
    }

    @Test
    void a_wrong_script_fails_the_test() {
        ScriptedServer server = ScriptedServer.start(_ -> {
            throw new IllegalStateException("wrong");
        });
        assertThatThrownBy(() -> {
                    try (server;
                            Socket socket = connect(server)) {
                        socket.getInputStream().read();
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasRootCauseMessage("wrong");
    }
}
