package dev.yibu.http;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which character set a text has: what its byte order mark says, else what {@code Content-Type} says, else UTF-8. A name that
 * the JVM does not know is an error, not a guess. What the set can't decode becomes U+FFFD.
 */
final class Charsets {
    private static final Pattern PARAMETER =
            Pattern.compile(";\\s*charset\\s*=\\s*(\"([^\"]*)\"|[^\\s;]+)", Pattern.CASE_INSENSITIVE);

    private record Mark(Charset charset, int length) {}

    private Charsets() {}

    static String decode(
            HttpException.Target target, byte[] bytes, @Nullable String contentType, @Nullable Charset wanted)
            throws HttpContentException {
        Mark mark = markOf(bytes);
        if (mark != null && (wanted == null || wanted.equals(mark.charset()))) {
            return new String(bytes, mark.length(), bytes.length - mark.length(), mark.charset());
        }
        return new String(bytes, wanted == null ? declared(target, contentType) : wanted);
    }

    static Charset declared(HttpException.Target target, @Nullable String contentType) throws HttpContentException {
        String name = contentType == null ? null : nameIn(contentType);
        if (name == null) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new HttpContentException(
                    target,
                    "the text has the character set \"" + Quoted.of(name)
                            + "\", which this JVM doesn't know; say text(Charset)" + " if you know better",
                    null); // the cause has nothing more to say, and says it at any length
        }
    }

    private static @Nullable String nameIn(String contentType) {
        if (!contentType.toLowerCase(Locale.ROOT).contains("charset")) {
            return null;
        }
        Matcher matcher = PARAMETER.matcher(contentType);
        if (!matcher.find()) {
            return null;
        }
        String quoted = matcher.group(2);
        String name = (quoted == null ? matcher.group(1) : quoted).strip();
        return name.isEmpty() ? null : name;
    }

    private static @Nullable Mark markOf(byte[] b) {
        if (b.length >= 3 && (b[0] & 255) == 0xEF && (b[1] & 255) == 0xBB && (b[2] & 255) == 0xBF) {
            return new Mark(StandardCharsets.UTF_8, 3);
        }
        if (b.length >= 4 && b[0] == 0 && b[1] == 0 && (b[2] & 255) == 0xFE && (b[3] & 255) == 0xFF) {
            return new Mark(StandardCharsets.UTF_32BE, 4);
        }
        if (b.length >= 2 && (b[0] & 255) == 0xFE && (b[1] & 255) == 0xFF) {
            return new Mark(StandardCharsets.UTF_16BE, 2);
        }
        if (b.length >= 2 && (b[0] & 255) == 0xFF && (b[1] & 255) == 0xFE) {
            boolean wide = b.length >= 4 && b[2] == 0 && b[3] == 0;
            return wide ? new Mark(StandardCharsets.UTF_32LE, 4) : new Mark(StandardCharsets.UTF_16LE, 2);
        }
        return null;
    }
}
