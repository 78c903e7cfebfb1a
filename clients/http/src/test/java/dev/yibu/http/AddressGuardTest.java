package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.http.HttpRefusedException.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AddressGuardTest {
    private static final HttpOptions GUARDED = HttpOptions.DEFAULT.withGuard(AddressGuard.publicOnly());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.9.9.9",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.7",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "fc00::1",
                "fd00::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "64:ff9b::7f00:1",
                "64:ff9b::a00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "2001:10::1",
                "2002:7f00:1::",
                "2002:a00:1::",
                "3fff::1",
                "5f00::1"
            })
    void addresses_that_are_not_public(String address) throws Exception {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.0.1",
                "172.15.255.255",
                "172.32.0.1",
                "192.0.1.1",
                "192.167.0.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450::1",
                "64:ff9b::808:808",
                "2002:808:808::"
            })
    void addresses_that_are_public(String address) throws Exception {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isTrue();
    }

    private static void isForbidden(HttpSession http, String url) {
        assertThatThrownBy(() -> http.get(url).text())
                .as(url)
                .isInstanceOfSatisfying(
                        HttpRefusedException.class, e -> assertThat(e.rule()).isEqualTo(Rule.FORBIDDEN_ADDRESS));
        assertThat(http.statistics().underWay()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1",
                "2130706433",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "0.0.0.0",
                "[::]",
                "127.0.0.1."
            })
    void however_the_address_is_written_nobody_is_connected_to(String host) throws Exception {
        AtomicInteger looked = new AtomicInteger();
        try (Server server = new Server();
                HttpSession http = HttpSession.open(GUARDED, name -> {
                    looked.incrementAndGet();
                    return InetAddress.getAllByName(name);
                })) {
            server.text("/", "secret");

            assertThatThrownBy(() -> http.get("http://" + host + ":" + server.port() + "/")
                            .text())
                    .isInstanceOf(HttpException.class);
            assertThat(server.seen).isEmpty();
        }
    }

    @Test
    void a_name_is_judged_by_its_addresses_and_one_bad_one_is_enough() throws Exception {
        try (HttpSession http = HttpSession.open(GUARDED, _ ->
                new InetAddress[] {InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")})) {
            isForbidden(http, "http://mixed.example/");
        }
    }

    @Test
    void a_redirect_is_judged_as_well() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (Server inner = new Server();
                HttpSession http = HttpSession.open(
                        HttpOptions.DEFAULT.withGuard(AddressGuard.publicOnly()
                                .or(address -> address.getHostAddress().equals("127.0.0.5"))),
                        _ -> new InetAddress[] {InetAddress.getByName("127.0.0.5")})) {
            inner.text("/", "secret");
            try (Peer outer = new Peer(InetAddress.getByName("127.0.0.5"), 0, talk -> {
                talk.head();
                talk.send("HTTP/1.1 302 Found\r\nLocation: http://" + loopback.getHostAddress() + ":" + inner.port()
                        + "/\r\nContent-Length: 0\r\n\r\n");
            })) {
                isForbidden(http, "http://outer.example:" + outer.port() + "/");
            }
            assertThat(inner.seen).isEmpty();
        }
    }

    @Test
    void the_address_that_was_judged_is_the_one_that_is_connected_to() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        try (Peer peer = new Peer(InetAddress.getByName("127.0.0.5"), 0, talk -> {
                    talk.head();
                    talk.answer("well");
                });
                HttpSession http = HttpSession.open(
                        HttpOptions.DEFAULT.withGuard(AddressGuard.allowing(
                                address -> address.getHostAddress().equals("127.0.0.5"))),
                        _ -> new InetAddress[] {
                            InetAddress.getByName(lookups.getAndIncrement() == 0 ? "127.0.0.5" : "127.0.0.1")
                        })) {
            assertThat(http.get("http://rebinding.example:" + peer.port() + "/").text())
                    .isEqualTo("well");
            assertThat(lookups).hasValue(1);
        }
    }

    @Test
    void the_door_to_the_client_underneath_leads_past_the_guard_nowhere() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open(GUARDED)) {
            server.text("/", "secret");
            OkHttpClient client = http.unwrap(OkHttpClient.class);

            assertThatThrownBy(() -> client.newCall(
                                    new Request.Builder().url(server.url("/")).build())
                            .execute())
                    .isInstanceOf(IOException.class);
            assertThat(server.seen).isEmpty();
        }
    }

    @Test
    void there_is_no_guard_with_a_proxy() {
        assertThatThrownBy(() -> GUARDED.withProxy(HttpProxy.of("localhost", 3128)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("proxy");
    }
}
