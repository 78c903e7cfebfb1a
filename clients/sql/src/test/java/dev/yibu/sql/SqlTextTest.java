package dev.yibu.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a parameter, and what only looks like one. */
class SqlTextTest {
    private static SqlText postgres(String sql) {
        return SqlText.of(sql, Dialect.POSTGRESQL);
    }

    private static SqlText maria(String sql) {
        return SqlText.of(sql, Dialect.MARIADB);
    }

    @Test
    void names_become_places_in_the_order_of_the_text() {
        SqlText text = postgres("select :a, b from t where c = :b2 and d in (:a) or e=:_x");

        assertThat(text.jdbc()).isEqualTo("select ?, b from t where c = ? and d in (?) or e=?");
        assertThat(text.names()).containsExactly("a", "b2", "a", "_x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select ':a', 'it''s :a ?'",
                "select \":a\", \"say \"\":a?\"\"\" from t",
                "select a::int, '1'::numeric(3,2)::text",
                "select 1 -- :a ? 'b\n",
                "select 1 -- :a ?",
                "select 1 /* :a ? ' */",
                "select 1 /* one /* two ? */ :still ? */",
                "select $$ :a ? ' $$, $tag$ $$ :a ? $other$ $tag$",
                "select E'it\\'s :a ?', e'\\\\'",
                "select E'two '' \\' :a'",
                "select a[1:2], a[low:high] from t",
                "select f(a := 1)",
                "select a ?? 'b', a ??| array['c'] from t",
                "do $$ begin raise notice ':a ?'; end $$",
                "select 1 - -1",
                "select ':a",
                "select $1x:y",
            })
    void what_postgres_takes_for_something_else_is_no_parameter(String sql) {
        SqlText text = postgres(sql);

        assertThat(text.parameters()).isZero();
        assertThat(text.jdbc()).isEqualTo(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'it\\'s :a ?', \"it\\\"s :a ?\"",
                "select 'two '' \\' :a'",
                "select `:a ? \\` from t",
                "select 1 # :a ? '",
                "select 1 -- :a ? '",
                "select 1 /* one /* two :a ? */",
                "set @x := 1",
            })
    void what_mariadb_takes_for_something_else_is_no_parameter(String sql) {
        SqlText text = maria(sql);

        assertThat(text.parameters()).isZero();
        assertThat(text.jdbc()).isEqualTo(sql);
    }

    @Test
    void what_follows_strings_and_comments_is_read_again() {
        assertThat(postgres("select 'a\\', :b, $t$ x $t$, :c /* d */, :e --f\n, :g")
                        .names())
                .containsExactly("b", "c", "e", "g");
        assertThat(maria("select 1--:a, \"b\", :c, 2 --\t:d\n, :e # f\n, :g").names())
                .containsExactly("a", "c", "e", "g");
        assertThat(postgres("select 'E' ':a', E'', ?").parameters()).isEqualTo(1);
        assertThat(maria("select `a\\`, :b").names()).containsExactly("b");
        assertThat(postgres("select note'\\', :b").names()).containsExactly("b");
    }

    @Test
    void values_are_put_in_order_and_missing_ones_named() {
        SqlText text = postgres("select :a, :b, :a");

        assertThat(text.values(new Object[] {Params.of("a", 1).and("b", null).and("c", 3)}))
                .containsExactly(1, null, 1);
        assertThatThrownBy(() -> text.values(new Object[] {Params.of(Map.of("a", 1, "c", 2))}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(":b");
        assertThatThrownBy(() -> text.values(new Object[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Params");
        assertThatThrownBy(() -> postgres("select ?, ?").values(new Object[] {1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 parameters")
                .hasMessageContaining("1 values");
        assertThatThrownBy(() -> postgres("select ?").values(new Object[] {Params.of("a", 1)}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names");
        assertThatThrownBy(() -> postgres("select ?, :a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mixes");
    }

    @Test
    void a_record_gives_its_components_as_values() {
        record Point(int x, int y) {}

        assertThat(postgres("select :y, :x").values(new Object[] {Params.of(new Point(1, 2))}))
                .containsExactly(2, 1);
        assertThat(Params.of(new Point(1, 2))).hasToString("parameters [x, y]");
    }

    @Test
    void a_collection_is_spread_where_there_are_no_arrays() {
        SqlText text = maria("select * from t where a in (?) and b = ? and c in (?)");

        assertThat(text.spread(new Object[] {List.of(1, 2, 3), 4, List.of()}))
                .isEqualTo("select * from t where a in (?, ?, ?) and b = ? and c in (null)");
    }

    @Test
    void any_text_is_read_to_its_end() {
        String signs = "a:?'\"`$-#/*\\E\n ";
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 20_000; i++) {
            char[] text = new char[random.nextInt(12)];
            for (int j = 0; j < text.length; j++) {
                text[j] = signs.charAt(random.nextInt(signs.length()));
            }
            String sql = new String(text);
            for (Dialect dialect : Dialect.values()) {
                try {
                    SqlText read = SqlText.of(sql, dialect);
                    String joined = read.parts().getFirst();
                    for (int p = 0; p < read.parameters(); p++) {
                        joined += read.names().isEmpty()
                                ? "?"
                                : ":" + read.names().get(p);
                        joined += read.parts().get(p + 1);
                    }
                    assertThat(joined).isEqualTo(sql);
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageContaining("mixes");
                }
            }
        }
        assertThat(Arrays.asList(Dialect.values())).hasSize(4);
    }
}
