package dev.yibu.testkit;

import java.time.Duration;

/**
 * How far a simulated run may go.
 *
 * @param steps how many choices and waits, until it counts as endless
 * @param patience how long, in real time, foreign code may keep everything else waiting
 * @param everywhere whether each call of the driver is a place to be preempted, also those that wait for nothing; for
 *     tests of primitives that are built on {@link dev.yibu.lowlevel}
 */
record Limits(long steps, Duration patience, boolean everywhere) {}
