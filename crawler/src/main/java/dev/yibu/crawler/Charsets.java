package dev.yibu.crawler;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out in which charset a page is written, as browsers do: its byte order mark, what the server says, what the page
 * says, and else UTF-8 if its bytes could be that, or Windows-1252. Names that nobody knows count as not given.
 */
final class Charsets {
    private static final Pattern IN_HEADER =
            Pattern.compile(";\\s*charset\\s*=\\s*[\"']?([^\\s;\"']+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern META = Pattern.compile(
            "<meta\\s[^>]{0,500}?charset\\s*=\\s*[\"']?\\s*([^\\s;\"'/>]+)"
                    + "|<\\?xml\\s[^>]{0,200}?encoding\\s*=\\s*[\"']([^\"']+)",
            Pattern.CASE_INSENSITIVE);
    private static final int PROLOGUE = 4_096;
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    private Charsets() {}

    static Charset of(byte[] body, String contentType) {
        return fromMark(body)
                .or(() -> fromHeader(contentType))
                .or(() -> fromPage(body))
                .orElseGet(() -> isUtf8(body) ? StandardCharsets.UTF_8 : WINDOWS_1252);
    }

    private static Optional<Charset> fromMark(byte[] body) {
        if (startsWith(body, 0xef, 0xbb, 0xbf)) {
            return Optional.of(StandardCharsets.UTF_8);
        }
        if (startsWith(body, 0xfe, 0xff)) {
            return Optional.of(StandardCharsets.UTF_16BE);
        }
        return startsWith(body, 0xff, 0xfe) ? Optional.of(StandardCharsets.UTF_16LE) : Optional.empty();
    }

    private static boolean startsWith(byte[] body, int... mark) {
        if (body.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if ((body[i] & 0xff) != mark[i]) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Charset> fromHeader(String contentType) {
        Matcher matcher = IN_HEADER.matcher(contentType);
        return matcher.find() ? named(matcher.group(1)) : Optional.empty();
    }

    private static Optional<Charset> fromPage(byte[] body) {
        String prologue = new String(body, 0, Math.min(body.length, PROLOGUE), StandardCharsets.ISO_8859_1);
        Matcher matcher = META.matcher(prologue);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        // Who can read this far reads no UTF-16, whatever the page says.
        return named(name)
                .map(charset ->
                        charset.name().startsWith("UTF-16") || charset.name().startsWith("UTF-32")
                                ? StandardCharsets.UTF_8
                                : charset);
    }

    private static Optional<Charset> named(String name) {
        String known = name.toLowerCase(Locale.ROOT);
        switch (known) {
            case "iso-8859-1", "latin1", "ascii", "us-ascii", "x-user-defined" -> {
                return Optional.of(WINDOWS_1252);
            }
            case "utf8" -> {
                return Optional.of(StandardCharsets.UTF_8);
            }
            default -> {}
        }
        try {
            // Of some the JDK knows only how to guess.
            return Charset.isSupported(known) && Charset.forName(known).canEncode()
                    ? Optional.of(Charset.forName(known))
                    : Optional.empty();
        } catch (IllegalCharsetNameException e) {
            return Optional.empty();
        }
    }

    private static boolean isUtf8(byte[] body) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
