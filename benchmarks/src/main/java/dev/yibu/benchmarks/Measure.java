package dev.yibu.benchmarks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What an experiment compares; less is better. */
enum Measure {
    /** Wall time of a unit, in nanoseconds. */
    TIME("time") {
        @Override
        String text(double nanos) {
            if (nanos < 10_000) {
                return number("%.0f ns", nanos);
            }
            if (nanos < 10_000_000) {
                return number("%.1f µs", nanos / 1e3);
            }
            return nanos < 1e9 ? number("%.0f ms", nanos / 1e6) : number("%.2f s", nanos / 1e9);
        }
    },
    /** What a unit keeps alive of the heap, in bytes. */
    LIVE_HEAP("live heap") {
        @Override
        String text(double bytes) {
            return bytes(bytes);
        }
    };

    private final String title;

    Measure(String title) {
        this.title = title;
    }

    @JsonValue
    String title() {
        return title;
    }

    abstract String text(double value);

    static String bytes(double bytes) {
        if (bytes < 10_000) {
            return number("%.0f B", bytes);
        }
        return bytes < 1e7 ? number("%.0f kB", bytes / 1e3) : number("%,.0f MB", bytes / 1e6);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
