package dev.yibu.crawler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much JSON as pages need. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean loneSurrogate = Character.getType(c) == Character.SURROGATE;
            if (c == '"' || c == '\\') {
                json.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c == 127 || loneSurrogate) {
                json.append("\\u%04x".formatted(c));
            } else {
                json.appendCodePoint(c);
            }
            i += Character.charCount(c);
        }
        json.append('"');
    }

    static void fields(StringBuilder json, Map<String, List<String>> fields) {
        char before = '{';
        for (Map.Entry<String, List<String>> field : fields.entrySet()) {
            json.append(before);
            quote(json, field.getKey());
            json.append(":[");
            for (int i = 0; i < field.getValue().size(); i++) {
                json.append(i == 0 ? "" : ",");
                quote(json, field.getValue().get(i));
            }
            json.append(']');
            before = ',';
        }
        json.append(before == '{' ? "{}" : "}");
    }

    /** Reads what {@link #fields(StringBuilder, Map)} has written. */
    static Map<String, List<String>> fields(String json) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        Json reader = new Json(json);
        for (reader.at = 1; reader.current() != '}'; reader.skip(',')) {
            String name = reader.string();
            List<String> values = new ArrayList<>();
            reader.at += 2; // the colon, the bracket
            for (; reader.current() != ']'; reader.skip(',')) {
                values.add(reader.string());
            }
            reader.at++;
            fields.put(name, List.copyOf(values));
        }
        return fields;
    }

    private char current() {
        return text.charAt(at);
    }

    private void skip(char c) {
        if (current() == c) {
            at++;
        }
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        for (at++; current() != '"'; at++) {
            if (current() != '\\') {
                string.append(current());
            } else if (text.charAt(++at) == 'u') {
                string.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 4;
            } else {
                string.append(current());
            }
        }
        at++;
        return string.toString();
    }
}
