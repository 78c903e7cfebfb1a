package dev.yibu.http;

import java.util.Locale;
import java.util.Set;
import okhttp3.Headers;

/** Headers that say where a message ends or what the connection becomes: the client sets them, and nobody else. */
final class Framing {
    private static final Set<String> OURS = Set.of("content-length", "transfer-encoding", "upgrade");

    private Framing() {}

    static void check(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean upgrades =
                lower.equals("connection") && value.toLowerCase(Locale.ROOT).contains("upgrade");
        if (OURS.contains(lower) || upgrades) {
            throw new IllegalArgumentException(
                    "the header " + name + " is set by the client itself, as the body wants it");
        }
    }

    static void check(Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            check(headers.name(i), headers.value(i));
        }
    }
}
