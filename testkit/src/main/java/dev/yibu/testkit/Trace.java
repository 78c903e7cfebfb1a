package dev.yibu.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** What happened in a simulated run, a line a step: the beginning and the end. Guarded by the world's lock. */
final class Trace {
    private static final int BEGINNING = 200;
    private static final int END = 800;

    private final List<String> beginning = new ArrayList<>();
    private final Deque<String> end = new ArrayDeque<>();
    private long dropped;

    void add(long nanos, String who, String what) {
        String line = String.format(Locale.ROOT, "%12.6f s  %-24s %s", nanos / 1e9, who, what);
        if (beginning.size() < BEGINNING) {
            beginning.add(line);
            return;
        }
        if (end.size() == END) {
            end.remove();
            dropped++;
        }
        end.add(line);
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>(beginning);
        if (dropped > 0) {
            lines.add("             ... " + dropped + " more ...");
        }
        lines.addAll(end);
        return String.join("\n", lines);
    }
}
