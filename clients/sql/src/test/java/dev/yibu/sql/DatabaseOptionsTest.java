package dev.yibu.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Options say what is wrong with them, and keep secrets. */
class DatabaseOptionsTest {
    @Test
    void options_show_no_secrets() {
        DatabaseOptions options = DatabaseOptions.of(
                        "jdbc:postgresql://me:geheim@host:5432/shop?password=geheim&user=me")
                .withUser("me", "geheim")
                .withProperty("sslpassword", "geheim");

        assertThat(options.toString())
                .contains("jdbc:postgresql://host:5432/shop")
                .doesNotContain("geheim");
        assertThat(options.name()).isEqualTo("shop");
    }

    @Test
    void a_password_with_strange_characters_in_the_url_is_not_shown_either() {
        for (String url : List.of(
                "jdbc:mariadb://u:pa#ss@h/db",
                "jdbc:mariadb://u:p@ss@h/db",
                "jdbc:mariadb://u:p/ss@h/db",
                "jdbc:mariadb://h/db?password=a@ss",
                "jdbc:oracle:thin:scott/ss@h")) {
            assertThat(DatabaseOptions.withoutSecrets(url))
                    .as(url)
                    .doesNotContain("ss")
                    .doesNotContain("pa");
        }
        assertThat(DatabaseOptions.withoutSecrets("jdbc:mariadb://u:pass@h:3306/db?x=y"))
                .isEqualTo("jdbc:mariadb://h:3306/db");
    }

    @Test
    void an_unknown_url_is_an_error_without_its_secrets() {
        assertThatThrownBy(() -> Database.open("jdbc:nosuch://host/shop?password=geheim"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("jdbc:nosuch://host/shop")
                .hasMessageContaining("driver")
                .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
        assertThatThrownBy(() -> Database.open("jdbc:postgresql://host:port/shop?password=geheim"))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(e.toString()).doesNotContain("geheim"));
    }

    @Test
    void bad_numbers_are_refused() {
        DatabaseOptions options = DatabaseOptions.of("jdbc:postgresql:shop");

        assertThat(options.name()).isEqualTo("shop");
        assertThatThrownBy(() -> options.withPoolSize(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
        assertThatThrownBy(() -> options.withAcquireTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> options.withStatementTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
        assertThatThrownBy(() -> options.withGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
        assertThatThrownBy(() -> DatabaseOptions.of(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("url");
    }
}
