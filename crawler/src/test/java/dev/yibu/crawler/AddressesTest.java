package dev.yibu.crawler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    private static final URI BASE = URI.create("http://a.example/b/c/d;p?q");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP://Example.COM|http://example.com/",
                "http://example.com:80/a|http://example.com/a",
                "https://example.com:443/a|https://example.com/a",
                "https://example.com:80/a|https://example.com:80/a",
                "http://example.com:/a|http://example.com/a",
                "http://example.com/a/./b/../c/|http://example.com/a/c/",
                "http://example.com/../../a|http://example.com/a",
                "http://example.com/a/..|http://example.com/",
                "http://example.com/a//b|http://example.com/a//b",
                "http://example.com/a.b/.c|http://example.com/a.b/.c",
                "http://example.com/?a=b&c#part|http://example.com/?a=b&c",
                "http://example.com?a|http://example.com/?a",
                "http://[::1]:8080/a|http://[::1]:8080/a",
                "http://example.com/异步 目录?q=异|http://example.com/%E5%BC%82%E6%AD%A5%20%E7%9B%AE%E5%BD%95?q=%E5%BC%82",
                "http://例え.example/|http://xn--r8jz45g.example/",
                "http://example.com/List<T>[]|http://example.com/List%3CT%3E%5B%5D",
                "http://example.com/100%|http://example.com/100%25",
                "http://example.com/%7euser/%c3%a9?q=%2f%41|http://example.com/~user/%C3%A9?q=%2FA",
                "http://example.com/a/%2e%2E/b|http://example.com/b",
                "http://example.com/cafe\u0301|http://example.com/cafe%CC%81",
                "http://example.com:0080/|http://example.com/",
                "http://example.com:08080/|http://example.com:8080/",
            })
    void equal_addresses_have_one_form(String text, String canonical) {
        assertThat(Crawler.address(text)).isEqualTo(URI.create(canonical));
        assertThat(Crawler.address(canonical)).isEqualTo(URI.create(canonical));
    }

    /** RFC 3986, section 5.4, without fragments. */
    @ParameterizedTest
    @CsvSource({
        "g, http://a.example/b/c/g",
        "./g, http://a.example/b/c/g",
        "g/, http://a.example/b/c/g/",
        "/g, http://a.example/g",
        "//g.example, http://g.example/",
        "?y, http://a.example/b/c/d;p?y",
        "g?y, http://a.example/b/c/g?y",
        "#s, http://a.example/b/c/d;p?q",
        "g#s, http://a.example/b/c/g",
        ";x, http://a.example/b/c/;x",
        "'', http://a.example/b/c/d;p?q",
        "., http://a.example/b/c/",
        "./, http://a.example/b/c/",
        ".., http://a.example/b/",
        "../g, http://a.example/b/g",
        "../.., http://a.example/",
        "../../g, http://a.example/g",
        "../../../g, http://a.example/g",
        "/./g, http://a.example/g",
        "/../g, http://a.example/g",
        "g., http://a.example/b/c/g.",
        "..g, http://a.example/b/c/..g",
        "./../g, http://a.example/b/g",
        "./g/., http://a.example/b/c/g/",
        "g/../h, http://a.example/b/c/h",
        "g?y/../x, http://a.example/b/c/g?y/../x",
    })
    void references_are_resolved(String reference, String address) {
        assertThat(Addresses.resolve(BASE, reference)).isEqualTo(URI.create(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mailto:a@example.com",
                "javascript:void(0)",
                "data:text/html,hello",
                "ftp://example.com/",
                "http:g",
                "http://",
                "http:///path",
                "http://user@example.com/",
                "http://user:pass@example.com/",
                "http://host_name/",
                "http://example.com:port/",
                "http://example.com:65536/",
                "http://example.com:0/",
                "http://example.com:-1/",
                "://",
            })
    void what_is_no_web_address_is_not_followed(String reference) {
        assertThat(Addresses.resolve(BASE, reference)).isNull();
    }

    @Test
    void line_breaks_and_spaces_around_a_reference_do_not_count() {
        assertThat(Addresses.resolve(BASE, " \n g\n.html\t")).isEqualTo(URI.create("http://a.example/b/c/g.html"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com|\"example.com\" is no web address; it has to look like https://example.com/start",
                "ftp://example.com/|\"ftp://example.com/\" is no web address; it has to look like https://example.com/start",
                "/etc/passwd|\"/etc/passwd\" is no web address; it has to look like https://example.com/start",
                "http://|\"http://\" is no web address; it has to look like https://example.com/start",
                "http://host_name/|\"http://host_name/\" has no valid host or port; check the part after //",
                "http://example.com:99999/|\"http://example.com:99999/\" has no valid host or port; check the part after //",
                "http://me:pw@example.com/?t=1|\"http://example.com/\" has a user name or a password in it, and the crawler"
                        + " can't sign in; leave them out",
                "me:pw@example.com?token=1|\"example.com\" is no web address; it has to look like https://example.com/start",
            })
    void a_wrong_start_address_gets_a_message_without_secrets(String text, String message) {
        assertThatThrownBy(() -> Crawler.address(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
