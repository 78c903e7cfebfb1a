package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

class KnownAddressesTest {
    private final KnownAddresses addresses = new KnownAddresses(null);

    @Test
    void what_is_asked_for_again_is_not_taken_apart_again() {
        HttpUrl first = addresses.resolve("http://one.example/path?q=1");

        assertThat(addresses.resolve(new String("http://one.example/path?q=1"))).isSameAs(first);
        assertThat(first).hasToString("http://one.example/path?q=1");
    }

    @Test
    void another_text_is_another_address_even_at_the_same_place() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 10_000; i++) {
                assertThat(addresses.resolve("http://one.example/" + i).encodedPath())
                        .isEqualTo("/" + i);
            }
        }
        String same = "http://one.example/Aa";
        String sameHash = "http://one.example/BB";
        assertThat(same.hashCode()).isEqualTo(sameHash.hashCode());
        assertThat(addresses.resolve(same).encodedPath()).isEqualTo("/Aa");
        assertThat(addresses.resolve(sameHash).encodedPath()).isEqualTo("/BB");
    }

    @Test
    void a_text_is_relative_to_the_base_of_its_own_session() {
        KnownAddresses others = new KnownAddresses(Addressing.base(URI.create("https://two.example/v1/")));

        assertThat(others.resolve("items")).hasToString("https://two.example/v1/items");
        assertThatThrownBy(() -> addresses.resolve("items")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void neither_a_password_nor_a_long_text_is_kept() {
        String secret = "http://name:word@one.example/";
        String user = "http://name@one.example/";
        String longOne = "http://one.example/" + "x".repeat(1000);

        assertThat(addresses.resolve(secret)).isNotSameAs(addresses.resolve(secret));
        assertThat(addresses.resolve(user)).isNotSameAs(addresses.resolve(user));
        assertThat(addresses.resolve(longOne)).isNotSameAs(addresses.resolve(longOne));
    }
}
