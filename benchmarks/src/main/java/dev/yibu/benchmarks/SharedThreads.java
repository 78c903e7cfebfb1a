package dev.yibu.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A study: the tasks of one gather share a virtual thread until one of them waits. Whoever runs tasks has a successor in the
 * scheduler's queue; when a task parks, whatever the reason, the carrier comes to the successor, which goes on with the next
 * task after it has queued a successor of its own. So nothing has to notice that a task waits.
 *
 * <p>As the floor in {@link RawThreads}: failures would be lost, nothing can be cancelled. Why the library does not do it is
 * in {@code adr/0010}.
 */
final class SharedThreads implements Runnable {
    private final List<Integer> items;
    private final UnaryOperator<Integer> work;
    private final Integer[] results;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean successorIsQueued = new AtomicBoolean();
    private final Countdown running;

    private SharedThreads(List<Integer> items, UnaryOperator<Integer> work) {
        this.items = items;
        this.work = work;
        results = new Integer[items.size()];
        running = new Countdown(results.length);
    }

    static List<Integer> gather(List<Integer> items) {
        return gather(items, Work::of);
    }

    static List<Integer> gather(List<Integer> items, UnaryOperator<Integer> work) {
        SharedThreads threads = new SharedThreads(items, work);
        threads.queueSuccessor();
        threads.running.await();
        return Arrays.asList(threads.results);
    }

    @Override
    public void run() {
        successorIsQueued.setRelease(false);
        int done = 0;
        int index;
        while ((index = next.getAndIncrement()) < results.length) {
            if (index < results.length - 1) {
                queueSuccessor();
            }
            results[index] = work.apply(items.get(index));
            done++;
        }
        running.countDown(done);
    }

    private void queueSuccessor() {
        if (!successorIsQueued.getPlain() && successorIsQueued.compareAndSet(false, true)) {
            Thread.startVirtualThread(this);
        }
    }
}
