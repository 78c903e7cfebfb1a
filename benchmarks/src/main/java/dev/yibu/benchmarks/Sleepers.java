package dev.yibu.benchmarks;

/** Many tasks that are asleep for an hour. */
interface Sleepers {

    /** Makes all of them end, and returns when they have. */
    void cancelAndJoin() throws Exception;

    /** Waits until all have begun, and a little longer, so that the last ones are asleep too. */
    static void awaitAsleep(Countdown begun) throws InterruptedException {
        begun.await();
        Thread.sleep(300);
    }
}
