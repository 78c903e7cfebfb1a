package dev.yibu.tests.adapters;

/** Threads that OkHttp keeps for all clients of a JVM, for about a minute after their last work. */
public final class OkHttpThreads {
    private OkHttpThreads() {}

    /**
     * Its task runner's threads keep the name of their last task while they wait for the next one, which may be planned ahead
     * by minutes. One that still reads from a connection is betrayed by the connection's descriptor.
     */
    public static boolean areShared(String threadName) {
        return threadName.startsWith("OkHttp ") || threadName.startsWith("Okio Watchdog");
    }
}
