package dev.yibu.cli;

import java.util.Arrays;

/** How many visits ended when: a bounded number of equal stretches of time, which get longer as time goes by. */
final class Timeline {
    private static final int STRETCHES = 128;

    private final long[] visits = new long[STRETCHES];
    private final long[] errors = new long[STRETCHES];
    private long width = 100;
    private long start;
    private boolean begun;

    /** Notes a visit that ended at a time in milliseconds. */
    void add(long time, boolean error) {
        if (!begun) {
            begun = true;
            start = Math.floorDiv(time, width) * width;
        }
        while (time < start || time >= start + width * STRETCHES) {
            widen();
        }
        int stretch = (int) ((time - start) / width);
        visits[stretch]++;
        errors[stretch] += error ? 1 : 0;
    }

    /** Two stretches become one; what comes before the start may find its place at a multiple of the new width. */
    private void widen() {
        long wider = width * 2;
        long newStart = Math.floorDiv(start, wider) * wider;
        long[] oldVisits = visits.clone();
        long[] oldErrors = errors.clone();
        Arrays.fill(visits, 0);
        Arrays.fill(errors, 0);
        // Half of the room lies in front of what there is, as long as nothing lies there.
        int lastUsed = 0;
        for (int i = 0; i < STRETCHES; i++) {
            int to = (int) ((start + i * width - newStart) / wider);
            visits[to] += oldVisits[i];
            errors[to] += oldErrors[i];
            lastUsed = oldVisits[i] > 0 ? to : lastUsed;
        }
        int shift = Math.min(STRETCHES - 1 - lastUsed, STRETCHES / 4);
        System.arraycopy(visits, 0, visits, shift, STRETCHES - shift);
        Arrays.fill(visits, 0, shift, 0);
        System.arraycopy(errors, 0, errors, shift, STRETCHES - shift);
        Arrays.fill(errors, 0, shift, 0);
        start = newStart - shift * wider;
        width = wider;
    }

    /** How long a stretch is, in milliseconds. */
    long width() {
        return width;
    }

    /** How many visits ended in each stretch, from the first in which one did to the last. */
    long[] visits() {
        return trimmed(visits);
    }

    /** How many of them had an error. */
    long[] errors() {
        return trimmed(errors);
    }

    private long[] trimmed(long[] numbers) {
        int first = 0;
        int last = STRETCHES;
        while (first < last && visits[first] == 0) {
            first++;
        }
        while (last > first && visits[last - 1] == 0) {
            last--;
        }
        return Arrays.copyOfRange(numbers, first, last);
    }
}
