package dev.yibu.benchmarks;

/** Timers that are pending. */
interface Timers extends AutoCloseable {

    /** Starts so many. */
    interface Source {
        Timers occupy(int count);
    }

    /** Cancels them. */
    @Override
    void close();
}
