package dev.yibu.sync;

/**
 * The arithmetic of a bucket that holds at most {@code burst} permits, is full at first, and gets {@code permits} of them
 * in each {@code period}, evenly. It is one number: the time at which the bucket will be full again. Taking moves that
 * time away; it may not lie further ahead than an empty bucket takes to fill.
 *
 * <p>Times are in nanoseconds and parts of a nanosecond, of which there are as many as {@code permits}: nothing is ever
 * rounded, so the rate is exact. Not thread-safe.
 */
final class TokenBucket {
    private final int permits;
    private final int burst;

    // What one permit takes.
    private final long intervalNanos;
    private final long intervalParts;

    // When it is full again; before the first use, for ever.
    private boolean used;
    private long fullAtNanos;
    private long fullAtParts;

    TokenBucket(int permits, long periodNanos, int burst) {
        this.permits = permits;
        this.burst = burst;
        this.intervalNanos = periodNanos / permits;
        this.intervalParts = periodNanos % permits;
        if (intervalNanos >= Long.MAX_VALUE / 4 / burst) {
            throw new IllegalArgumentException("a burst of " + burst + " would take more than 73 years to refill");
        }
    }

    int burst() {
        return burst;
    }

    /** Takes so many, if they are there. */
    boolean take(int count, long nowNanos) {
        long baseNanos = nowNanos;
        long baseParts = 0;
        if (used && fullAtNanos - nowNanos >= 0) {
            baseNanos = fullAtNanos;
            baseParts = fullAtParts;
        }
        long parts = baseParts + partsOf(count);
        long nanos = baseNanos + nanosOf(count) + parts / permits;
        parts %= permits;
        if (!isWithinBurst(nanos - nowNanos, parts)) {
            return false;
        }
        used = true;
        fullAtNanos = nanos;
        fullAtParts = parts;
        return true;
    }

    private boolean isWithinBurst(long nanos, long parts) {
        long mostNanos = nanosOf(burst) + partsOf(burst) / permits;
        long mostParts = partsOf(burst) % permits;
        return nanos < mostNanos || (nanos == mostNanos && parts <= mostParts);
    }

    /** The first time at which {@link #take} succeeds, after it has failed and if nobody else takes. */
    long dueNanos(int count) {
        int rest = burst - count;
        long restNanos = nanosOf(rest) + partsOf(rest) / permits;
        long restParts = partsOf(rest) % permits;
        return fullAtNanos - restNanos + (fullAtParts > restParts ? 1 : 0);
    }

    /** How many are there. */
    int available(long nowNanos) {
        if (!used || fullAtNanos - nowNanos < 0) {
            return burst;
        }
        int some = 0;
        int tooMany = burst;
        while (tooMany - some > 1) { // it is used, so it isn't full
            int count = (some + tooMany) >>> 1;
            if (dueNanos(count) - nowNanos <= 0) {
                some = count;
            } else {
                tooMany = count;
            }
        }
        return dueNanos(tooMany) - nowNanos <= 0 ? tooMany : some;
    }

    private long nanosOf(int count) {
        return intervalNanos * count;
    }

    private long partsOf(int count) {
        return intervalParts * count;
    }
}
