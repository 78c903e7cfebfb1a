package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AddressingTest {
    @Test
    void relative_addresses_are_relative_to_the_base() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open(HttpOptions.DEFAULT.withBaseUrl(server.url("/v1/")))) {
            server.text("/", "root");
            assertThat(http.get("items?x=1").fetch().url()).hasToString(server.url("/v1/items?x=1"));
            assertThat(http.get("/other").fetch().url()).hasToString(server.url("/other"));
            assertThat(http.get("").fetch().url()).hasToString(server.url("/v1/"));
        }
    }

    @Test
    void parameters_are_encoded_into_the_query() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.text("/", "root");
            http.get(server.url("/s?a=1#part"))
                    .query("q", "x&y = ü")
                    .query(java.util.Map.of("n", 7))
                    .text();
            assertThat(server.seen.getLast().target()).isEqualTo("/s?a=1&q=x%26y%20%3D%20%C3%BC&n=7");
        }
    }

    @Test
    void names_in_other_scripts_are_looked_up_in_their_ascii_form() throws Exception {
        AtomicReference<String> asked = new AtomicReference<>();
        try (Server server = new Server();
                HttpSession http = HttpSession.open(HttpOptions.DEFAULT, host -> {
                    asked.set(host);
                    return new InetAddress[] {InetAddress.getLoopbackAddress()};
                })) {
            server.text("/", "root");
            http.get("http://bücher.example:" + server.port() + "/").text();
            assertThat(asked).hasValue("xn--bcher-kva.example");
            assertThat(server.seen.getLast().header("Host")).isEqualTo("xn--bcher-kva.example:" + server.port());
        }
    }

    @Test
    void an_ipv6_address_may_be_the_host() throws Exception {
        InetAddress loopback = InetAddress.getByName("::1");
        assertThat(loopback).isInstanceOf(Inet6Address.class);
        try (Peer peer = new Peer(loopback, 0, talk -> {
                    assertThat(talk.head()).contains("Host: [::1]:");
                    talk.answer("six");
                });
                HttpSession http = HttpSession.open()) {
            assertThat(http.get("http://[::1]:" + peer.port() + "/").text()).isEqualTo("six");
            assertThat(peer.failures).isEmpty();
        }
    }

    @Test
    void a_dead_address_of_a_host_is_no_harm_if_another_lives() throws Exception {
        try (Peer peer = new Peer(InetAddress.getByName("127.0.0.7"), 0, talk -> {
                    talk.head();
                    talk.answer("alive");
                });
                HttpSession http = HttpSession.open(HttpOptions.DEFAULT, _ ->
                        new InetAddress[] {InetAddress.getByName("127.0.0.8"), InetAddress.getByName("127.0.0.7")})) {
            assertThat(http.get("http://two.example:" + peer.port() + "/").text())
                    .isEqualTo("alive");
        }
    }

    @Test
    void a_name_that_nobody_knows_is_an_error_of_connecting() {
        try (HttpSession http = HttpSession.open(HttpOptions.DEFAULT, host -> {
            throw new java.net.UnknownHostException(host);
        })) {
            assertThatThrownBy(() ->
                            http.get("http://user:pass@none.example/p?secret=1").text())
                    .isInstanceOf(HttpConnectException.class)
                    .hasMessage("GET http://none.example/p: the host has no address: none.example");
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void what_is_no_web_address_is_refused_without_showing_its_secrets() {
        try (HttpSession http = HttpSession.open()) {
            assertThatThrownBy(() -> http.get("ftp://me:pass@a.example/x?key=secret"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ftp://a.example/x")
                    .hasMessageNotContainingAny("pass", "secret");
            assertThatThrownBy(() -> http.get("/relative"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("base address");
            assertThatThrownBy(() -> http.get(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> http.request("GE T", "http://a.example/"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> http.get("http://a.example/").header("X-A", "b\r\nX-C: d"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> http.get("http://a.example/").header("content-length", "5"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> HttpOptions.DEFAULT.withHeader("Connection", "Upgrade"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
