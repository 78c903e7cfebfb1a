package dev.yibu.lowlevel;

import java.time.Duration;
import java.util.Objects;

/** Saturating arithmetic on the scale of {@link Driver#nanoTime()}. */
public final class Deadlines {
    /** Half the range of the clock, 146 years: differences of such times still compare correctly. */
    private static final long FAR_AWAY = Long.MAX_VALUE / 2;

    private Deadlines() {}

    /**
     * A time that lies after another; "never" if it is further away than 146 years.
     *
     * @param nowNanos a time
     * @param delayNanos how much later
     * @return the later time
     */
    public static long after(long nowNanos, long delayNanos) {
        return nowNanos + Math.clamp(delayNanos, 0, FAR_AWAY);
    }

    /**
     * A duration in nanoseconds, saturated where a {@code long} can't hold it.
     *
     * @param duration any duration
     * @return its nanoseconds, or the nearest {@code long}
     */
    public static long saturatedNanos(Duration duration) {
        Objects.requireNonNull(duration, "duration");
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
