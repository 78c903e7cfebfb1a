package dev.yibu.crawler;

/** Text from strangers, made fit for databases, files and terminals. */
final class Characters {
    private static final char REPLACEMENT = '\ufffd';

    private Characters() {}

    /** At most so many characters, with no NUL and no half of a pair of surrogates, which databases refuse. */
    static String clean(String text, int longest) {
        int length = Math.min(text.length(), longest);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return replaced(text, length);
            }
        }
        return length == text.length() ? text : text.substring(0, length);
    }

    private static String replaced(String text, int length) {
        StringBuilder clean = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == 0) {
                clean.append(REPLACEMENT);
            } else if (!Character.isSurrogate(c)) {
                clean.append(c);
            } else if (i + 1 < length && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                clean.append(c).append(text.charAt(++i));
            } else {
                clean.append(REPLACEMENT);
            }
        }
        return clean.toString();
    }

    /** For terminals: no control characters either. */
    static String printable(String text, int longest) {
        return clean(text.replaceAll("\\p{C}", "?"), longest);
    }
}
