package dev.yibu.crawler;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What endless sites look like from outside: addresses that grow, repeat themselves, or differ in a number only. */
final class Shape {
    /** What is longer is no address that anybody means; databases have limits too. */
    static final int LONGEST = 2_048;

    private static final int MOST_SEGMENTS = 32;
    private static final int MOST_REPETITIONS = 4;

    private Shape() {}

    /** Whether an address alone tells that it leads nowhere. */
    static boolean isTrap(URI address) {
        String path = address.getRawPath();
        return address.toString().length() > LONGEST || isEndless(path);
    }

    private static boolean isEndless(String path) {
        Map<String, Integer> seen = new HashMap<>();
        int segments = 0;
        for (int slash = 0; slash < path.length(); ) {
            int next = path.indexOf('/', slash + 1);
            int end = next < 0 ? path.length() : next;
            String segment = path.substring(slash + 1, end);
            slash = end;
            if (segment.isEmpty()) {
                continue;
            }
            if (++segments > MOST_SEGMENTS || seen.merge(segment, 1, Integer::sum) >= MOST_REPETITIONS) {
                return true;
            }
        }
        return false;
    }

    /**
     * What an address has in common with those that are alike: its path with numbers blotted out, and whether there is a
     * query. Null if it is like no other.
     */
    static @Nullable String of(URI address) {
        String path = address.getRawPath();
        StringBuilder shape = new StringBuilder(path.length() + 1);
        boolean digits = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean digit = c >= '0' && c <= '9';
            if (!digit) {
                shape.append(c);
            } else if (shape.isEmpty() || shape.charAt(shape.length() - 1) != '#') {
                shape.append('#');
            }
            digits |= digit;
        }
        if (address.getRawQuery() != null) {
            return shape.append('?').toString();
        }
        return digits ? shape.toString() : null;
    }
}
