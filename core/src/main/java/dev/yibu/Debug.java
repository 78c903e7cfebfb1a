package dev.yibu;

import java.util.concurrent.atomic.AtomicInteger;

/** Debug mode: {@code -Dyibu.debug=true}, the environment's {@code YIBU_DEBUG=1}, or a {@code run} that asked for it. */
final class Debug {
    private static final boolean ALWAYS = Boolean.getBoolean("yibu.debug") || "1".equals(System.getenv("YIBU_DEBUG"));
    private static final AtomicInteger RUNS = new AtomicInteger();

    private Debug() {}

    static boolean enabled() {
        return ALWAYS || RUNS.get() > 0;
    }

    static void begin() {
        RUNS.incrementAndGet();
    }

    static void end() {
        RUNS.decrementAndGet();
    }
}
