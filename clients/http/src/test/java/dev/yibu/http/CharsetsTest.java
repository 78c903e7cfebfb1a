package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CharsetsTest {
    private static final HttpException.Target TARGET = new HttpException.Target("GET", "http://a.example/");

    private static String decode(byte[] bytes, String type) throws HttpContentException {
        return Charsets.decode(TARGET, bytes, type, null);
    }

    @Test
    void utf_8_is_what_it_is_unless_somebody_says_otherwise() throws Exception {
        byte[] bytes = "é".getBytes(StandardCharsets.UTF_8);

        assertThat(decode(bytes, null)).isEqualTo("é");
        assertThat(decode(bytes, "text/html")).isEqualTo("é");
        assertThat(decode(bytes, "text/html; charset=")).isEqualTo("é");
    }

    @Test
    void the_parameter_is_found_however_it_is_written() throws Exception {
        byte[] bytes = {(byte) 0xE9};

        assertThat(decode(bytes, "text/html; charset=ISO-8859-1")).isEqualTo("é");
        assertThat(decode(bytes, "text/html;CHARSET=\"latin1\"")).isEqualTo("é");
        assertThat(decode(bytes, "text/html; a=b; charset = iso-8859-1 ; c=d")).isEqualTo("é");
    }

    @Test
    void a_byte_order_mark_knows_best_and_is_no_part_of_the_text() throws Exception {
        for (String name : new String[] {"UTF-8", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"}) {
            byte[] bytes = "\uFEFFé".getBytes(Charset.forName(name));
            assertThat(decode(bytes, "text/html; charset=iso-8859-1")).as(name).isEqualTo("é");
        }
    }

    @Test
    void an_unknown_name_is_an_error_that_says_what_to_do() {
        assertThatThrownBy(() -> decode(new byte[1], "text/html; charset=klingon"))
                .isInstanceOf(HttpContentException.class)
                .hasMessageContaining("klingon")
                .hasMessageContaining("text(Charset)");
    }

    @Test
    void the_caller_may_know_better() throws Exception {
        byte[] bytes = {(byte) 0xE9};
        assertThat(Charsets.decode(TARGET, bytes, "text/html; charset=klingon", StandardCharsets.ISO_8859_1))
                .isEqualTo("é");
    }

    @Test
    void what_can_not_be_decoded_becomes_the_replacement_character() throws Exception {
        assertThat(decode(new byte[] {'a', (byte) 0xFF, 'b'}, null)).isEqualTo("a\uFFFDb");
    }
}
