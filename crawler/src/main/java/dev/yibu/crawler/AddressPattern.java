package dev.yibu.crawler;

import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that is looked for anywhere in an address. Some expressions take for ever on some texts, and the
 * texts come from strangers, so each search has a bounded number of steps.
 *
 * <p><b>Thread-safety.</b> Immutable.
 */
public final class AddressPattern {
    private static final int MOST_STEPS = 1_000_000;

    private final Pattern pattern;

    private AddressPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** The search took more steps than anybody should wait for. */
    static final class TooMuchEffort extends Exception {
        private static final long serialVersionUID = 1L;

        TooMuchEffort(String pattern) {
            super("the pattern \"" + pattern + "\" takes too long");
        }
    }

    /**
     * A pattern.
     *
     * @param expression a regular expression, as {@link Pattern} has them
     * @return the pattern
     * @throws IllegalArgumentException if it is no regular expression; the message says where it is wrong
     */
    public static AddressPattern of(String expression) {
        Objects.requireNonNull(expression, "expression");
        if (expression.isEmpty()) {
            throw new IllegalArgumentException("a pattern is empty; it would fit every address");
        }
        try {
            return new AddressPattern(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the pattern \"" + expression + "\" is no regular expression: " + e.getDescription()
                            + (e.getIndex() < 0 ? "" : " near index " + e.getIndex()),
                    e);
        }
    }

    boolean isIn(String address) throws TooMuchEffort {
        try {
            return pattern.matcher(new Counted(address, 0, address.length(), new Steps()))
                    .find();
        } catch (OutOfSteps | StackOverflowError e) {
            throw new TooMuchEffort(pattern.pattern());
        }
    }

    private static final class OutOfSteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutOfSteps() {
            super(null, null, false, false);
        }
    }

    /** How often a text, or a part of it, has been looked at. */
    private static final class Steps {
        private int taken;

        void count() {
            if (++taken > MOST_STEPS) {
                throw new OutOfSteps();
            }
        }
    }

    /** A text that counts how often it is looked at: a search that runs wild looks at it again and again. */
    private record Counted(String text, int from, int to, Steps steps) implements CharSequence {
        @Override
        public char charAt(int index) {
            steps.count();
            return text.charAt(from + index);
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text, from + start, from + end, steps);
        }

        @Override
        public String toString() {
            return text.substring(from, to);
        }
    }

    /**
     * The expression.
     *
     * @return as it was given
     */
    @Override
    public String toString() {
        return pattern.pattern();
    }
}
