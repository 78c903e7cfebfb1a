package dev.yibu.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until a test moves it: for code that takes an {@link InstantSource}. In a simulated world {@link
 * dev.yibu.Async#clock()} moves by itself, with the sleeps.
 *
 * <p><b>Thread-safety.</b> Any thread may read and move it.
 */
public final class ManualClock implements InstantSource {
    private final AtomicReference<Instant> now;

    /**
     * A clock.
     *
     * @param start the time that it shows first
     */
    public ManualClock(Instant start) {
        this.now = new AtomicReference<>(Objects.requireNonNull(start, "start"));
    }

    /**
     * Moves the clock forward.
     *
     * @param duration how far, zero or more
     * @throws IllegalArgumentException if the duration is negative; use {@link #set} to go back
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a clock can't advance by " + duration + "; set(...) moves it back");
        }
        now.updateAndGet(before -> before.plus(duration));
    }

    /**
     * Sets the clock, backwards if need be.
     *
     * @param instant the time to show
     */
    public void set(Instant instant) {
        now.set(Objects.requireNonNull(instant, "instant"));
    }

    @Override
    public Instant instant() {
        return now.get();
    }
}
