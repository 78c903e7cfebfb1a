package dev.yibu.sql;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A statement in which the places of its parameters are known: {@code ?} in order, or {@code :name}. What stands in
 * strings, quoted names and comments is no parameter; nor is a cast ({@code ::}), an assignment ({@code :=}) or, for
 * PostgreSQL, {@code ??}, which is how its drivers spell the operator {@code ?}.
 *
 * @param parts what stands before, between and after the parameters
 * @param names of the parameters, if they are named; otherwise empty
 * @param jdbc the text with a {@code ?} for each parameter
 */
record SqlText(List<String> parts, List<String> names, String jdbc) {
    /** A program has few statements; one that makes up new ones all the time must not fill the memory. */
    private static final int REMEMBERED = 2_000;

    private static final Map<Dialect, Map<String, SqlText>> KNOWN = Map.of(
            Dialect.POSTGRESQL, new ConcurrentHashMap<>(),
            Dialect.MARIADB, new ConcurrentHashMap<>(),
            Dialect.MYSQL, new ConcurrentHashMap<>(),
            Dialect.OTHER, new ConcurrentHashMap<>());

    static SqlText of(String sql, Dialect dialect) {
        Map<String, SqlText> known = Objects.requireNonNull(KNOWN.get(dialect));
        SqlText text = known.get(Objects.requireNonNull(sql, "sql"));
        if (text == null) {
            text = new Scanner(sql, dialect).scan();
            if (known.size() < REMEMBERED) {
                known.put(sql, text);
            }
        }
        return text;
    }

    int parameters() {
        return parts.size() - 1;
    }

    /** The values in the order of the places. */
    @Nullable
    Object[] values(@Nullable Object[] given) {
        if (given.length == 1 && given[0] instanceof Params params) {
            if (parameters() > 0 && names.isEmpty()) {
                throw new IllegalArgumentException("the parameters have names, but the statement has a ? for each");
            }
            return params.inOrder(names);
        }
        if (!names.isEmpty()) {
            throw new IllegalArgumentException(
                    "the statement's parameters have names " + names + ": give their values as Params");
        }
        if (given.length != parameters()) {
            throw new IllegalArgumentException(
                    "the statement has " + parameters() + " parameters, but " + given.length + " values are given");
        }
        return given;
    }

    /** The text with as many {@code ?} for each collection as it has elements, for servers that have no arrays. */
    String spread(@Nullable Object[] values) {
        StringBuilder sql = new StringBuilder(parts.getFirst());
        for (int i = 0; i < values.length; i++) {
            int count = values[i] instanceof Collection<?> collection ? collection.size() : 1;
            sql.append(count == 0 ? "null" : "?" + ", ?".repeat(count - 1)).append(parts.get(i + 1));
        }
        return sql.toString();
    }

    /** Reads a statement once. */
    private static final class Scanner {
        private final String sql;
        private final Dialect dialect;
        private final List<String> parts = new ArrayList<>();
        private final List<String> names = new ArrayList<>();
        private boolean positional;
        private int partStart;
        private int i;

        Scanner(String sql, Dialect dialect) {
            this.sql = sql;
            this.dialect = dialect;
        }

        SqlText scan() {
            while (i < sql.length()) {
                step(sql.charAt(i));
            }
            if (positional && !names.isEmpty()) {
                throw new IllegalArgumentException(
                        "the statement mixes ? with :" + names.getFirst() + "; write ?? for PostgreSQL's operator ?");
            }
            parts.add(sql.substring(partStart));
            return new SqlText(List.copyOf(parts), List.copyOf(names), String.join("?", parts));
        }

        private void step(char c) {
            switch (c) {
                case '\'' -> skipQuoted(c, dialect.isOfMySql() || isEscapeString());
                case '"' -> skipQuoted(c, dialect.isOfMySql());
                case '`' -> skipQuoted(c, false);
                case '-' -> skipDashes();
                case '#' -> skipLineIf(dialect.isOfMySql());
                case '/' -> skipSlash();
                case '$' -> skipDollar();
                case '?' -> question();
                case ':' -> colon();
                default -> i++;
            }
        }

        /** Whether the quote here follows a lone E, as in {@code E'it\'s'}. */
        private boolean isEscapeString() {
            return dialect == Dialect.POSTGRESQL
                    && i > 0
                    && (sql.charAt(i - 1) == 'E' || sql.charAt(i - 1) == 'e')
                    && (i == 1 || !isNamePart(sql.charAt(i - 2)));
        }

        /** A doubled quote is the end of one string and the beginning of the next, which comes to the same. */
        private void skipQuoted(char quote, boolean backslashes) {
            for (i++; i < sql.length(); i++) {
                char c = sql.charAt(i);
                if (c == '\\' && backslashes) {
                    i++;
                } else if (c == quote) {
                    i++;
                    if (!backslashes || i >= sql.length() || sql.charAt(i) != quote) {
                        return; // but within E'..' a doubled quote must not end the escapes
                    }
                }
            }
            i = sql.length();
        }

        private void skipDashes() {
            skipLineIf(at(i + 1) == '-' && (!dialect.isOfMySql() || at(i + 2) <= ' '));
        }

        private void skipLineIf(boolean comment) {
            int end = comment ? sql.indexOf('\n', i) : i + 1;
            i = end < 0 ? sql.length() : end;
        }

        private void skipSlash() {
            if (at(i + 1) != '*') {
                i++;
                return;
            }
            int open = 1;
            for (i += 2; i < sql.length() && open > 0; i++) {
                if (at(i) == '*' && at(i + 1) == '/') {
                    open--;
                    i++;
                } else if (dialect == Dialect.POSTGRESQL && at(i) == '/' && at(i + 1) == '*') {
                    open++;
                    i++;
                }
            }
        }

        /** PostgreSQL's {@code $$text$$} and {@code $tag$text$tag$}. */
        private void skipDollar() {
            int start = i++;
            if (dialect != Dialect.POSTGRESQL || (start > 0 && isNamePart(sql.charAt(start - 1)))) {
                return;
            }
            int end = start + 1;
            while (end < sql.length() && isNamePart(sql.charAt(end)) && sql.charAt(end) != '$') {
                end++;
            }
            if (at(end) != '$' || Character.isDigit(at(start + 1))) {
                return;
            }
            String tag = sql.substring(start, end + 1);
            int close = sql.indexOf(tag, end + 1);
            i = close < 0 ? sql.length() : close + tag.length();
        }

        private void question() {
            if (dialect == Dialect.POSTGRESQL && at(i + 1) == '?') {
                i += 2;
                return;
            }
            positional = true;
            endPart(i, i + 1);
        }

        private void colon() {
            char next = at(i + 1);
            if (next == ':' || next == '=') {
                i += 2;
                return;
            }
            boolean name = Character.isLetter(next) || next == '_';
            if (!name || (i > 0 && isNamePart(sql.charAt(i - 1)))) { // as in the slice a[low:high]
                i++;
                return;
            }
            int end = i + 1;
            while (end < sql.length() && isNamePart(sql.charAt(end)) && sql.charAt(end) != '$') {
                end++;
            }
            names.add(sql.substring(i + 1, end));
            endPart(i, end);
        }

        private void endPart(int end, int next) {
            parts.add(sql.substring(partStart, end));
            partStart = next;
            i = next;
        }

        private char at(int index) {
            return index < sql.length() ? sql.charAt(index) : 0;
        }

        private static boolean isNamePart(char c) {
            return Character.isLetterOrDigit(c) || c == '_' || c == '$';
        }
    }
}
