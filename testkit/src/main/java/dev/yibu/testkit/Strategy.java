package dev.yibu.testkit;

/** How the schedules of an exploration are found. */
public enum Strategy {
    /** First come, first served, and nobody loses the turn before it waits: one schedule, the plainest. */
    IN_ORDER,
    /** At each step everybody who could go on is as likely as everybody else. */
    RANDOM,
    /**
     * Random priorities with a few random changes: finds bugs that need few orderings in long runs. Known as PCT,
     * probabilistic concurrency testing.
     */
    PRIORITIES,
    /** Every schedule with at most a given number of preemptions: for small programs. */
    EXHAUSTIVE
}
