package dev.yibu.crawler;

import java.time.Duration;
import java.util.Objects;

/**
 * How hosts are treated.
 *
 * @param perHost how many requests a host gets at a time, at most
 * @param delay how long a host is left alone after each request; if it is not zero, or if the host's {@code robots.txt}
 *     asks for a delay, the host gets one request at a time. The longer of the two counts
 */
public record Politeness(int perHost, Duration delay) {
    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if {@code perHost} is not positive or {@code delay} is negative
     */
    public Politeness {
        Objects.requireNonNull(delay, "delay");
        if (perHost < 1) {
            throw new IllegalArgumentException(
                    "the number of requests for each host is " + perHost + "; it has to be at least 1");
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("the delay is " + delay + "; it has to be at least 0");
        }
    }

    /**
     * Ten at a time, and no delay but what robots.txt asks for.
     *
     * @return the options
     */
    public static Politeness defaults() {
        return new Politeness(10, Duration.ZERO);
    }

    /**
     * These options with another bound for each host.
     *
     * @param perHost how many requests a host gets at a time
     * @return the options
     */
    public Politeness withPerHost(int perHost) {
        return new Politeness(perHost, delay);
    }

    /**
     * These options with another delay.
     *
     * @param delay how long a host is left alone after each request
     * @return the options
     */
    public Politeness withDelay(Duration delay) {
        return new Politeness(perHost, delay);
    }
}
