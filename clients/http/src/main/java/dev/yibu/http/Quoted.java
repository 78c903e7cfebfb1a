package dev.yibu.http;

/** What a server has sent, as it may stand in a message: not long, and without what would make it more than one line. */
final class Quoted {
    private static final int MOST = 200;
    private static final String CUT = "...";

    private Quoted() {}

    static String of(String text) {
        return of(text, MOST);
    }

    /** An equal text if there is nothing wrong with it. */
    static String of(String text, int most) {
        StringBuilder shown = new StringBuilder();
        int end = Math.min(text.length(), most);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            shown.append(isPlain(c) ? c : ' ');
        }
        if (end < text.length()) {
            if (Character.isHighSurrogate(shown.charAt(end - 1))) {
                shown.setLength(end - 1);
            }
            shown.append(CUT);
        }
        return shown.toString();
    }

    /** Whether it stands for nothing but itself; some characters turn the text around, or end the line. */
    private static boolean isPlain(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
