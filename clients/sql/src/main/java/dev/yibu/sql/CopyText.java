package dev.yibu.sql;

import java.sql.SQLDataException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The text format of PostgreSQL's COPY. */
final class CopyText {
    private CopyText() {}

    static void append(StringBuilder text, List<?> row, int columns) throws SQLDataException {
        if (row.size() != columns) {
            throw new SQLDataException(
                    "a row has " + row.size() + " values, but there are " + columns + " columns", "22000");
        }
        for (int i = 0; i < columns; i++) {
            if (i > 0) {
                text.append('\t');
            }
            String value = plain(row.get(i));
            if (value == null) {
                text.append("\\N");
            } else {
                escape(text, value);
            }
        }
        text.append('\n');
    }

    private static void escape(StringBuilder text, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(c);
            }
        }
    }

    private static @Nullable String plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
            case Enum<?> constant -> constant.name();
            case java.time.ZonedDateTime time -> time.toOffsetDateTime().toString();
            case Optional<?> optional -> plain(optional.orElse(null));
            case List<?> elements -> array(elements);
            default -> value.toString();
        };
    }

    private static String array(List<?> elements) {
        StringJoiner literal = new StringJoiner(",", "{", "}");
        for (Object element : elements) {
            String text = plain(element);
            literal.add(
                    text == null
                            ? "NULL"
                            : element instanceof List<?>
                                    ? text
                                    : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return literal.toString();
    }

    /** Names in double quotes. */
    static String quoted(String[] names, String separator) {
        StringJoiner joiner = new StringJoiner(separator);
        for (String name : names) {
            joiner.add('"' + name.replace("\"", "\"\"") + '"');
        }
        return joiner.toString();
    }
}
